"""Maps: made with their draft, renamed by it, given keys, archived."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from journeys.actions.draft_store import insert_draft
from journeys.actions.registration import IdentityTaken
from journeys.document.bodies import split
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.models import JourneyMap
from service import resources
from service.ids import new_id
from service.preconditions import IfMatch
from service.sql import array, fetch

MAX_MAPS = 1000

# The function is written in journeys/migrations/0006_maps_above.py.
# Its answer is cast: `void` has no binary form.
_BUMP = "SELECT bump_maps(%(workspace)s, %(maps)s::uuid[])::text"


@transaction.atomic(savepoint=False)
def create_map(
    *,
    workspace_id: uuid.UUID,
    document: Document,
    at: datetime,
    key: str | None = None,
    attributes: Mapping[str, str] | None = None,
    map_id: uuid.UUID | None = None,
) -> JourneyMap:
    """Store a new map whose draft is `document`, ids minted where it has none; `map_id` is minted, too.

    Raises KeyTaken, LimitReached (`journey_maps`), IdentityTaken (pointers under /document).
    """
    check_maps(workspace_id)
    document = with_ids(document, new_id)
    journey_map = resources.add(
        JourneyMap(
            id=map_id or new_id(),
            workspace_id=workspace_id,
            key=key or None,
            attributes=dict(attributes or {}),
            name=document.name,
            created_at=at,
            updated_at=at,
        )
    )
    try:
        journey_map.draft = insert_draft(journey_map=journey_map, now=split(document), at=at)
    except IdentityTaken as refusal:
        raise refusal.under("/document") from None
    return journey_map


def check_maps(workspace_id: uuid.UUID) -> None:
    """Refuse one more map than the workspace may have. Raises LimitReached (`journey_maps`)."""
    maps = JourneyMap.objects.filter(workspace_id=workspace_id, archived_at=None)
    resources.check_limit(maps, workspace_id=workspace_id, name="journey_maps", default=MAX_MAPS)


def change_map(
    *, journey_map: JourneyMap, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> JourneyMap:
    """Write what a map is beside its draft. Raises PreconditionFailed, KeyTaken, NotFound (archived)."""
    return resources.change(journey_map, values, expected=expected, at=at)


@transaction.atomic(savepoint=False)
def archive_map(*, journey_map: JourneyMap, expected: IfMatch, at: datetime) -> JourneyMap:
    """Take the map out of lists; as-of reads before `at` still answer.

    Raises PreconditionFailed, NotFound.
    """
    if journey_map.parent_map_id is not None:
        bump_maps(workspace_id=journey_map.workspace_id, map_ids=[journey_map.pk])
    return resources.archive(journey_map, expected=expected, at=at)


def bump_maps(*, workspace_id: uuid.UUID, map_ids: Iterable[uuid.UUID]) -> None:
    """Say that what is shown live of these maps changed, and so of those above them.

    Call it last, once per transaction.
    """
    maps = sorted(set(map_ids))
    if maps:
        fetch(_BUMP, {"workspace": workspace_id, "maps": array(maps)})
