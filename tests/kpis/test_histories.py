"""Whatever order a history comes in, with repeats, corrections and retractions: the figures are those of a
plain computation, and so are those that wait to be confirmed. Of stocks and single answers, bound and not.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpis.actions.rollups import rebuild_dirty
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import AT, put
from tests.kpis.make_readings import kpi
from tests.kpis.test_readings_truth import same, shown

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
STARTS = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 5)]
numbered = itertools.count()
Figures = dict[str, Fraction | None]


@dataclass(frozen=True)
class Fact:
    """What is said of one thing: of a month's flows, of the count at its start, or of one answer. told: the
    number that it says, None takes it back."""

    what: str
    place: int
    told: int | None

    @property
    def identity(self) -> tuple[str, int]:
        return (self.what, self.place)


def flow_item(name: str, fact: Fact) -> ReadingIn:
    if fact.what == "base":
        when: dict[str, Any] = {"observed_at": STARTS[fact.place]}
        figure: dict[str, Any] = {} if fact.told is None else {"base": fact.told}
    else:
        when = {"period": MONTHS[fact.place]}
        figure = {} if fact.told is None else {"flows": {"joined": 3, "lost": fact.told}}
    return ReadingIn(kpi=name, labels={"s": "a"}, retract=fact.told is None, **when, **figure)


def answer_item(name: str, fact: Fact) -> ReadingIn:
    """Answer number `place`, in one of the months: it moves as it changes."""
    if fact.told is None:
        return ReadingIn(kpi=name, labels={"s": "a"}, external_id=str(fact.place), retract=True)
    at = STARTS[fact.told % 4].replace(day=1 + fact.place)
    return ReadingIn(
        kpi=name, labels={"s": "a"}, external_id=str(fact.place), observed_at=at, value=fact.told % 5 + 1
    )


def churned(facts: Sequence[Fact]) -> Figures:
    """Lost of those there at the start: the count given there, or the one before and the flows since."""
    held = {fact.identity: fact.told for fact in facts}
    stock: int | None = None
    found: Figures = {}
    for place, month in enumerate(MONTHS):
        stock = stock if held.get(("base", place)) is None else held["base", place]
        lost = held.get(("flows", place))
        if lost is None:  # what nobody tells breaks the chain
            stock = None
            continue
        found[month] = None if stock is None or stock < lost or not stock else Fraction(lost, stock)
        stock = None if stock is None else stock + 3 - lost
    return found


def answered(facts: Sequence[Fact]) -> Figures:
    """The share of the two highest answers."""
    months: dict[str, list[int]] = defaultdict(list)
    for fact in {fact.identity: fact for fact in facts}.values():
        if fact.told is not None:
            months[MONTHS[fact.told % 4]].append(fact.told % 5 + 1)
    return {month: Fraction(sum(one >= 4 for one in told), len(told)) for month, told in months.items()}


@dataclass(frozen=True)
class Shape:
    kpi: Mapping[str, Any]
    facts: st.SearchStrategy[Fact]
    item: Callable[[str, Fact], ReadingIn]
    figures: Callable[[Sequence[Fact]], Figures]
    high: Fraction | None = None


def facts(whats: Sequence[str], places: int) -> st.SearchStrategy[Fact]:
    told = st.integers(0, 40) | st.integers(0, 40) | st.none()
    return st.builds(Fact, st.sampled_from(whats), st.integers(0, places - 1), told)


FLOWS = Shape({"kind": "churn", "input": "flows"}, facts(("base", "flows", "flows"), 4), flow_item, churned)
ANSWERS = Shape({"kind": "csat", "input": "answers"}, facts(("answer",), 12), answer_item, answered)
BAND = {"plausibility": {"high": 0.5}}
SHAPES = {
    "flows": FLOWS,
    "answers": ANSWERS,
    "plausible flows": Shape({**FLOWS.kpi, **BAND}, FLOWS.facts, flow_item, churned, Fraction(1, 2)),
    "plausible answers": Shape({**ANSWERS.kpi, **BAND}, ANSWERS.facts, answer_item, answered, Fraction(1, 2)),
}


def plausible(shape: Shape, figures: Figures) -> Figures:
    """What lies beyond the band is told by nobody yet."""
    if shape.high is None:
        return figures
    return {
        month: None if figure is not None and figure > shape.high else figure
        for month, figure in figures.items()
    }


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


@pytest.mark.parametrize("name_of_shape", SHAPES)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.randoms(use_true_random=False), st.integers(2, 9), st.booleans())
def test_any_history_comes_to_the_plain_computation(
    place: Place, name_of_shape: str, data: st.DataObject, order: Random, size: int, shows: bool
) -> None:
    tenant, shape, name = place.tenant, SHAPES[name_of_shape], f"h-{next(numbered)}"
    told = data.draw(st.lists(shape.facts, min_size=1, max_size=14))
    kpi(tenant, name, period="month", **shape.kpi)
    bound = place.bind(name, "form", selector={"s": "a"})["id"] if shows else None
    final = list({fact.identity: fact for fact in told}.values())
    sent = [*told, *told]
    order.shuffle(sent)
    order.shuffle(final)
    sent += final
    then: list[tuple[str, Figures]] = []
    for first in range(0, len(sent), size):
        put(tenant, [shape.item(name, fact) for fact in sent[first : first + size]])
        then.append((quote(datetime.now(UTC).isoformat()), shape.figures(sent[: first + size])))
        with tenant.enter():
            rebuild_dirty(workspace_id=tenant.workspace.id, limit=order.randrange(4), at=AT)
    expected = plausible(shape, shape.figures(told))
    assert same(shown(tenant, name), expected)
    for known_at, figures in then[:: max(1, len(then) // 2)]:
        assert same(shown(tenant, name, f"known_at={known_at}"), plausible(shape, figures))
    doubted = shape.figures(told).keys() if shape.high is not None else ()
    beyond = [month for month in doubted if (shape.figures(told)[month] or 0) > (shape.high or 0)]
    answer = tenant.client.call(
        "GET", f"/v1/kpis/{name}/points?fill=none&labels=%7B%22s%22:%22*%22%7D"
    ).json()
    assert [one["label"] for one in answer["points"] if one["suspect"]] == sorted(beyond)
    if bound is None:
        return
    (entry,) = [one for one in place.entries("form") if one["binding"] == bound]
    sure = [figure for month, figure in sorted(expected.items()) if month not in beyond]
    last = sure[-1] if sure else None
    assert (entry["value"] is None) == (last is None)
    assert last is None or abs(Fraction(Decimal(str(entry["value"]))) - last) < Fraction(1, 10**9)
