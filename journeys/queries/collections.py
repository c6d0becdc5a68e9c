"""Collections of maps, and the maps in them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from journeys.models import Collection, JourneyMap
from service.resources import open_ref


def collections(
    workspace_id: uuid.UUID, *, key: str = "", q: str = "", journey_map: uuid.UUID | None = None
) -> QuerySet[Collection, Collection]:
    """Return the unarchived collections: with that key, that part of a name, that map in them."""
    rows = Collection.objects.filter(workspace_id=workspace_id, archived_at=None)
    if key:
        rows = rows.filter(key=key)
    if journey_map is not None:
        rows = rows.filter(journey_maps__contains=[journey_map])
    return rows.filter(name__icontains=q) if q else rows


def collection(workspace_id: uuid.UUID, ref: str) -> Collection:
    """Return the unarchived collection that an id or key names. Raises NotFound."""
    return open_ref(Collection.objects.filter(workspace_id=workspace_id), ref)


def maps_of(workspace_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, JourneyMap]:
    """Return maps by id, archived ones too."""
    rows = JourneyMap.objects.filter(workspace_id=workspace_id, id__in=set(ids))
    return {row.id: row for row in rows}


def maps_named(workspace_id: uuid.UUID, refs: Iterable[str]) -> dict[str, JourneyMap]:
    """Return maps by each id and key that is among `refs`; of archived ones only by id."""
    named = set(refs)
    ids = {own for own in map(_id, named) if own is not None}
    rows = JourneyMap.objects.filter(Q(id__in=ids) | Q(key__in=named, archived_at=None))
    found: dict[str, JourneyMap] = {}
    for row in rows.filter(workspace_id=workspace_id):
        found |= {name: row for name in (str(row.id), row.key) if name}
    return found


def _id(ref: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(ref)
    except ValueError:
        return None
