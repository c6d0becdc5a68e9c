"""Which bindings something touches, and how they stood before: what a refresh reads before it works."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Min

from kpis.models.bindings import BindingState
from kpis.models.definitions import Series
from kpis.queries.bindings import Term, read_labels
from kpis.queries.sql import array, fetch, statement

_BY_SERIES = statement("touched_bindings")
_BY_NAME = statement("named_bindings")
_PARTS = """
WITH RECURSIVE asked AS (
  SELECT unnest(%(kpis)s::uuid[]) AS kpi_id
  UNION
  SELECT input.kpi_id
  FROM asked
  JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.kpi_id = asked.kpi_id AND r.inputs <> '{}'
  CROSS JOIN LATERAL unnest(r.inputs) AS input (kpi_id)
)
SELECT kpi_id FROM asked
"""
_LOCK = """
SELECT id FROM binding WHERE workspace_id = %(workspace)s AND id = ANY(%(bindings)s::uuid[])
ORDER BY id FOR NO KEY UPDATE
"""
# Read after the lock, by a statement of its own: a snapshot taken before it could be out of date.
_BEFORE = statement("bindings_before")
_BROKEN_BY = """
SELECT DISTINCT ON (feed_id) feed_id, broken FROM feed_turn
WHERE workspace_id = %(workspace)s AND feed_id = ANY(%(feeds)s::uuid[]) AND recorded_at <= %(at)s
ORDER BY feed_id, recorded_at DESC, id DESC
"""


class Touched(msgspec.Struct, frozen=True, gc=False):
    """A binding that something touches. shown: it shows that now; else only the map's past does."""

    binding_id: uuid.UUID
    journey_map_id: uuid.UUID
    shown: bool


class Before(msgspec.Struct, frozen=True, gc=False):
    """How a locked binding stands; status, freshness and entry None where it never was worked out.

    clock: the database's, read under the lock: everything recorded before it can be seen. personas: the map
    is also seen for personas, whose figures stand in no state.
    """

    term: Term
    status: str | None
    freshness: str | None
    entry: str | None
    clock: datetime
    personas: bool


def hold_touched(*, workspace_id: uuid.UUID, series_ids: Collection[int]) -> list[Touched]:
    """Return the bindings that show these series, or what is made of them; lock those that are shown.

    Archived ones are not shown but touched, as their map's past may change. One statement.
    """
    rows = fetch(_BY_SERIES, {"workspace": workspace_id, "series": array(series_ids)})
    return [Touched(*row) for row in rows]


def named(
    *,
    workspace_id: uuid.UUID,
    kpi_ids: Collection[uuid.UUID] = (),
    binding_ids: Collection[uuid.UUID] = (),
) -> list[Touched]:
    """Return the bindings that show these KPIs, or what is made of them, or are these; none is locked."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kpis": array(kpi_ids),
        "bindings": array(binding_ids),
    }
    return [Touched(*row) for row in fetch(_BY_NAME, values)]


def lock_bindings(*, workspace_id: uuid.UUID, binding_ids: Collection[uuid.UUID]) -> None:
    """Lock the bindings in the order of their ids until the transaction ends."""
    fetch(_LOCK, {"workspace": workspace_id, "bindings": array(binding_ids)})


def before(
    *, workspace_id: uuid.UUID, binding_ids: Collection[uuid.UUID], entries: bool = False
) -> list[Before]:
    """Return how locked bindings stand, in the order shown; archived ones are left out. One statement.

    entries: theirs, too, for whoever compares them; else None.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "bindings": array(binding_ids),
        "entries": entries,
    }
    return [
        Before(
            Term(binding, journey_map, kpi, element, read_labels(selector), label, key, place),
            status,
            freshness,
            entry,
            clock,
            personas,
        )
        for (
            binding,
            journey_map,
            status,
            freshness,
            entry,
            clock,
            personas,
            kpi,
            element,
            selector,
            label,
            key,
            place,
        ) in fetch(_BEFORE, values)
    ]


def due_bindings(*, workspace_id: uuid.UUID, map_id: uuid.UUID | None, at: datetime) -> list[uuid.UUID]:
    """Return the bindings (of one map) whose state time has changed by `at`."""
    rows = BindingState.objects.filter(workspace_id=workspace_id, next_change_at__lte=at)
    if map_id is not None:
        rows = rows.filter(journey_map_id=map_id)
    return list(rows.order_by("binding_id").values_list("binding_id", flat=True))


def next_change_at(*, workspace_id: uuid.UUID, map_id: uuid.UUID) -> datetime | None:
    """Return when time alone next changes something on the map, None if it never will."""
    rows = BindingState.objects.filter(workspace_id=workspace_id, journey_map_id=map_id)
    first: datetime | None = rows.aggregate(first=Min("next_change_at"))["first"]
    return first


def with_parts(*, workspace_id: uuid.UUID, kpi_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return the KPIs and all that they are or were made of."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, {"workspace": workspace_id, "kpis": list(kpi_ids)})
        return {kpi_id for (kpi_id,) in cursor.fetchall()}


def broken_by(*, workspace_id: uuid.UUID, feeds: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Return the feeds that were broken at an instant of the past, as it was known then. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN_BY, {"workspace": workspace_id, "feeds": list(feeds), "at": at})
        return {feed for feed, broken in cursor.fetchall() if broken}


def series_of_feed(*, workspace_id: uuid.UUID, feed_id: uuid.UUID) -> list[int]:
    """Return the series that a source or endpoint feeds."""
    rows = Series.objects.filter(workspace_id=workspace_id, feed_id=feed_id)
    return list(rows.values_list("id", flat=True))
