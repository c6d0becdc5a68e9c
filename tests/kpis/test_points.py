"""Points of series: by period, oldest first; as of one instant, as known at another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpis.queries.points import Range, load_points
from kpis.series.point import Point
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import AT, instant, points_of, put, series_of
from tests.kpis.make_readings import kpi


def told(points: list[Point]) -> list[tuple[str, Decimal | None]]:
    return [
        (f"{point.start:%Y-%m-%d}" if point.start else f"{point.end:%Y-%m-%dT%H}", point.value)
        for point in points
    ]


def test_figures_are_points_of_their_periods_and_null_is_one_without_a_figure(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    put(
        tenant,
        [
            ReadingIn(kpi="visits", period="2026-W10", value=Decimal("10")),
            ReadingIn(kpi="visits", period="2026-W12", value=30),
            ReadingIn(kpi="visits", period="2026-W11"),
        ],
    )
    points = points_of(tenant, "visits")
    assert told(points) == [("2026-03-02", Decimal(10)), ("2026-03-09", None), ("2026-03-16", Decimal(30))]
    assert points[0] == Point(
        instant("2026-03-02T00:00:00Z"),
        instant("2026-03-09T00:00:00Z"),
        points[0].sums,
        Decimal(10),
        10,
    )


def test_the_last_periods_count_back_from_the_last_reading(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    put(tenant, [ReadingIn(kpi="visits", period=f"2025-W{week:02}", value=week) for week in range(1, 50)])
    assert [point.value for point in points_of(tenant, "visits", limit=3)] == [47, 48, 49]
    early = points_of(tenant, "visits", as_of=instant("2025-03-01T00:00:00Z"), limit=3)
    assert [point.value for point in early] == [6, 7, 8]
    within = Range(instant("2025-01-05T00:00:00Z"), instant("2025-01-13T00:00:01Z"))
    assert [point.value for point in points_of(tenant, "visits", within=within)] == [1, 2, 3]


def test_shorter_figures_are_summed_and_a_longer_one_stands_for_them(tenant: Tenant) -> None:
    kpi(tenant, "csat", "csat", period="month")
    days = [
        ReadingIn(kpi="csat", period=f"2026-04-{day:02}", distribution={"5": day, "1": 1})
        for day in range(1, 31)
    ]
    put(tenant, days)
    (april,) = points_of(tenant, "csat")
    assert (april.n, april.value) == (495, Decimal("0.939393939394"))
    put(tenant, [ReadingIn(kpi="csat", period="2026-04", distribution={"5": 1, "1": 1})])
    (april,) = points_of(tenant, "csat")
    assert (april.n, april.value) == (2, Decimal("0.5"))


def test_instants_are_points_of_their_own(tenant: Tenant) -> None:
    kpi(tenant, "load", "gauge", unit="requests")
    hours = [datetime(2026, 5, 1, hour, tzinfo=UTC) for hour in range(10)]
    put(tenant, [ReadingIn(kpi="load", observed_at=at, value=at.hour) for at in hours])
    points = points_of(tenant, "load", limit=3)
    assert told(points) == [(f"2026-05-01T{hour:02}", Decimal(hour)) for hour in (7, 8, 9)]
    assert [point.start for point in points] == [None] * 3
    within = Range(hours[2], hours[5])
    assert [point.value for point in points_of(tenant, "load", within=within)] == [2, 3, 4]
    assert [point.value for point in points_of(tenant, "load", as_of=hours[1])] == [0, 1]


def test_a_gauge_by_the_day_shows_the_last_of_each(tenant: Tenant) -> None:
    kpi(tenant, "load", "gauge", unit="requests", period="day", zone="Europe/Paris")
    ats = ["2026-05-01T10:00:00Z", "2026-05-01T21:59:59Z", "2026-05-01T22:00:00Z"]
    put(tenant, [ReadingIn(kpi="load", observed_at=instant(at), value=place) for place, at in enumerate(ats)])
    points = points_of(tenant, "load")
    assert [(point.start, point.value) for point in points] == [
        (instant("2026-04-30T22:00:00Z"), Decimal(1)),
        (instant("2026-05-01T22:00:00Z"), Decimal(2)),
    ]
    assert points[0].observed_at == instant(ats[1])


def test_events_are_summed_by_calendar_periods_of_the_kpis_zone(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", input="answers", zone="Europe/Paris", period="day")
    ats = ["2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"]
    put(
        tenant,
        [
            ReadingIn(kpi="nps", observed_at=instant(at), value=value, external_id=at)
            for at, value in zip(ats, (10, 9, 0, 7), strict=True)
        ],
    )
    points = points_of(tenant, "nps")
    assert [(point.start, point.n, point.value) for point in points] == [
        (instant("2026-03-27T23:00:00Z"), 1, 100),
        (instant("2026-03-28T23:00:00Z"), 2, 0),  # 23 hours: the clocks went forward
        (instant("2026-03-29T22:00:00Z"), 1, 0),
    ]
    assert points[1].observed_at == instant(ats[2])
    assert points[1].sums.counts == (1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0)


@pytest.mark.parametrize("kind", ["events", "figures"])
def test_what_was_known_then_is_told_as_it_was(tenant: Tenant, kind: str) -> None:
    if kind == "events":
        kpi(tenant, "it", "custom", method="sum", unit="things", holds="events", period="day")
        times = {"observed_at": instant("2026-05-04T10:00:00Z"), "external_id": "a"}
    else:
        kpi(tenant, "it", "visitors", period="day")
        times = {"period": "2026-05-04"}
    seen = []
    for value in (1, 2, None, 4):
        item = (
            ReadingIn(kpi="it", retract=True, **times)
            if value is None
            else ReadingIn(kpi="it", value=value, **times)
        )
        put(tenant, [item])
        now = datetime.now(UTC)
        assert [point.value for point in points_of(tenant, "it")] == [value] * (value is not None)
        seen.append((now, value))
    for known_at, value in seen:
        points = points_of(tenant, "it", known_at=known_at)
        assert [point.value for point in points] == [value] * (value is not None)
    assert points_of(tenant, "it", known_at=AT - timedelta(days=1)) == []


def test_the_running_period_is_told_as_far_as_it_was(tenant: Tenant) -> None:
    kpi(tenant, "sold", "custom", method="sum", unit="things", holds="events", period="month")
    put(
        tenant,
        [
            ReadingIn(
                kpi="sold", value=day, external_id=str(day), observed_at=datetime(2026, 5, day, tzinfo=UTC)
            )
            for day in range(1, 32)
        ],
    )
    (may,) = points_of(tenant, "sold", as_of=instant("2026-05-03T00:00:00Z"))
    assert (may.value, may.end, may.observed_at) == (
        6,
        instant("2026-06-01T00:00:00Z"),
        instant("2026-05-03T00:00:00Z"),
    )


def test_a_figure_of_the_running_period_counts_once_it_was_told(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors", period="year")
    before = datetime.now(UTC)
    put(tenant, [ReadingIn(kpi="visits", period=str(before.year), value=3)], at=before)
    after = datetime.now(UTC)
    (running,) = points_of(tenant, "visits", as_of=after)
    assert running.value == 3
    assert running.observed_at is not None
    assert before <= running.observed_at <= after < running.end
    assert points_of(tenant, "visits", as_of=before) == []


def test_many_series_cost_three_statements(tenant: Tenant, django_assert_max_num_queries: object) -> None:
    kpi(tenant, "visits", "visitors")
    kpi(tenant, "nps", "nps", input="answers")
    for page in range(30):
        labels = {"page": str(page)}
        put(tenant, [ReadingIn(kpi="visits", period="2026-W10", value=page, labels=labels)])
        put(tenant, [ReadingIn(kpi="nps", observed_at=AT, value=9, external_id="x", labels=labels)])
    series = [*series_of(tenant, "visits"), *series_of(tenant, "nps")]
    with tenant.enter(), django_assert_max_num_queries(3):  # type: ignore[operator]
        found = load_points(workspace_id=tenant.workspace.id, series=series, as_of=AT, known_at=None)
    assert [found[one.id][0].value for one in series[:30]] == list(range(30))
    assert [found[one.id][0].value for one in series[30:]] == [100] * 30


def test_a_stranger_loads_nothing_of_ours(tenant: Tenant, stranger: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    put(tenant, [ReadingIn(kpi="visits", period="2026-W10", value=1)])
    series = series_of(tenant, "visits")
    with stranger.enter():
        for workspace in (stranger.workspace, tenant.workspace):
            found = load_points(workspace_id=workspace.id, series=series, as_of=AT, known_at=None)
            assert found == {series[0].id: []}
