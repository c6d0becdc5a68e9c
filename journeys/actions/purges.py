"""Purge: a whole map goes, with all that hangs on it; who, when and why stays.

An owner's function deletes (journeys/migrations/0010_erasure.py): it alone may pass the triggers of versions
and bodies, and it finds by foreign keys what belongs to the map, in rooms above too. Readings stay: they are
the KPIs'.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from journeys import queries
from journeys.actions.maps import bump_maps
from journeys.models import Collection, JourneyMap, Purge
from journeys.queries.erasures import erase_alone
from service.credentials import Caller
from service.errors import Conflict, Issue
from service.events import emit, strip_events
from service.idempotency import void_answers
from service.ids import new_id
from service.kept import forget_kept

_PURGE = "SELECT purge_map(%(id)s, %(map)s, %(reason)s, %(author)s, %(author_name)s, %(at)s)"


class NotConfirmed(Conflict):
    code, title = "not_confirmed", "What is to be purged has another name."


@transaction.atomic(savepoint=False)
def purge_map(*, journey_map: JourneyMap, confirm: str, reason: str, caller: Caller, at: datetime) -> Purge:
    """Delete the map, archived or not. confirm: its name.

    Raises NotConfirmed, NotFound (gone meanwhile).
    """
    workspace_id = journey_map.workspace_id
    erase_alone(workspace_id)
    row = queries.journey_map(workspace_id, str(journey_map.pk))
    if confirm != row.name:
        raise NotConfirmed(
            issues=[Issue("/confirm", "not_confirmed", "Give the name of the map, as it is now.")]
        )
    if row.parent_map_id is not None:
        bump_maps(workspace_id=workspace_id, map_ids=[row.parent_map_id])
    row_id = new_id()
    values: dict[str, Any] = {
        "id": row_id,
        "map": row.pk,
        "reason": reason,
        "author": caller.credential_id,
        "author_name": caller.name,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PURGE, values)
    _erase_traces(workspace_id, row.pk, at)
    told = {"journey_map": str(row.pk), "purge": str(row_id)}
    emit(workspace_id=workspace_id, type="map.purged", data=told, at=at)
    return queries.purge(workspace_id, row_id)


def _erase_traces(workspace_id: uuid.UUID, map_id: uuid.UUID, at: datetime) -> None:
    """Erase what no foreign key leads to: collections that list it, events, answers, what is kept here."""
    for row in Collection.objects.select_for_update().filter(
        workspace_id=workspace_id, journey_maps__contains=[map_id]
    ):
        row.journey_maps = [own for own in row.journey_maps if own != map_id]
        row.row_version += 1
        row.updated_at = at
        row.save(update_fields=["journey_maps", "row_version", "updated_at"])
    strip_events(workspace_id=workspace_id, texts=[str(map_id)])
    void_answers(workspace_id=workspace_id)
    transaction.on_commit(forget_kept)
