"""Rollups: appointed by the write that made them stale, rebuilt when a day is over, gone with its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from kpis.actions.rollups import HEARTBEAT, rebuild_due
from kpis.actions.rollups_dirty import DUE_KIND
from kpis.series.reading_in import ReadingIn
from service.models import Due
from tests.conftest import Tenant
from tests.kpis.make_points import AT, points_of, put
from tests.kpis.make_readings import kpi

YESTERDAY = AT - timedelta(days=1)


def rows(tenant: Tenant, table: str, columns: str = "start_at") -> list[Any]:
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY start_at")
        return cursor.fetchall()


def due_at(tenant: Tenant) -> datetime:
    return Due.objects.get(workspace_id=tenant.workspace.id, kind=DUE_KIND).due_at


def sold(value: int, at: datetime, key: str = "a") -> ReadingIn:
    return ReadingIn(kpi="sold", value=value, external_id=key, observed_at=at)


def rebuild(at: datetime) -> None:
    """Let everybody have their turn."""
    while rebuild_due(at=at):
        pass


@pytest.fixture
def counted(tenant: Tenant) -> Tenant:
    kpi(tenant, "sold", "count", holds="events", period="day")
    return tenant


def test_a_day_is_rebuilt_when_it_is_over(counted: Tenant) -> None:
    put(counted, [sold(2, YESTERDAY), sold(3, YESTERDAY, "b"), sold(4, AT, "c")])
    assert AT < due_at(counted) <= AT + timedelta(minutes=1)
    rebuild(AT + timedelta(minutes=1))
    assert rows(counted, "rollup_day", "n, total, last_at, observed_at") == [(5, 5, None, YESTERDAY)]
    midnight = datetime(2026, 6, 2, tzinfo=UTC)
    assert rows(counted, "dirty_day") == [(datetime(2026, 6, 1, tzinfo=UTC),)]
    assert due_at(counted) == AT + timedelta(minutes=1) + HEARTBEAT
    rebuild(midnight)
    assert rows(counted, "dirty_day") == []
    assert due_at(counted) == midnight + HEARTBEAT
    put(counted, [sold(9, YESTERDAY, "d")], at=midnight)
    assert due_at(counted) < midnight + HEARTBEAT


def test_what_is_taken_back_takes_its_rollup_along(counted: Tenant) -> None:
    put(counted, [sold(2, YESTERDAY)])
    rebuild(AT + timedelta(minutes=1))
    put(counted, [ReadingIn(kpi="sold", external_id="a", retract=True)])
    rebuild(AT + timedelta(minutes=2))
    assert rows(counted, "rollup_day") == []
    assert points_of(counted, "sold") == []


def test_an_event_that_moves_makes_both_its_days_dirty(counted: Tenant) -> None:
    put(counted, [sold(2, YESTERDAY)])
    rebuild(AT + timedelta(minutes=1))
    put(counted, [sold(2, YESTERDAY - timedelta(days=3))])
    assert len(rows(counted, "dirty_day")) == 2
    assert [point.end.day for point in points_of(counted, "sold")] == [29]


def test_a_duplicate_makes_nothing_dirty(counted: Tenant) -> None:
    put(counted, [sold(2, YESTERDAY)])
    rebuild(AT + timedelta(minutes=1))
    put(counted, [sold(2, YESTERDAY)])
    assert rows(counted, "dirty_day") == []


def test_figures_and_instants_need_no_rollup(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    kpi(tenant, "load", "gauge", unit="requests", holds="events")
    put(
        tenant,
        [
            ReadingIn(kpi="visits", period="2026-W10", value=1),
            ReadingIn(kpi="load", observed_at=YESTERDAY, value=1, external_id="a"),
        ],
    )
    assert rows(tenant, "dirty_day") == []
    assert not Due.objects.filter(workspace_id=tenant.workspace.id, kind=DUE_KIND).exists()


def test_hours_are_kept_for_kpis_by_the_hour(tenant: Tenant) -> None:
    kpi(tenant, "sold", "count", holds="events", period="hour", zone="Asia/Kolkata")
    put(tenant, [sold(hour, YESTERDAY + timedelta(hours=hour), str(hour)) for hour in range(3)])
    before = points_of(tenant, "sold")
    rebuild(AT + timedelta(minutes=1))
    assert [start.minute for (start,) in rows(tenant, "rollup_hour")] == [30, 30, 30]
    assert rows(tenant, "rollup_day", "n") == [(3,)]
    assert points_of(tenant, "sold") == before


def test_strangers_are_rebuilt_apart(counted: Tenant, stranger: Tenant) -> None:
    put(counted, [sold(2, YESTERDAY)])
    rebuild(AT + timedelta(minutes=1))
    assert rows(stranger, "rollup_day") == []
