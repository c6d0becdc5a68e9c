"""Any history of the same facts ends in the same numbers: shuffled, doubled, corrected, rolled up or not."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpis.actions.rollups import rebuild_dirty
from kpis.series.definition import Definition
from kpis.series.period import period_of
from kpis.series.point import Point, make_point
from kpis.series.reading import Reading
from kpis.series.reading_in import ReadingIn
from kpis.series.sums import combine, of_reading
from tests.conftest import Tenant
from tests.kpis.make_points import AT, definition_of, points_of, put
from tests.kpis.make_readings import kpi

numbered = itertools.count()
DATABASE = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Three days over the change of clocks in Paris, every 45 minutes, and one far away.
INSTANTS = [datetime(2026, 3, 27, 20, tzinfo=UTC) + timedelta(minutes=45 * step) for step in range(110)]
INSTANTS.append(datetime(2024, 1, 1, tzinfo=UTC))
LIMIT = 100

KINDS: dict[str, dict] = {
    "answers": {"kind": "csat", "input": "answers"},
    "mean": {"kind": "time_on_task", "method": "mean", "holds": "events"},
    "sum": {"kind": "revenue", "currency": "EUR", "holds": "events"},
    "count": {"kind": "count", "holds": "events"},
    "parts": {"kind": "open_rate", "holds": "events"},
    "amounts": {"kind": "revenue_churn", "holds": "events", "upper": 1},
    "last": {"kind": "gauge", "unit": "requests", "holds": "events"},
}


@dataclass(frozen=True)
class Event:
    """A version of a fact; `value` None takes it back."""

    key: int
    at: datetime
    value: int | None

    def item(self, name: str, shape: str) -> ReadingIn:
        base = {"kpi": name, "external_id": str(self.key)}
        if self.value is None:
            return ReadingIn(**base, retract=True)
        return ReadingIn(**base, observed_at=self.at, **figure(shape, self.value))


def figure(shape: str, value: int) -> dict:
    if shape == "answers":
        return {"value": value % 5 + 1}
    if shape == "parts":
        return {"numerator": value % 2, "denominator": 1}
    if shape == "amounts":
        return {"numerator": Decimal(value) / 8, "denominator": Decimal(value) + 1, "n": value}
    return {"value": value if shape == "count" else Decimal(value) / 8}


events = st.builds(
    Event,
    st.integers(0, 12),
    st.sampled_from(INSTANTS),
    st.integers(0, 40) | st.integers(0, 40) | st.none(),
)


def expected(definition: Definition, shape: str, held: dict[int, Event]) -> list[Point]:
    """The points of what holds, worked out reading by reading; the first one was there before."""
    periods = defaultdict(list)
    held = {-1: Event(-1, INSTANTS[0], 1), **held}
    for event in held.values():
        if event.value is not None:
            given = figure(shape, event.value)
            numbers = {name: Decimal(value) for name, value in given.items() if name != "n"}
            reading = Reading(end=event.at, n=given.get("n"), **numbers)
            periods[period_of(event.at, definition.period or "", definition.zone)].append(reading)
    return [
        make_point(
            definition,
            combine(of_reading(definition, reading) for reading in found),
            start=period.start,
            end=period.end,
            observed_at=max(reading.end for reading in found),
        )
        for period, found in sorted(periods.items(), key=lambda item: item[0].start)
    ]


def last(history: Sequence[Event]) -> dict[int, Event]:
    """What holds after a history: the version of each fact that came last; nothing of what never was."""
    held: dict[int, Event] = {}
    for event in history:
        if event.value is not None or event.key in held:
            held[event.key] = event
    return held


@pytest.mark.parametrize("shape", KINDS)
@DATABASE
@given(
    period=st.sampled_from(["hour", "day", "month"]),
    batches=st.lists(
        st.tuples(st.lists(events, min_size=1, max_size=9), st.integers(0, 9)), min_size=2, max_size=5
    ),
)
def test_points_are_those_of_what_holds_whatever_is_rolled_up(
    tenant: Tenant, shape: str, period: str, batches: list[tuple[list[Event], int]]
) -> None:
    """After each batch some dirty days are rebuilt, so that the next falls on clean and on dirty ones."""
    name = f"k-{next(numbered)}"
    kpi(tenant, name, period=period, zone="Europe/Paris", **KINDS[shape])
    definition = definition_of(tenant, name)
    put(tenant, [ReadingIn(kpi=name, external_id="x", observed_at=INSTANTS[0], **figure(shape, 1))])
    done: list[Event] = []
    seen: list[tuple[datetime, list[Point]]] = []
    for batch, days in batches:
        put(tenant, [event.item(name, shape) for event in batch])
        done += batch
        held = near(expected(definition, shape, last(done)))
        assert points_of(tenant, name, limit=LIMIT) == held
        seen.append((datetime.now(UTC), held))
        rebuild(tenant, days)
        assert points_of(tenant, name, limit=LIMIT) == held
    for as_of in INSTANTS[:-1:47]:
        earlier = {key: event for key, event in last(done).items() if event.at <= as_of}
        found = points_of(tenant, name, as_of=as_of, limit=LIMIT)
        assert found == near(expected(definition, shape, earlier))
    for known_at, held in seen:
        assert points_of(tenant, name, known_at=known_at, limit=LIMIT) == held
    rebuild(tenant, 1000)
    assert points_of(tenant, name, limit=LIMIT) == seen[-1][1]


def rebuild(tenant: Tenant, days: int) -> None:
    with tenant.enter():
        rebuild_dirty(workspace_id=tenant.workspace.id, limit=days, at=AT)


def near(points: list[Point]) -> list[Point]:
    """Those no further back than the limit: from 2024 to 2026 there are more hours and days, not months."""
    months = points and points[0].start and points[0].end - points[0].start > timedelta(days=2)
    return [point for point in points if months or point.end.year == points[-1].end.year]


@DATABASE
@given(
    facts=st.lists(events.filter(lambda event: event.value is not None), unique_by=lambda event: event.key),
    order=st.randoms(use_true_random=False),
)
def test_order_and_repetition_of_facts_do_not_matter(
    tenant: Tenant, facts: list[Event], order: object
) -> None:
    seen = []
    for _ in range(2):
        name = f"k-{next(numbered)}"
        kpi(tenant, name, "csat", input="answers", period="day", zone="Europe/Paris")
        sent = [*facts, *facts[::2]]
        order.shuffle(sent)  # type: ignore[attr-defined]
        outcomes = [
            outcome
            for start in range(0, len(sent), 4)
            for outcome in put(
                tenant,
                [event.item(name, "answers") for event in sent[start : start + 4]],
                on_conflict="refuse",
            )
        ]
        assert {outcome.status for outcome in outcomes} <= {"created", "duplicate"}
        assert sum(outcome.status == "created" for outcome in outcomes) == len(facts)
        if facts:
            seen.append(points_of(tenant, name))
    assert seen[:1] == seen[1:]


periods = st.sampled_from(["2026-01", "2026-02", "2026-W06", "2026-W08", "2026-02-03", "2026-02-04"])
counts = st.dictionaries(st.sampled_from("12345"), st.integers(0, 9)) | st.none()


@DATABASE
@given(history=st.lists(st.tuples(periods, counts), min_size=1, max_size=15), cut=st.integers(0, 15))
def test_figures_sent_again_end_in_what_was_said_last(
    tenant: Tenant, history: list[tuple[str, dict | None]], cut: int
) -> None:
    """One by one or all at once, with what is taken back; a longer period stands for the shorter within."""
    names = [f"k-{next(numbered)}" for _ in range(2)]
    for name in names:
        kpi(tenant, name, "csat")
    items = [
        [
            ReadingIn(kpi=name, period=period, distribution=told, retract=told is None)
            for period, told in history
        ]
        for name in names
    ]
    put(tenant, items[0])
    put(tenant, items[1][:cut])
    for item in items[1][cut:]:
        put(tenant, [item])
    held: dict[str, dict | None] = {}
    for period, told in history:
        if told is not None or period in held:
            held[period] = told
    january = [held["2026-01"]] if held.get("2026-01") is not None else []
    february = _february(held)
    for name in names:
        found = points_of(tenant, name) if held else []
        assert [point.sums.counts for point in found] == [
            tuple(sum(part.get(step, 0) for part in parts) for step in "12345")
            for parts in (january, february)
            if parts
        ]


def _february(held: dict[str, dict | None]) -> list[dict]:
    told = {period: counts for period, counts in held.items() if counts is not None and period != "2026-01"}
    if "2026-02" in told:
        return [told["2026-02"]]
    if "2026-W06" in told:  # 2 to 8 February
        told = {period: given for period, given in told.items() if "W" in period}
    return list(told.values())
