"""What was erased, where something stands that is to be, and the lock between writers and erasers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from journeys.document.redaction import Target, mark_of, mark_of_key
from journeys.models import JourneyMap, Purge, Redaction
from service.errors import NotFound
from service.tenancy import advisory_lock

_KIN = (Path(__file__).parent / "sql" / "element_kin.sql").read_text()
_HELD = (Path(__file__).parent / "sql" / "item_held.sql").read_text()


@dataclass(frozen=True, slots=True)
class Held:
    """Where an item stands: of which map, and in which version (its id; None: in the draft)."""

    journey_map_id: uuid.UUID
    version_id: uuid.UUID | None


def hold_off_erasure(workspace_id: uuid.UUID) -> None:
    """Let nobody erase until the transaction ends: for whoever writes what it has read of a version or draft.

    Before anything of it is read; publishing and `locked_draft` do so themselves.
    """
    advisory_lock("erasure", workspace_id, shared=True)


def erase_alone(workspace_id: uuid.UUID) -> None:
    """Wait for all who hold erasing off, and keep them waiting until the transaction ends."""
    advisory_lock("erasure", workspace_id)


def target_of(journey_map: JourneyMap, item: str) -> Target:
    """Return what an id or a cluster's key names: an element goes by other ids in copies of its map."""
    try:
        own = uuid.UUID(item)
    except ValueError:
        return Target(cluster=item)
    if own == journey_map.pk:
        return Target(whole=True)
    with connection.cursor() as cursor:
        cursor.execute(_KIN, {"workspace": journey_map.workspace_id, "item": own})
        return Target(frozenset([own, *(found for (found,) in cursor.fetchall())]))


def held(journey_map: JourneyMap, target: Target) -> list[Held]:
    """Return where the workspace holds it: entries of lanes, personas and elements in any map, a cluster of
    that key in this map and those that are copies of it, or that it is a copy of; what a map says of itself
    in all versions and drafts of these, its own first."""
    mark = mark_of_key(target.cluster) if target.cluster else None
    values: dict[str, Any] = {
        "workspace": journey_map.workspace_id,
        "map": journey_map.pk,
        "ids": list(target.ids),
        "marks": [mark_of(own) for own in target.ids],
        "cluster": mark,
        "whole": target.whole,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HELD, values)
        found = [Held(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda place: place.journey_map_id != journey_map.pk)


def redactions(workspace_id: uuid.UUID) -> QuerySet[Redaction, Redaction]:
    return Redaction.objects.filter(workspace_id=workspace_id)


def redaction(workspace_id: uuid.UUID, redaction_id: uuid.UUID) -> Redaction:
    """Raises NotFound."""
    found = redactions(workspace_id).filter(pk=redaction_id).first()
    if found is None:
        raise NotFound("There was no such redaction.")
    return found


def purges(workspace_id: uuid.UUID) -> QuerySet[Purge, Purge]:
    return Purge.objects.filter(workspace_id=workspace_id)


def purge(workspace_id: uuid.UUID, purge_id: uuid.UUID) -> Purge:
    """Raises NotFound."""
    found = purges(workspace_id).filter(pk=purge_id).first()
    if found is None:
        raise NotFound("There was no such purge.")
    return found
