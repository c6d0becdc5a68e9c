"""Upkeep over the edge of a month and a year: nothing early, nothing left, and nobody has to think of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from config.celery import app
from kpis.actions.retention import LIMIT, expire_readings, make_coming_partitions
from kpis.actions.rollups import rebuild_due
from kpis.series.reading_in import ReadingIn
from kpis.tasks import keep_readings
from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.make_points import AT, points_of, put
from tests.kpis.make_readings import kpi

YEAR = datetime.now(UTC).year
TURN = datetime(YEAR + 1, 1, 1, tzinfo=UTC)
MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def without_room(tenant: Tenant) -> Iterator[None]:
    """Readings have no place after the coming year; afterwards they have as before."""
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        for year in range(YEAR + 2, YEAR + 6):
            owner.execute(f"DROP TABLE IF EXISTS reading_{year}")
        try:
            yield
        finally:
            owner.execute("SELECT make_reading_partitions(%s)", [YEAR + 2])


def made() -> set[int]:
    """The years after the coming one that have a partition of their own, closed to others as all are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(relname, 4)::int FROM pg_class WHERE relname ~ '^reading_[0-9]{4}$' "
            "AND relrowsecurity AND relforcerowsecurity AND NOT has_table_privilege(oid, 'DELETE')"
        )
        return {year for (year,) in cursor.fetchall() if year > YEAR + 1}


def test_the_coming_years_get_their_place_when_the_year_turns(without_room: None) -> None:
    assert made() == set()
    make_coming_partitions(at=TURN - MOMENT)
    assert made() == {YEAR + 2}
    make_coming_partitions(at=TURN)
    assert made() == {YEAR + 2, YEAR + 3}
    make_coming_partitions(at=TURN)
    make_coming_partitions(at=TURN + 50 * 365 * DAY)  # a clock that is wrong makes no tables without end
    assert made() == {YEAR + 2, YEAR + 3}


def test_figures_on_both_sides_of_a_turn_lie_apart_and_are_read_together(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors", period="day")
    turn = datetime(2026, 1, 1, tzinfo=UTC)
    starts = [turn + number * DAY for number in (-2, -1, 0, 1)]
    put(tenant, [ReadingIn(kpi="visits", value=7, start=one, end=one + DAY) for one in starts], at=turn + DAY)
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM reading ORDER BY end_at")
        assert [name for (name,) in cursor.fetchall()] == ["reading_2025"] + 3 * ["reading_2026"]
    assert [point.end for point in points_of(tenant, "visits")] == [one + DAY for one in starts]
    before = points_of(tenant, "visits", as_of=turn - MOMENT)
    assert [point.end for point in before] == [turn - DAY]
    assert [point.end for point in points_of(tenant, "visits", as_of=turn)] == [turn - DAY, turn]


@pytest.mark.parametrize(
    ("edge", "zone", "months", "before", "after"),
    [
        ("2026-07-01T00:00:00Z", "UTC", 3, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
        ("2027-01-01T00:00:00Z", "UTC", 12, "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-12-31T23:00:00Z", "Europe/Berlin", 12, "2025-11-30T23:00:00Z", "2025-12-31T23:00:00Z"),
    ],
)
def test_a_month_more_goes_at_the_edge_and_not_a_moment_before(
    tenant: Tenant, edge: str, zone: str, months: int, before: str, after: str
) -> None:
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits={LIMIT: months}, zone=zone)
    kpi(tenant, "sold", "count", holds="events", period="day", zone=zone)
    kpi(tenant, "visits", "visitors", period="day", zone=zone)
    marks = [instant(one) for one in (before, after)]
    told = [mark + by for mark in marks for by in (-MOMENT, timedelta(), DAY)]
    put(
        tenant,
        [ReadingIn(kpi="sold", value=2, external_id=str(one), observed_at=one) for one in told]
        + [ReadingIn(kpi="visits", value=7, start=one - DAY, end=one) for one in marks],
        at=AT + timedelta(hours=1),
    )
    while rebuild_due(at=AT + timedelta(hours=2)):
        pass

    def expired(at: datetime) -> int:
        return expire_readings(workspace_id=tenant.workspace.id, at=at)

    def kept() -> list[tuple[Any, ...]]:
        with tenant.enter(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT min(end_at) FROM reading), (SELECT min(end_at) FROM reading_key), "
                "(SELECT min(start_at) FROM rollup_day)"
            )
            return [*cursor.fetchone()]

    assert expired(instant(edge) - MOMENT) == 1
    assert kept() == [marks[0]] * 3
    assert expired(instant(edge)) == 4
    assert kept() == [marks[1]] * 3
    assert expired(instant(edge)) == 0
    assert [point.end for point in points_of(tenant, "visits")] == [marks[1]]
    assert sum(point.value or 0 for point in points_of(tenant, "sold")) == 4


def test_the_clock_of_the_service_does_both(tenant: Tenant, without_room: None) -> None:
    app.loader.import_default_modules()
    assert {one["task"] for one in app.conf.beat_schedule.values()} <= set(app.tasks)
    [hourly] = [one for one in app.conf.beat_schedule.values() if one["task"] == keep_readings.name]
    assert hourly["schedule"] == 3600.0
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits={LIMIT: 1})
    kpi(tenant, "sold", "count", holds="events", period="day")
    now = datetime.now(UTC)
    told = [now - 90 * DAY, now - DAY]
    put(
        tenant,
        [ReadingIn(kpi="sold", value=2, external_id=str(one), observed_at=one) for one in told],
        at=now,
    )
    keep_readings()
    assert made() == {YEAR + 2}
    assert [point.value for point in points_of(tenant, "sold", as_of=now)] == [2]
