"""Maps by id or key, and their lists. Every query names the workspace first."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from journeys.models import JourneyMap
from service.errors import NotFound
from service.resources import by_ref


def journey_maps(workspace_id: uuid.UUID, *, key: str = "", q: str = "") -> QuerySet[JourneyMap, JourneyMap]:
    """Return the unarchived maps with their drafts (without the documents).

    `key` is exact, `q` is part of the name in any case; "" leaves the filter out.
    """
    rows = _with_draft(workspace_id).filter(archived_at=None)
    if key:
        rows = rows.filter(key=key)
    if q:
        rows = rows.filter(name__icontains=q)
    return rows


def journey_map(workspace_id: uuid.UUID, ref: str) -> JourneyMap:
    """Return the map that an id or key names, with its draft; an id finds an archived one too.

    Raises NotFound.
    """
    return by_ref(_with_draft(workspace_id), ref)


def open_map(workspace_id: uuid.UUID, ref: str, at: datetime | None = None) -> JourneyMap:
    """Return a map that is not archived, which alone may change; or was not yet at `at`. Raises NotFound."""
    row = journey_map(workspace_id, ref)
    if row.archived_at is not None and (at is None or row.archived_at <= at):
        raise NotFound(f"The map was archived at {row.archived_at.isoformat()}.")
    return row


def map_with_id(workspace_id: uuid.UUID, map_id: uuid.UUID) -> JourneyMap | None:
    """Return the map of that id, archived or not; None where there is none."""
    return _with_draft(workspace_id).filter(id=map_id).first()


def children_of(
    journey_map: JourneyMap, *, touchpoint: uuid.UUID | None = None
) -> QuerySet[JourneyMap, JourneyMap]:
    """Return the unarchived maps that show a touchpoint of this one in detail, as published."""
    rows = _with_draft(journey_map.workspace_id).filter(archived_at=None, parent_map_id=journey_map.pk)
    return rows.filter(parent_touchpoint=touchpoint) if touchpoint else rows


def maps_above(workspace_id: uuid.UUID, map_id: uuid.UUID | None) -> Iterator[uuid.UUID]:
    """Yield a map and those above it, as published, each once."""
    seen: set[uuid.UUID] = set()
    while map_id is not None and map_id not in seen:
        seen.add(map_id)
        yield map_id
        rows = JourneyMap.objects.filter(workspace_id=workspace_id, id=map_id)
        map_id = rows.values_list("parent_map_id", flat=True).first()


def _with_draft(workspace_id: uuid.UUID) -> QuerySet[JourneyMap, JourneyMap]:
    rows = JourneyMap.objects.filter(workspace_id=workspace_id)
    return rows.select_related("draft").defer("draft__elements", "draft__personas", "draft__references")
