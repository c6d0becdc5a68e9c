"""What two maps have in common: the elements, and the version from which both went on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.models import Q, QuerySet

from journeys.document.diff import by_origin
from journeys.models import JourneyMap, Merge
from journeys.queries.elements import elements_of_map
from journeys.queries.maps import journey_map
from journeys.queries.moments import Moment
from journeys.queries.versions import version_of

_ORIGINS = (Path(__file__).parent / "sql" / "origins.sql").read_text()


def origins(row: JourneyMap) -> Mapping[str, tuple[str, ...]]:
    """Return {element: what it is a copy of, what that is a copy of …} of those that are copies."""
    with connection.cursor() as cursor:
        cursor.execute(_ORIGINS, {"workspace": row.workspace_id, "map": row.pk})
        rows: list[tuple[uuid.UUID, uuid.UUID]] = cursor.fetchall()
    found: dict[str, tuple[str, ...]] = {}
    for element, ancestor in rows:
        found[str(element)] = (*found.get(str(element), ()), str(ancestor))
    return found


def counterparts(here: JourneyMap, there: JourneyMap) -> dict[str, str]:
    """Return {element of `there`: the same of `here`} by origin, also of those that no document has now."""
    return by_origin(_kinds(here), _kinds(there), origins(here), origins(there))


def merges_of(row: JourneyMap) -> QuerySet[Merge, Merge]:
    """Return what was merged into a map."""
    return Merge.objects.filter(workspace_id=row.workspace_id, journey_map=row)


def merge_base(here: JourneyMap, there: JourneyMap) -> Moment:
    """Return the last state that two maps share, by a copy or a merge; nothing, where they are strangers."""
    shared: list[tuple[datetime, JourneyMap, int]] = []
    if there.origin_id == here.pk:
        shared.append((there.created_at, here, there.origin_version or 0))
    if here.origin_id == there.pk:
        shared.append((here.created_at, there, here.origin_version or 0))
    if here.origin_id is not None and here.origin_id == there.origin_id:
        original = journey_map(here.workspace_id, str(here.origin_id))
        first = min(here.origin_version or 0, there.origin_version or 0)
        shared.append((min(here.created_at, there.created_at), original, first))
    for row in _merges_between(here, there):
        source = there if row.source_map_id == there.pk else here
        shared.append((row.created_at, source, row.source_version or 0))
    if not shared:
        return Moment(here)
    _, row_of, number = max(shared, key=lambda one: one[0])
    return Moment(row_of, version=version_of(row_of, str(number))) if number else Moment(row_of)


def _merges_between(here: JourneyMap, there: JourneyMap) -> QuerySet[Merge, Merge]:
    either = Q(journey_map=here, source_map_id=there.pk) | Q(journey_map=there, source_map_id=here.pk)
    rows = Merge.objects.filter(either, workspace_id=here.workspace_id, source_version__isnull=False)
    return rows.order_by("-created_at", "-id")[:1]


def _kinds(row: JourneyMap) -> dict[str, str]:
    rows = elements_of_map(row.workspace_id, row.pk).values_list("id", "kind")
    return {str(own): kind for own, kind in rows}
