"""Retention: what a workspace no longer keeps goes by itself, bounded; reads of before it are told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from kpis.actions.retention import LIMIT, expire_due, expire_readings, horizon_of
from kpis.actions.rollups import rebuild_due
from kpis.series.reading_in import ReadingIn
from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import AT, points_of, put

HORIZON = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "months", "horizon"),
    [
        ("2026-06-30T23:59:59Z", "UTC", 3, "2026-03-01T00:00:00Z"),
        ("2026-07-01T00:00:00Z", "UTC", 3, "2026-04-01T00:00:00Z"),
        ("2026-12-31T23:59:59Z", "UTC", 12, "2025-12-01T00:00:00Z"),
        ("2027-01-01T00:00:00Z", "UTC", 12, "2026-01-01T00:00:00Z"),
        ("2027-01-01T00:00:00Z", "UTC", 1, "2026-12-01T00:00:00Z"),
        ("2026-12-31T23:30:00Z", "Europe/Berlin", 1, "2026-11-30T23:00:00Z"),
        ("2026-05-01T00:00:00Z", "Europe/London", 1, "2026-03-31T23:00:00Z"),
        ("2027-01-01T03:00:00Z", "America/New_York", 24, "2024-12-01T05:00:00Z"),
    ],
)
def test_the_horizon_moves_with_the_calendar(at: str, zone: str, months: int, horizon: str) -> None:
    found = horizon_of(months=months, zone=zone, at=datetime.fromisoformat(at))
    assert found == datetime.fromisoformat(horizon)


def _keep(tenant: Tenant, months: int) -> None:
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits={LIMIT: months})


def _days(kpi: str, first: datetime, count: int) -> list[ReadingIn]:
    starts = [first + timedelta(days=number) for number in range(count)]
    return [ReadingIn(kpi=kpi, value=7, start=one, end=one + timedelta(days=1)) for one in starts]


def _count(tenant: Tenant, table: str) -> Any:
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        row = cursor.fetchone()
        return row[0] if row else None


@pytest.fixture
def place(tenant: Tenant, stranger: Tenant) -> Place:
    """Daily figures over the edges of a year and of the horizon, also in a workspace that keeps all."""
    for who in (tenant, stranger):
        place = Place(who)
        place.kpi("visits", kind="visitors", period="day")
        place.bind("visits", "form")
        put(who, _days("visits", datetime(2025, 12, 30, tzinfo=UTC), 4))
        put(who, _days("visits", HORIZON - timedelta(days=3), 6))
    return place


def test_older_readings_go_and_nothing_else(place: Place, tenant: Tenant, stranger: Tenant) -> None:
    _keep(tenant, 3)
    assert expire_due(at=AT) == 6
    assert [point.end for point in points_of(tenant, "visits")] == [
        HORIZON + timedelta(days=number) for number in range(4)
    ]
    assert _count(tenant, "reading") == 4
    assert _count(stranger, "reading") == 10
    assert expire_due(at=AT) == 0


def test_a_run_is_bounded_and_the_next_goes_on(
    place: Place, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keep(tenant, 3)
    monkeypatch.setattr("kpis.actions.retention.ROWS_AT_ONCE", 2)
    went = [
        expire_readings(workspace_id=tenant.workspace.id, at=AT, transactions=transactions)
        for transactions in (1, 1, 9, 9)
    ]
    assert went == [2, 2, 2, 0]


def test_reads_of_before_the_horizon_are_gone_and_name_it(place: Place, tenant: Tenant) -> None:
    _keep(tenant, 3)
    expire_due(at=AT)
    live = "/v1/journey-maps/claim/live"
    for path in (
        "/v1/kpis/visits/points?as_of=2026-02-27T00:00:00Z",
        "/v1/kpis/visits/points?known_at=2026-02-27T00:00:00Z",
        "/v1/kpis/visits/points?to=2026-02-27T00:00:00Z",
    ):
        answer = tenant.client.call("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (410, "beyond_retention"), path
        assert "2026-03-01T00:00:00Z" in answer.json()["detail"]
    assert tenant.client.call("GET", "/v1/kpis/visits/points?as_of=2026-03-01T00:00:00Z").status_code == 200
    assert tenant.client.call("GET", live).status_code == 200


def test_a_live_map_of_before_the_horizon_is_gone(place: Place, tenant: Tenant) -> None:
    _keep(tenant, 1)
    later = datetime.now(UTC) + timedelta(days=70)
    expire_due(at=later)
    live = "/v1/journey-maps/claim/live"
    answer = tenant.client.call("GET", f"{live}?as_of={datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")
    assert (answer.status_code, answer.json()["code"]) == (410, "beyond_retention")
    (entry,) = next(
        group["kpis"] for group in tenant.client.call("GET", live).json()["live"].values() if group["kpis"]
    )
    assert (entry["value"], entry["spark"]) == (None, [])


def test_what_lies_before_the_horizon_is_not_taken_any_more(place: Place, tenant: Tenant) -> None:
    _keep(tenant, 3)
    expire_due(at=AT)
    outcomes = put(tenant, _days("visits", HORIZON - timedelta(days=1), 2))
    assert [one.status for one in outcomes] == ["refused", "duplicate"]
    assert [issue.code for issue in outcomes[0].issues] == ["before_history"]


def test_rollups_and_external_ids_go_with_their_events(tenant: Tenant) -> None:
    Place(tenant).kpi("sold", kind="count", holds="events", period="day")
    days = (HORIZON - timedelta(days=40), HORIZON - timedelta(hours=1), HORIZON, HORIZON + timedelta(days=1))
    put(tenant, [ReadingIn(kpi="sold", value=2, external_id=str(day), observed_at=day) for day in days])
    while rebuild_due(at=AT + timedelta(minutes=1)):
        pass
    _keep(tenant, 3)
    assert expire_due(at=AT) == 2
    assert [_count(tenant, table) for table in ("reading", "reading_key", "rollup_day")] == [2, 2, 2]
    assert [point.value for point in points_of(tenant, "sold")] == [2, 2]


def test_a_stock_keeps_all_that_it_is_made_of(tenant: Tenant) -> None:
    place = Place(tenant)
    place.kpi("churn", kind="churn", input="flows", period="month")
    place.call("POST", "/v1/kpis/churn/base", {"at": "2026-01-01T00:00:00Z", "count": 100}, status=201)
    _keep(tenant, 3)
    assert expire_due(at=AT) == 0
    assert _count(tenant, "reading") == 1


def test_the_app_role_deletes_nothing_that_is_kept(place: Place, tenant: Tenant) -> None:
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute("SELECT sum(expire_readings(id, 100)) FROM series")
        assert cursor.fetchone() == (0,)
    with pytest.raises(DatabaseError, match="permission denied"), tenant.enter():
        connection.cursor().execute("DELETE FROM reading")
    assert _count(tenant, "reading") == 10


def test_a_horizon_never_moves_back(place: Place, tenant: Tenant) -> None:
    _keep(tenant, 3)
    expire_due(at=AT)
    _keep(tenant, 24)
    assert expire_due(at=AT) == 0
    assert Workspace.objects.get(pk=tenant.workspace.id).readings_from == HORIZON
