"""What reading many series costs in looks at marks: as many as there are series, not their square."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from kpis.actions.rollups import rebuild_due
from kpis.queries import points_sums
from kpis.queries.points import load_points
from kpis.queries.sql import fetch
from kpis.series.point import Point
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import AT, put, series_of
from tests.kpis.make_readings import kpi

SERIES, DAYS = 24, 6
YESTERDAY = AT - timedelta(days=1)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the marks were looked at, a number for each statement that sums events."""
    counted: list[int] = []

    def explained(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        [[[told]]] = fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        counted.append(sum(_looks(told["Plan"])))
        return fetch(sql, values)

    monkeypatch.setattr(points_sums, "fetch", explained)
    return counted


def _looks(node: Mapping[str, Any]) -> Iterator[int]:
    if node.get("Relation Name") == "dirty_day":
        yield int(node["Actual Loops"])
    for inner in node.get("Plans", ()):
        yield from _looks(inner)


def _points(tenant: Tenant) -> dict[int, list[Point]]:
    series = series_of(tenant, "sold")
    with tenant.enter():
        found = load_points(workspace_id=tenant.workspace.id, series=series, as_of=AT, known_at=None)
    return {one: list(points) for one, points in found.items()}


def _sold(place: int, ago: int, value: int) -> ReadingIn:
    at = YESTERDAY - timedelta(days=ago)
    return ReadingIn(
        kpi="sold", value=value, external_id=f"{place}-{ago}", observed_at=at, labels={"shop": f"s{place}"}
    )


def test_marks_are_looked_for_once_a_series_and_day_by_day_where_there_are_some(
    tenant: Tenant, looks: list[int]
) -> None:
    kpi(tenant, "sold", "count", holds="events", period="day")
    put(tenant, [_sold(place, ago, 2) for place in range(SERIES) for ago in range(DAYS)])
    by_readings = _points(tenant)
    assert len(by_readings) == SERIES
    assert {len(points) for points in by_readings.values()} == {DAYS}
    while rebuild_due(at=AT + timedelta(minutes=1)):
        pass
    looks.clear()
    assert _points(tenant) == by_readings
    [clean] = looks
    assert 0 < clean <= 2 * SERIES
    put(tenant, [_sold(3, 2, 9)])
    looks.clear()
    changed = [points for one, points in _points(tenant).items() if points != by_readings[one]]
    assert [[point.value for point in points] for points in changed] == [[2, 2, 2, 9, 2, 2]]
    [marked] = looks
    assert marked <= clean + SERIES + DAYS
