"""Elements as identities: what the rooms above bind things to."""

from __future__ import annotations

import re
import uuid

from django.db.models import QuerySet

from journeys.models import Element, JourneyMap
from journeys.queries.content import draft_manifest, version_manifest
from journeys.queries.drafts import draft_of
from journeys.queries.outline import named
from journeys.queries.versions import latest_version
from service.errors import NotFound

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def elements_of_map(workspace_id: uuid.UUID, map_id: uuid.UUID) -> QuerySet[Element, Element]:
    """Return every element that the map ever had, in the order in which they were registered."""
    return Element.objects.filter(workspace_id=workspace_id, journey_map_id=map_id).order_by("number")


def element(journey_map: JourneyMap, ref: str) -> Element:
    """Return the element of the map that an id, or a key in the draft or else the latest version, names.

    An id finds elements that no document holds any more, too. Raises NotFound.
    """
    own = uuid.UUID(ref) if _UUID.fullmatch(ref) else _by_key(journey_map, ref)
    rows = elements_of_map(journey_map.workspace_id, journey_map.pk)
    row = rows.filter(id=own).first() if own else None
    if row is None:
        raise NotFound(f"The map has no element {ref!r}.")
    return row


def _by_key(journey_map: JourneyMap, key: str) -> uuid.UUID | None:
    found = named(draft_manifest(draft_of(journey_map)), key)
    if found is None and (version := latest_version(journey_map)) is not None:
        found = named(version_manifest(version), key)
    return found
