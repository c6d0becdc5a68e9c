"""What a batch asks of Postgres: a number of statements that neither its items nor its series change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.models.findings import Finding
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import put

FIRST, NOW = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
KPIS = ("a", "b", "c")


def _days(kpis: tuple[str, ...], first: int, count: int) -> list[ReadingIn]:
    days = [FIRST + timedelta(days=first + number) for number in range(count)]
    span = timedelta(days=1)
    return [ReadingIn(kpi=kpi, value=7, start=day, end=day + span) for kpi in kpis for day in days]


def _statements(tenant: Tenant, items: list[ReadingIn]) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert {one.status for one in put(tenant, items, at=NOW)} == {"created"}
    return len(asked)


@pytest.mark.parametrize(("bound", "most"), [(True, 15), (False, 5)])
def test_a_batch_of_any_size_costs_so_many_statements(tenant: Tenant, bound: bool, most: int) -> None:
    place = Place(tenant)
    for kpi in KPIS:
        place.kpi(kpi, kind="visitors", period="day")
        if bound:
            place.bind(kpi, "form")
    put(tenant, _days(KPIS, 0, 3), at=NOW)
    two = _statements(tenant, _days(("a",), 3, 2))
    assert two <= most
    assert _statements(tenant, _days(KPIS, 5, 20)) == two
    alone = _statements(tenant, _days(("a",), 25, 1))
    assert alone == two - 1


def test_however_many_stocks_a_batch_tells_of_their_bases_cost_so_many_statements(tenant: Tenant) -> None:
    place = Place(tenant)
    for kpi in KPIS:
        place.kpi(kpi, kind="churn", input="flows", period="month")

    def told(month: int, kpis: tuple[str, ...]) -> list[ReadingIn]:
        start = datetime(2025, month, 1, tzinfo=UTC)
        end = datetime(2025, month + 1, 1, tzinfo=UTC)
        flows = {"joined": 2, "lost": 1}
        return [
            one
            for kpi in kpis
            for labels in ({"plan": "free"}, {"plan": "paid"})
            for one in (
                ReadingIn(kpi=kpi, observed_at=start, base=100, labels=labels),
                ReadingIn(kpi=kpi, start=start, end=end, flows=flows, labels=labels),
            )
        ]

    for month in (1, 2):
        _statements(tenant, told(month, KPIS))
    one = _statements(tenant, told(3, KPIS[:1]))
    _statements(tenant, told(3, KPIS[1:]))
    assert _statements(tenant, told(4, KPIS)) == one
    with tenant.enter():
        drifts = Finding.objects.filter(kind="drift")
        assert {(row.facts["expected"], row.facts["drift"]) for row in drifts} == {(101, -1)}
        assert drifts.count() == 2 * len(KPIS)
