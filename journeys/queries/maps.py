"""Maps by id or key, and their lists. Every query names the workspace first."""

from __future__ import annotations

import uuid

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


def open_map(workspace_id: uuid.UUID, ref: str) -> JourneyMap:
    """Return an unarchived map, which alone may change. Raises NotFound."""
    row = journey_map(workspace_id, ref)
    if row.archived_at is not None:
        raise NotFound(f"The map was archived at {row.archived_at.isoformat()}.")
    return row


def map_with_id(workspace_id: uuid.UUID, map_id: uuid.UUID) -> JourneyMap | None:
    """Return the map of that id, archived or not; None where there is none."""
    return _with_draft(workspace_id).filter(id=map_id).first()


def _with_draft(workspace_id: uuid.UUID) -> QuerySet[JourneyMap, JourneyMap]:
    rows = JourneyMap.objects.filter(workspace_id=workspace_id)
    return rows.select_related("draft").defer("draft__elements", "draft__personas", "draft__references")
