"""Several feeds of one KPI: added up or preferred, period by period, and saying whose figures they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import defaults
from kpis.series.definition_check import check_definition
from kpis.series.feeds import combined, in_longer
from kpis.series.point import Doubt, Point, make_point
from kpis.series.resample import not_in_periods
from kpis.series.sums import Sums

FIRST = datetime(2026, 4, 1, tzinfo=UTC)
COUNT = replace(defaults("count"), period="day", combine="sum")
PREFER = replace(COUNT, combine="prefer", feeds=("b", "a"))


def course(told: dict[int, int | None]) -> list[Point]:
    """A figure by day; None: somebody says that there is none."""
    return [
        make_point(
            COUNT,
            Sums() if figure is None else Sums(total=Decimal(figure), n=figure),
            start=FIRST + timedelta(days=day),
            end=FIRST + timedelta(days=day + 1),
        )
        for day, figure in sorted(told.items())
    ]


def shown(points: list[Point]) -> list[tuple[int, Decimal | None, str]]:
    return [((point.end - FIRST).days - 1, point.value, "".join(point.feeds)) for point in points]


def test_a_sum_is_of_the_feeds_that_have_a_figure():
    told = [("a", course({0: 1, 1: 2, 3: None})), ("b", course({1: 10, 2: 20, 3: None}))]
    assert shown(combined(COUNT, told)) == [(0, 1, "a"), (1, 12, "ab"), (2, 20, "b"), (3, None, "")]


def test_the_first_feed_that_has_a_figure_is_preferred():
    told = [("a", course({0: 1, 1: 2, 2: 3})), ("b", course({1: 10, 2: None})), ("z", course({0: 9, 4: 5}))]
    assert shown(combined(PREFER, told)) == [(0, 1, "a"), (1, 10, "b"), (2, 3, "a"), (4, 5, "z")]


def test_a_suspect_figure_is_lacking():
    doubted = Point(FIRST, FIRST + timedelta(days=1), doubt=Doubt(1, Sums(total=Decimal(7))))
    (chosen,) = combined(PREFER, [("a", course({0: 1})), ("b", [doubted])])
    assert (chosen.value, chosen.feeds, chosen.doubt.readings) == (1, ("a",), 0)
    (summed,) = combined(COUNT, [("a", course({0: 1})), ("b", [doubted])])
    assert (summed.value, summed.feeds, summed.doubt.readings) == (1, ("a",), 1)
    (alone,) = combined(PREFER, [("b", [doubted])])
    assert (alone.value, alone.feeds, alone.doubt.readings) == (None, (), 1)


days = st.dictionaries(st.integers(0, 9), st.none() | st.integers(0, 99))


@given(st.dictionaries(st.sampled_from("abcz"), days), st.randoms(use_true_random=False))
def test_the_order_in_which_feeds_are_told_changes_nothing(told, order):
    courses = [(name, course(days)) for name, days in told.items()]
    for definition in (COUNT, replace(PREFER, feeds=("c", "a", "z", "b"))):
        again = list(courses)
        order.shuffle(again)
        found = combined(definition, courses)
        assert combined(definition, again) == found
        for day, value, _ in shown(found):
            said = [days[day] for days in told.values() if days.get(day) is not None]
            if definition is COUNT:
                assert value == (sum(said) if said else None)
            else:
                first = next((told[n][day] for n in "cazb" if told.get(n, {}).get(day) is not None), None)
                assert value == first


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"combine": "sum"}, set()),
        ({"combine": "prefer", "feeds": ("api",)}, set()),
        ({"combine": "average"}, {("/combine", "choice")}),
        ({"combine": "prefer"}, {("/feeds", "required")}),
        ({"combine": "sum", "feeds": ("api",)}, {("/feeds", "not_taken")}),
        ({"feeds": ("api",)}, {("/feeds", "not_taken")}),
        ({"combine": "prefer", "feeds": ("api", "api")}, {("/feeds", "feeds")}),
        ({"combine": "prefer", "feeds": ("api", "x")}, {("/feeds/1", "feed")}),
    ],
)
def test_what_may_be_said_of_feeds(changed, wrong):
    definition = replace(defaults("count"), **changed)
    assert {(issue.pointer, issue.code) for issue in check_definition(definition)} == wrong


def test_what_cannot_be_summed_is_not_summed_over_feeds():
    gauge = replace(defaults("gauge"), unit="x", period="day", combine="sum")
    assert [issue.code for issue in check_definition(gauge)] == ["not_summable"]
    assert check_definition(replace(gauge, combine="prefer", feeds=("api",))) == []
    assert [issue.code for issue in check_definition(replace(gauge, period=None))] == ["not_taken"]
    bare = replace(defaults("conversion"), input="value", combine="sum")
    assert [issue.code for issue in check_definition(bare)] == ["not_summable"]


def test_which_feed_is_preferred_is_told_in_the_periods_of_the_kpi():
    assert not_in_periods(PREFER, "month", None) is None
    events = replace(PREFER, holds="events")
    assert not_in_periods(events, "hour", None).code == "preferred_feeds"
    weekly = replace(events, period="week")
    assert not_in_periods(weekly, "month", None).code == "preferred_feeds"
    told = [("a", course({0: 1, 1: 2, 40: 7})), ("b", course({1: 10, 2: None}))]
    months = in_longer(combined(PREFER, told), replace(PREFER, period="month"))
    assert [(month.start, month.value, month.feeds) for month in months] == [
        (FIRST, 11, ("a", "b")),
        (datetime(2026, 5, 1, tzinfo=UTC), 7, ("a",)),
    ]
    assert months[0].observed_at == FIRST + timedelta(days=3)
