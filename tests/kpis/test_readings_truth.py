"""Whatever comes in whatever order, the numbers in the end are those of the final truth.

Versions of facts of several feeds and label sets are shuffled, doubled, delayed, corrected and taken back
through the one door, with overlapping periods sent again. What is shown then, from readings, rollups and
states, is held against a plain computation that knows nothing of how the service works.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpis.actions.readings import Feed
from kpis.actions.rollups import rebuild_dirty
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import API, AT, put
from tests.kpis.make_readings import kpi

numbered = itertools.count()
ZONE = "Europe/Berlin"
FEEDS = (API, *(Feed(id=uuid.UUID(int=number), cause=None, name="feed") for number in (1, 2)))
# what may be told of a month's figure: itself, its weeks and days; [first day, day after the last)
SPANS = {
    "2026-01": (date(2026, 1, 1), date(2026, 2, 1)),
    "2026-02": (date(2026, 2, 1), date(2026, 3, 1)),
    "2026-W06": (date(2026, 2, 2), date(2026, 2, 9)),
    "2026-W08": (date(2026, 2, 16), date(2026, 2, 23)),
    "2026-01-31": (date(2026, 1, 31), date(2026, 2, 1)),
    "2026-02-03": (date(2026, 2, 3), date(2026, 2, 4)),
    "2026-02-17": (date(2026, 2, 17), date(2026, 2, 18)),
    "2026-02-24": (date(2026, 2, 24), date(2026, 2, 25)),
}
# January ends in Berlin at 23:00 UTC, March begins to be summer time on the 29th
INSTANTS = [
    datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC),
    datetime(2026, 1, 31, 23, tzinfo=UTC),
    datetime(2026, 2, 28, 22, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 2, 28, 23, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
    datetime(2026, 3, 31, 21, 59, tzinfo=UTC),
    datetime(2026, 3, 31, 22, tzinfo=UTC),
]
Parts = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Shape:
    """A kind of KPI; what a reading of it brings for a number, the parts that add up, and their figure.

    most: the largest number that is plausible of a reading; of figures also of a month.
    """

    kpi: dict[str, Any]
    given: Callable[[int], dict[str, Any]]
    parts: Callable[[int], tuple[Any, Any]]
    figure: Callable[[Fraction, Fraction], Fraction]
    events: bool = False
    most: int | None = None


def share(above: Fraction, below: Fraction) -> Fraction:
    return above / below


def whole(above: Fraction, below: Fraction) -> Fraction:
    return above


SHAPES = {
    "rate": Shape(
        {"kind": "conversion"},
        lambda v: {"numerator": v, "denominator": 2 * v + 1},
        lambda v: (v, 2 * v + 1),
        share,
    ),
    "top answers": Shape(
        {"kind": "csat"}, lambda v: {"distribution": {"5": v, "2": 3}}, lambda v: (v, v + 3), share
    ),
    "balance": Shape(
        {"kind": "nps"},
        lambda v: {"distribution": {"10": v, "8": 1, "6": 2}},
        lambda v: (100 * (v - 2), v + 3),
        share,
    ),
    "mean": Shape(
        {"kind": "time_on_task", "method": "mean"},
        lambda v: {"value": Decimal(v) / 4, "n": v % 5 + 1},
        lambda v: (Fraction(v, 4) * (v % 5 + 1), v % 5 + 1),
        share,
    ),
    "count": Shape({"kind": "count"}, lambda v: {"value": v}, lambda v: (v, 1), whole),
    "plausible count": Shape(
        {"kind": "count", "plausibility": {"high": 15}},
        lambda v: {"value": v},
        lambda v: (v, 1),
        whole,
        most=15,
    ),
    "opened": Shape(
        {"kind": "open_rate", "holds": "events"},
        lambda v: {"numerator": v % 2, "denominator": 1},
        lambda v: (v % 2, 1),
        share,
        True,
    ),
    "answers": Shape(
        {"kind": "csat", "input": "answers"},
        lambda v: {"value": v % 5 + 1},
        lambda v: (int(v % 5 >= 3), 1),
        share,
        True,
    ),
    "money": Shape(
        {"kind": "revenue", "currency": "EUR", "holds": "events"},
        lambda v: {"value": Decimal(v) / 8},
        lambda v: (Fraction(v, 8), 1),
        whole,
        True,
    ),
    "plausible durations": Shape(
        {"kind": "time_on_task", "method": "mean", "holds": "events", "plausibility": {"high": 4}},
        lambda v: {"value": Decimal(v) / 8},
        lambda v: (Fraction(v, 8), 1),
        share,
        True,
        most=32,
    ),
}


@dataclass(frozen=True)
class Fact:
    """A version of what a feed says of a place in time (figures) or of an id (events); None takes it back."""

    feed: int
    label: str
    place: int
    told: int | None
    at: int

    @property
    def identity(self) -> tuple[int, str, int]:
        return (self.feed, self.label, self.place)

    def item(self, name: str, shape: Shape) -> ReadingIn:
        when: dict[str, Any] = {"period": list(SPANS)[self.place]}
        if shape.events:
            when = {"external_id": str(self.place)}
            if self.told is not None:
                when["observed_at"] = INSTANTS[self.at]
        figure = {"retract": True} if self.told is None else shape.given(self.told)
        return ReadingIn(kpi=name, labels={"s": self.label}, **when, **figure)


facts = st.builds(
    Fact,
    st.integers(0, len(FEEDS) - 1),
    st.sampled_from("ab"),
    st.integers(0, len(SPANS) - 1),
    st.integers(0, 40) | st.integers(0, 40) | st.none(),
    st.integers(0, len(INSTANTS) - 1),
)


def held(deliveries: Sequence[Fact]) -> list[Fact]:
    """What holds in the end: of each thing what was said last, unless that takes it back."""
    last = {fact.identity: fact for fact in deliveries}
    return [fact for fact in last.values() if fact.told is not None]


def truth(shape: Shape, deliveries: Sequence[Fact]) -> dict[str, Fraction | None]:
    """The figure of each month that anybody speaks of, from nothing."""
    found: dict[str, list[Parts | None]] = defaultdict(list)
    if shape.events:
        for fact in held(deliveries):
            month = INSTANTS[fact.at].astimezone(ZoneInfo(ZONE)).strftime("%Y-%m")
            found[month].append(_plausible(shape, fact))
    else:
        for month, label in itertools.product(("2026-01", "2026-02"), "ab"):
            counted = [fact for fact in _counted(month, held(deliveries)) if fact.label == label]
            found[month] += _of_label(shape, month, counted)
    return {month: _figure(shape, parts) for month, parts in found.items() if parts}


def _counted(month: str, facts: Sequence[Fact]) -> list[Fact]:
    """Of each feed and label, the longest of what shares time, all of it inside the month."""
    first, after = SPANS[month]
    kept: list[Fact] = []
    for fact in sorted(facts, key=lambda fact: -(_span(fact)[1] - _span(fact)[0]).days):
        start, end = _span(fact)
        rivals = [_span(one) for one in kept if (one.feed, one.label) == (fact.feed, fact.label)]
        if first <= start and end <= after and not any(a < end and start < b for a, b in rivals):
            kept.append(fact)
    return kept


def _span(fact: Fact) -> tuple[date, date]:
    return list(SPANS.values())[fact.place]


def _of_label(shape: Shape, month: str, facts: Sequence[Fact]) -> list[Parts | None]:
    """What counts of a month of one label set: what is told of the whole month is plausible by itself or not;
    a month that shorter spans tell of has one figure, which is or is not."""
    shorter = [fact for fact in facts if _span(fact) != SPANS[month]]
    if shape.most is None or not shorter:
        return [_plausible(shape, fact) for fact in facts]
    counted = [_parts(shape, fact) if fact in shorter else _plausible(shape, fact) for fact in facts]
    figure = _figure(shape, counted)
    return [None] if figure is not None and figure > shape.most else counted


def _plausible(shape: Shape, fact: Fact) -> Parts | None:
    assert fact.told is not None
    return None if shape.most is not None and fact.told > shape.most else _parts(shape, fact)


def _parts(shape: Shape, fact: Fact) -> Parts:
    assert fact.told is not None
    above, below = shape.parts(fact.told)
    return Fraction(above), Fraction(below)


def _figure(shape: Shape, told: Sequence[Parts | None]) -> Fraction | None:
    plausible = [parts for parts in told if parts is not None]
    if not plausible:
        return None
    return shape.figure(
        sum((a for a, _ in plausible), Fraction(0)), sum(b for _, b in plausible) or Fraction(1)
    )


def delivered(facts: Sequence[Fact], order: Random) -> list[Fact]:
    """Every version twice and in any order, but of each thing the same version last."""
    final = {fact.identity: fact for fact in facts}
    sent = [*facts, *facts]
    order.shuffle(sent)
    later = list(final.values())
    order.shuffle(later)
    return [*sent, *later]


def shown(tenant: Tenant, name: str, query: str = "") -> dict[str, Any]:
    answer = tenant.client.call("GET", f"/v1/kpis/{name}/points?fill=none&labels={quote(LABELS)}&{query}")
    assert answer.status_code == 200, answer.content
    points = json.loads(answer.content, parse_float=Decimal)["points"]
    return {point["label"]: point["value"] for point in points}


LABELS = '{"s": "*"}'


def same(found: dict[str, Any], expected: dict[str, Fraction | None]) -> bool:
    if found.keys() != expected.keys():
        return False
    return all(
        (found[month] is None) == (figure is None)
        and (figure is None or abs(Fraction(found[month]) - figure) < Fraction(1, 10**11))
        for month, figure in expected.items()
    )


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


@pytest.mark.parametrize("name_of_shape", SHAPES)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(facts, min_size=1, max_size=14),
    order=st.randoms(use_true_random=False),
    size=st.integers(1, 9),
    shows=st.booleans(),
)
def test_any_history_ends_in_the_final_truth(
    place: Place, name_of_shape: str, told: list[Fact], order: Random, size: int, shows: bool
) -> None:
    tenant, shape, name = place.tenant, SHAPES[name_of_shape], f"k-{next(numbered)}"
    made = kpi(tenant, name, **{"period": "month", "zone": ZONE, "combine": "sum", **shape.kpi})
    bound = place.bind(name, "form", selector={"s": "*"})["id"] if shows else None
    sent = delivered(told, order)
    done: list[Fact] = []
    then: list[tuple[str, dict[str, Fraction | None]]] = []
    while len(done) < len(sent):
        batch = sent[len(done) : len(done) + size]
        for feed, mine in itertools.groupby(batch, key=lambda fact: fact.feed):
            put(tenant, [fact.item(name, shape) for fact in mine], feed=FEEDS[feed])
        done += batch
        then.append((quote(datetime.now(UTC).isoformat()), truth(shape, done)))
        with tenant.enter():
            rebuild_dirty(workspace_id=tenant.workspace.id, limit=order.randrange(4), at=AT)
    final = truth(shape, told)
    assert final == truth(shape, sent)
    assert same(shown(tenant, name), final)
    with tenant.enter():
        rebuild_dirty(workspace_id=tenant.workspace.id, limit=1000, at=AT)
    assert same(shown(tenant, name), final)
    for known_at, expected in then[:: max(1, len(then) // 2)]:
        assert same(shown(tenant, name, f"known_at={known_at}"), expected)
    if bound is None:
        return
    (entry,) = [one for one in place.entries("form") if one["binding"] == bound]
    assert entry["kpi"] == made["id"]
    if "plausibility" not in shape.kpi:
        last = final[max(final)] if final else None
        assert (entry["value"] is None) == (last is None)
        assert last is None or abs(Fraction(entry["value"]) - last) < Fraction(1, 10**9)
