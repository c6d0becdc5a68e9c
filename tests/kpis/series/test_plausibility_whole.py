"""Figures of whole periods against their band: what is usual before them, and what somebody confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import Definition, defaults
from kpis.series.figure_id import FigureRef, figure_id, parse_figure_id
from kpis.series.labels import labels_key
from kpis.series.period import Period, periods_between
from kpis.series.plausibility import Plausibility
from kpis.series.plausibility_whole import LOOKBACK, lookback, overshadowed, without_suspects
from kpis.series.point import Point, make_point
from kpis.series.sums import Sums

COUNT = replace(defaults("count"), holds="events", period="day")
LATER = datetime(2031, 1, 1, tzinfo=UTC)


def periods(kind: str = "day", zone: str = "UTC") -> list[Period]:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return list(periods_between(start, LATER, kind, zone))[:40]


def points(figures: Sequence[int | None], definition: Definition = COUNT, revision: int = 1) -> list[Point]:
    spans = periods(definition.period or "day", definition.zone)
    return [
        make_point(
            definition, Sums(total=D(figure), n=figure), start=span.start, end=span.end, revision=revision
        )
        for figure, span in zip(figures, spans, strict=False)
        if figure is not None
    ]


def doubted(
    figures: Sequence[int | None],
    band: Plausibility,
    confirmed: Mapping[int, int] | None = None,
    until: datetime = LATER,
) -> list[int]:
    """The places of the figures that are doubted."""
    spans = periods()
    right = {(spans[at].start, spans[at].end): D(figure) for at, figure in (confirmed or {}).items()}
    definition = replace(COUNT, plausibility=band)
    found = without_suspects(definition, points(figures), right, until=until)
    starts = [span.start for span in spans]
    return [starts.index(one.start) for one in found if one.doubt.readings and one.start is not None]


JUMP = Plausibility(jump=D(20))


@pytest.mark.parametrize(
    ("figures", "confirmed", "wrong"),
    [
        ([100, 110, 90], {}, []),
        ([100, 900, 110], {}, [1]),
        ([100, 900, 905, 910], {}, [1, 2]),  # of two levels that held equally long the earlier one is usual
        ([100, 900, 905, 910], {1: 900}, []),  # what was confirmed is usual, too
        ([100, 900, 110, 500, 905], {1: 900}, [3]),
        ([900, 100, 110, 105], {}, [1, 2]),  # nobody knows yet which of two it is
        ([100, 115, 130, 145, 160], {}, []),  # step by step
        ([100, None, None, 900, None, 105], {}, [3]),
        ([100] + [None] * 12 + [900], {}, []),  # too long ago
        ([100] + [None] * 11 + [900], {}, [12]),
        ([100, 900, 110], {1: 800}, [1]),  # another figure was confirmed
        ([100, 915, 300], {1: 900}, [2]),  # late answers, less than a jump
    ],
)
def test_what_jumps(figures: list[int | None], confirmed: dict[int, int], wrong: list[int]) -> None:
    assert doubted(figures, JUMP, confirmed) == wrong


def test_bounds_need_nobody_before_them_and_are_no_measure_for_others() -> None:
    band = Plausibility(low=D(10), high=D(500), jump=D(100))
    assert doubted([600, 100, 5, 180], band) == [0, 2]
    assert doubted([600, 100, 5, 180], band, {0: 600}) == [1, 2, 3]
    assert doubted([600, 610], Plausibility(high=D(500)), {0: 600, 1: 620}) == []


def test_only_what_has_settled_is_looked_at() -> None:
    until = periods()[1].end
    assert doubted([100, 900, 900], JUMP, until=until) == [1]
    settling = replace(COUNT, plausibility=JUMP, settle_s=86400)
    assert not any(
        one.doubt.readings for one in without_suspects(settling, points([100, 900]), {}, until=until)
    )


def test_a_doubted_figure_is_drawn_and_in_no_sum() -> None:
    definition = replace(COUNT, plausibility=JUMP)
    _, found = without_suspects(definition, points([100, 900]), {}, until=LATER)
    assert (found.value, found.n, found.reason, found.sums) == (None, None, "suspect", Sums())
    assert (found.doubt.readings, found.doubt.sums.total, found.doubt.whole) == (1, D(900), True)


def test_measures_are_never_held_against_each_other() -> None:
    before, [_, after] = points([100]), points([100, 900], revision=2)
    definition = replace(COUNT, plausibility=JUMP)
    assert [one.value for one in without_suspects(definition, [*before, after], {}, until=LATER)] == [
        100,
        900,
    ]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/Sao_Paulo"])
@pytest.mark.parametrize("kind", ["hour", "day", "week", "month", "quarter", "year"])
def test_twelve_periods_say_what_is_usual_and_no_thirteenth(kind: str, zone: str) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    spans = list(periods_between(start, datetime(2045, 1, 1, tzinfo=UTC), kind, zone))[:400]
    for place in range(LOOKBACK + 1, len(spans)):
        since = spans[place].start - lookback(kind)
        assert spans[place - LOOKBACK - 1].start < since <= spans[place - LOOKBACK].start


def test_a_longer_period_is_as_doubtful_as_what_lies_in_it() -> None:
    by_day = without_suspects(replace(COUNT, plausibility=JUMP), points([100, 900]), {}, until=LATER)
    week = Point(periods("week")[1].start, periods("week")[1].end, Sums(total=D(1000)), D(1000), 1000)
    [found] = overshadowed(replace(COUNT, period="week"), [week], by_day)
    assert (found.value, found.doubt.sums.total, found.doubt.whole) == (None, D(1000), False)
    assert overshadowed(COUNT, [week], by_day[:1]) == [week]
    day = periods()[1]
    hour = Point(day.start, day.start.replace(hour=1), Sums(total=D(9)), D(9))
    assert overshadowed(COUNT, [hour], by_day)[0].value is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 60)), max_size=40), st.integers(0, 39))
def test_what_is_asked_for_does_not_change_what_is_doubted(figures: list[int | None], first: int) -> None:
    """Twelve periods before it are enough to say of any figure whether it jumps."""
    definition, every = replace(COUNT, plausibility=JUMP), points(figures)
    since = periods()[first].start - lookback("day")
    some = [point for point in every if point.start is not None and point.start >= since]
    kept = {one.start for one in some if one.start is not None and one.start >= periods()[first].start}
    whole = without_suspects(definition, every, {}, until=LATER)
    part = without_suspects(definition, some, {}, until=LATER)
    assert [one for one in whole if one.start in kept] == [one for one in part if one.start in kept]


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.text(min_size=1, max_size=5), max_size=3),
    st.decimals(allow_nan=False, allow_infinity=False, places=6),
)
def test_an_id_says_what_it_was_made_of(labels: dict[str, str], value: D) -> None:
    span = periods()[0]
    kpi = uuid.UUID(int=7)
    ref = FigureRef(kpi, labels, span.start, span.end, value)
    text = figure_id(ref)
    found = parse_figure_id(text)
    if found is not None:  # None: labels that no series can have
        assert (found.kpi_id, labels_key(found.labels), found.start, found.end) == (
            kpi,
            labels_key(labels),
            span.start,
            span.end,
        )
        assert found.value == value
        assert parse_figure_id(text + "A") is None


@pytest.mark.parametrize(
    "text", ["", "figure.", "figure.x", "figure.bnVsbA", "figure.Ÿ", "x" * 40, "figure.W10"]
)
def test_what_is_no_id(text: str) -> None:
    assert parse_figure_id(text) is None
