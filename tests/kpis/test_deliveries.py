"""Deliveries of many feeds recorded together: the same rows, outcomes and states as one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpis.actions.readings import Delivery, Feed, OnConflict, Outcome, record_deliveries
from kpis.models.findings import Finding
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import API, AT, put

FEEDS = (None, uuid.UUID(int=1), uuid.UUID(int=2))
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
LABELS: Sequence[dict[str, str]] = ({}, {"page": "a"}, {"page": "b"})
TABLES = (
    """
    SELECT k.key, labels_key, part, start_at, end_at, r.key, value, numerator, denominator, n, counts,
           retracted, r.feed_id, cause_id, reason, suspect
    FROM reading r JOIN series s ON s.id = r.series_id JOIN kpi k ON k.id = s.kpi_id
    ORDER BY 1, 2, 3, r.key, CASE r.key WHEN '' THEN (start_at, end_at) END, recorded_at
    """,
    "SELECT k.key, labels_key, part, feed_id FROM series s JOIN kpi k ON k.id = s.kpi_id ORDER BY 1, 2, 3",
    """
    SELECT k.key, labels_key, start_at, d.end_at
    FROM dirty_day d JOIN series s ON s.id = d.series_id JOIN kpi k ON k.id = s.kpi_id ORDER BY 1, 2, 3, 4
    """,
    "SELECT binding_id, entry, status, freshness FROM binding_state ORDER BY binding_id",
)


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def figure(kpi: str, number: int, value: int | None, labels: dict[str, str]) -> ReadingIn:
    retract = value is None
    return ReadingIn(
        kpi=kpi, start=day(number), end=day(number + 1), value=value, labels=labels, retract=retract
    )


def event(kpi: str, name: str, number: int, more: dict[str, Any], labels: dict[str, str]) -> ReadingIn:
    return ReadingIn(kpi=kpi, external_id=name, observed_at=day(number), labels=labels, **more)


def base(number: int, count: int) -> ReadingIn:
    return ReadingIn(kpi="churn", observed_at=day(number), base=count)


few, names, labels = st.integers(0, 3), st.sampled_from(("m1", "m2")), st.sampled_from(LABELS)
alone: st.SearchStrategy[dict[str, str]] = st.just({})
answers = st.sampled_from([{"value": 3}, {"value": 9}, {"retract": True}, {"value": 12}])
flow, side = (
    st.sampled_from([{"side": name, **more} for name in sides for more in ({}, {}, {"retract": True})])
    for sides in (("joined", "lost"), ("numerator", "denominator"))
)
items = st.one_of(
    st.builds(figure, st.sampled_from(("visits", "sold")), few, st.sampled_from((1, 2, None, -1)), labels),
    st.builds(figure, st.just("price"), st.integers(0, 5), st.sampled_from((10, 15, 40, 80)), alone),
    st.builds(event, st.just("nps"), names, few, answers, labels),
    st.builds(event, st.just("opens"), names, few, side, labels),
    st.builds(event, st.just("churn"), names, few, flow, alone),
    st.builds(base, few, st.sampled_from((100, 120))),
    st.builds(figure, st.just("nobody"), few, st.just(1), alone),
)
feeds = st.builds(Feed, st.sampled_from(FEEDS), st.uuids(version=4), st.just("feed"), backfill=st.just(False))
told = st.lists(st.builds(Delivery, st.lists(items, max_size=4), feeds), max_size=5)


@pytest.fixture
def place(tenant: Tenant) -> Place:
    tenant.workspace.limits = {"series_per_kpi": 2}
    tenant.workspace.save()
    place = Place(tenant)
    place.kpi("visits", kind="visitors", period="day")
    place.kpi("sold", kind="count", period="day", combine="sum")
    place.kpi("price", kind="count", period="day", plausibility={"jump_share": 1})
    place.kpi("nps", kind="nps", input="answers")
    place.kpi("opens", kind="open_rate", holds="events")
    place.kpi("churn", kind="churn", input="flows", holds="events")
    for kpi in ("visits", "sold", "price", "nps", "opens", "churn"):
        place.bind(kpi, "form")
    return place


def record(
    tenant: Tenant, deliveries: Sequence[Delivery], on_conflict: OnConflict = "correct"
) -> list[list[Outcome]]:
    return record_deliveries(
        workspace_id=tenant.workspace.id, deliveries=deliveries, on_conflict=on_conflict, at=AT
    )


def state() -> list[list[tuple[Any, ...]]]:
    found = []
    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(table)
            found.append(cursor.fetchall())
    return found


def plainly(outcomes: Sequence[Sequence[Outcome]]) -> list[list[tuple[Any, ...]]]:
    """Without the instants and numbers that differ from one run to the next."""
    return [
        [(one.index, one.status, one.ref and (one.ref.start_at, one.ref.key), one.issues) for one in its]
        for its in outcomes
    ]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=told, deliveries=told, on_conflict=st.sampled_from(("correct", "refuse")))
def test_together_comes_to_the_same_as_one_after_the_other(
    place: Place, before: list[Delivery], deliveries: list[Delivery], on_conflict: OnConflict
) -> None:
    tenant = place.tenant
    with tenant.enter():
        for one in before:
            record(tenant, [one])
        with transaction.atomic():
            together = plainly(record(tenant, deliveries, on_conflict)), state()
            transaction.set_rollback(True)
        apart = plainly([record(tenant, [one], on_conflict)[0] for one in deliveries]), state()
        transaction.set_rollback(True)
    assert together == apart


def statements(tenant: Tenant, deliveries: Sequence[Delivery]) -> int:
    with tenant.enter(), CaptureQueriesContext(connection) as asked:
        outcomes = record(tenant, deliveries)
    assert {one.status for its in outcomes for one in its} == {"created"}
    return len(asked)


@pytest.mark.parametrize("bound", [True, False])
def test_many_deliveries_cost_as_many_statements_as_two(tenant: Tenant, bound: bool) -> None:
    place = Place(tenant)
    kpis = [f"k{number}" for number in range(12)]
    for kpi in kpis:
        place.kpi(kpi, kind="visitors", period="day")
        if bound:
            place.bind(kpi, "form")
    sources = [Feed(uuid.uuid4(), None, kpi) for kpi in kpis]

    def of_day(number: int, count: int) -> list[Delivery]:
        told = zip(kpis[:count], sources, strict=False)
        return [Delivery([figure(kpi, number, 7, {})], source) for kpi, source in told]

    first = statements(tenant, of_day(0, 2))  # makes their series
    assert statements(tenant, of_day(0, 12)[2:]) == first
    again = statements(tenant, of_day(1, 2))
    assert statements(tenant, of_day(2, 12)) == again < first


def test_nothing_told_costs_nothing(tenant: Tenant) -> None:
    with tenant.enter(), CaptureQueriesContext(connection) as asked:
        assert record(tenant, []) == []
        assert record(tenant, [Delivery([], API)] * 3) == [[], [], []]
    assert len(asked) == 0


def test_each_finding_has_the_cause_of_who_told_it(tenant: Tenant) -> None:
    place = Place(tenant)
    kpis = ("loaded", "new", "corrected")

    def rate(kpi: str, number: int, share: int) -> ReadingIn:
        return ReadingIn(kpi=kpi, start=day(number), end=day(number + 1), numerator=share, denominator=100)

    for kpi in kpis:
        place.kpi(kpi, period="day", thresholds={"warn": 0.7, "breach": 0.6})
        place.bind(kpi, "form")
        put(tenant, [rate(kpi, number, 90) for number in (89, 90)])
    told = [rate("loaded", 91, 10), rate("new", 91, 10), rate("corrected", 90, 10)]
    feeds = [Feed(uuid.uuid4(), uuid.uuid4(), kpi, backfill=kpi == "loaded") for kpi in kpis]
    with tenant.enter():
        record(tenant, [Delivery([one], feed) for one, feed in zip(told, feeds, strict=True)])
        found = {
            (one.kpi.key, one.level, one.cause) for one in Finding.objects.select_related("kpi") if one.kpi
        }
    assert found == {("new", "breach", "reading"), ("corrected", "breach", "correction")}
