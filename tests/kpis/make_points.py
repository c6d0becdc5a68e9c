"""Readings recorded and points loaded in the process, for tests that choose their instants."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from kpis.actions.readings import Feed, OnConflict, Outcome, record_readings
from kpis.models.definitions import Series
from kpis.queries.definitions import definition_now
from kpis.queries.definitions import kpi as find_kpi
from kpis.queries.points import Range, SeriesRef, load_points
from kpis.series.definition import Definition
from kpis.series.point import Point
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant

API = Feed(id=None, cause=None, name="test")
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def put(
    tenant: Tenant,
    items: Iterable[ReadingIn],
    *,
    on_conflict: OnConflict = "correct",
    at: datetime = AT,
    feed: Feed = API,
) -> list[Outcome]:
    """Record in a transaction of its own."""
    with tenant.enter():
        return record_readings(
            workspace_id=tenant.workspace.id, items=list(items), feed=feed, on_conflict=on_conflict, at=at
        )


def series_of(tenant: Tenant, key: str, **changed: Any) -> list[SeriesRef]:
    """The series of a KPI by id, with its current definition."""
    with tenant.enter():
        row = find_kpi(tenant.workspace.id, key)
        definition = definition_now(row)
        found = Series.objects.filter(kpi_id=row.id).order_by("id")
        return [SeriesRef(one.id, one.revision, definition) for one in found]


def points_of(
    tenant: Tenant,
    key: str,
    *,
    as_of: datetime = AT,
    known_at: datetime | None = None,
    limit: int = 60,
    within: Range | None = None,
) -> list[Point]:
    """The points of a KPI that has one series."""
    (series,) = series_of(tenant, key)
    with tenant.enter():
        found = load_points(
            workspace_id=tenant.workspace.id,
            series=[series],
            as_of=as_of,
            known_at=known_at,
            limit=limit,
            within=within,
        )
    return found[series.id]


def definition_of(tenant: Tenant, key: str) -> Definition:
    with tenant.enter():
        return definition_now(find_kpi(tenant.workspace.id, key))
