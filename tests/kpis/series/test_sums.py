"""Sums add up in any order and any grouping, and never round."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import defaults
from kpis.series.exact import EXACT
from kpis.series.reading import Reading
from kpis.series.sums import EMPTY, Sums, combine, of_reading
from kpis.series.value import value
from tests.kpis.series.make import NOON, answers, parts, single

LARGEST = Decimal("999999999999999.999")
numbers = st.decimals(-LARGEST, LARGEST, places=3) | st.decimals(-1, 1, places=18)
counts = st.integers(0, 10**15)
instants = st.integers(0, 3).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


def maybe(strategy):
    return st.none() | strategy


bare_or_not = st.one_of(
    st.just((None, None, 0)), st.tuples(numbers, maybe(counts), st.just(1)), st.just((None, None, 2))
)
lasts = st.just((None, None)) | st.tuples(numbers, instants)


@st.composite
def sums(draw):
    bare, bare_n, bares = draw(bare_or_not)
    last, last_at = draw(lasts)
    return Sums(
        numerator=draw(maybe(numbers)),
        denominator=draw(maybe(numbers)),
        n=draw(maybe(counts)),
        counts=draw(maybe(st.tuples(counts, counts, counts))),
        total=draw(maybe(numbers)),
        last=last,
        last_at=last_at,
        bare=bare,
        bare_n=bare_n,
        bares=bares,
    )


@given(sums(), sums(), sums())
def test_combine_is_associative_and_commutative_with_empty_as_identity(a, b, c):
    assert combine([combine([a, b]), c]) == combine([a, combine([b, c])]) == combine([c, b, a])
    assert combine([a, EMPTY]) == combine([EMPTY, a]) == combine([a]) == a
    assert combine([]) == EMPTY


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 100)), min_size=1), st.randoms())
def test_the_figure_of_any_order_is_the_plain_quotient_of_the_totals(pairs, random):
    conversion = defaults("conversion")
    readings = [of_reading(conversion, parts(*pair)) for pair in pairs]
    random.shuffle(readings)
    ours = value(conversion, combine(readings))
    exact = Decimal(sum(n for n, _ in pairs)) / Decimal(sum(d for _, d in pairs))
    assert ours is not None
    assert abs(ours - exact) <= Decimal("5E-13")


def test_ten_thousand_largest_readings_add_without_rounding():
    spent = defaults("custom", "mean")
    one = of_reading(spent, Reading(end=NOON, value=Decimal("999999999999999.999"), n=10**15 - 1))
    assert value(spent, combine([one] * 10_000)) == Decimal("999999999999999.999")


def test_an_addition_that_would_round_raises_instead():
    with pytest.raises(Inexact):
        EXACT.add(Decimal("1E90"), Decimal("1E-30"))


@pytest.mark.parametrize(
    ("kind", "reading", "expected"),
    [
        ("churn", parts(8, 100), Sums(numerator=Decimal(8), denominator=Decimal(100), n=100)),
        ("churn", parts(None, 100), EMPTY),
        ("churn", parts(8, None), EMPTY),
        ("churn", single(None), EMPTY),
        ("churn", single("0.08"), Sums(bare=Decimal("0.08"), bares=1)),
        ("nrr", parts("10.5", "10"), Sums(numerator=Decimal("10.5"), denominator=Decimal(10))),
        (
            "csat",
            answers(_5=2, _1=1),
            Sums(numerator=Decimal(2), denominator=Decimal(3), n=3, counts=(1, 0, 0, 0, 2)),
        ),
        ("score", answers(_5=2, _1=1), Sums(n=3, counts=(1, 0, 0, 0, 2), total=Decimal(11))),
        (
            "time_on_page",
            single("2.5", n=4),
            Sums(n=4, total=Decimal(10)),
        ),
        ("time_on_page", single("2.5"), Sums(bare=Decimal("2.5"), bares=1)),
        ("complaints", single(4), Sums(n=4, total=Decimal(4))),
        (
            "gauge",
            single("1.5"),
            Sums(last=Decimal("1.5"), last_at=NOON),
        ),
    ],
)
def test_sums_of_one_reading(kind, reading, expected):
    assert of_reading(defaults(kind), reading) == expected


def test_single_answers_add_up_to_their_distribution():
    single_answers = replace(defaults("nps"), input="answers", holds="events")
    one_by_one = combine(of_reading(single_answers, single(step)) for step in (10, 9, 6, 10, 0))
    assert one_by_one == of_reading(defaults("nps"), answers(_10=2, _9=1, _6=1, _0=1))


def test_single_durations_weigh_one_each():
    events = replace(defaults("time_on_task", "mean"), holds="events")
    assert value(events, combine(of_reading(events, single(s)) for s in (10, 20, 60))) == 30


def test_events_count_a_side_only_where_they_say_so():
    """A delivery is 0 of 1, an open 1 of 0: counted apart, divided once."""
    opens = defaults("open_rate")
    events = [parts(0, 1)] * 4 + [parts(1, 0)]
    assert value(opens, combine(of_reading(opens, event) for event in events)) == Decimal("0.25")


def test_two_scales_cannot_be_added():
    with pytest.raises(ValueError, match="zip"):
        combine([Sums(counts=(1, 2)), Sums(counts=(1, 2, 3))])
