"""A map copied: its elements are new ones that remember their origin, its content is shared."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from journeys import queries
from journeys.actions.draft_store import insert_draft
from journeys.actions.maps import check_maps
from journeys.document.bodies import split
from journeys.document.diff import with_element_ids
from journeys.document.validate import parse
from journeys.models import JourneyMap
from journeys.queries import Moment
from service import resources
from service.ids import new_id


@transaction.atomic(savepoint=False)
def copy_map(
    *,
    source: Moment,
    name: str = "",
    state: str = "",
    key: str | None = None,
    attributes: Mapping[str, str] | None = None,
    at: datetime,
) -> JourneyMap:
    """Store a new map whose draft is what the source said. "" keeps name and state.

    What an element continues is of the other map's past and stays there. Raises KeyTaken, LimitReached.
    """
    workspace_id = source.journey_map.workspace_id
    check_maps(workspace_id)
    plain = queries.with_references(source.plain(), workspace_id)
    ids = {own: str(new_id()) for own in _elements(plain)}
    given = {member: value for member, value in (("name", name), ("state", state)) if value}
    document = parse(_without_past(with_element_ids(plain, ids)) | given)
    journey_map = resources.add(
        JourneyMap(
            workspace_id=workspace_id,
            key=key or None,
            attributes=dict(attributes or {}),
            name=document.name,
            origin_id=source.journey_map.pk,
            origin_version=source.version.number if source.version else source.journey_map.last_version,
            created_at=at,
            updated_at=at,
        )
    )
    origins = {uuid.UUID(new): uuid.UUID(old) for old, new in ids.items()}
    journey_map.draft = insert_draft(journey_map=journey_map, now=split(document), origins=origins, at=at)
    return journey_map


def _elements(plain: Mapping[str, Any]) -> list[str]:
    stages = plain.get("stages", ())
    return [element["id"] for stage in stages for element in (stage, *stage.get("touchpoints", ()))]


def _without_past(plain: dict[str, Any]) -> dict[str, Any]:
    for stage in plain.get("stages", ()):
        for element in (stage, *stage.get("touchpoints", ())):
            element.pop("continues", None)
    return plain
