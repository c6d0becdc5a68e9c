"""Change, distance from the target, and the drawn line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpis.series.definition import defaults
from kpis.series.point import Point
from kpis.series.thresholds import Band
from kpis.series.trend import SPARK, Trend, definition_break, spark, target_gap, trend

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)
CONVERSION = defaults("conversion")


def d(text):
    return Decimal(text)


def weekly(*figures, first=0, revision=1):
    return [
        Point(
            START + week * WEEK,
            START + (week + 1) * WEEK,
            value=None if figure is None else d(figure),
            revision=revision,
        )
        for week, figure in enumerate(figures, first)
    ]


@pytest.mark.parametrize(
    ("figures", "direction", "target", "expected"),
    [
        (["0.5", "0.6"], "up", None, Trend(d("0.5"), d("0.1"), "better")),
        (["0.6", "0.5"], "up", None, Trend(d("0.6"), d("-0.1"), "worse")),
        (["0.6", "0.5"], "down", None, Trend(d("0.6"), d("-0.1"), "better")),
        (["0.5", "0.6"], "down", None, Trend(d("0.5"), d("0.1"), "worse")),
        (["0.5", "0.50"], "down", None, Trend(d("0.5"), d(0), "flat")),
        (["0.5", "0.6"], "none", None, Trend(d("0.5"), d("0.1"), None)),
        (["0.5", "0.6"], "range", None, Trend(d("0.5"), d("0.1"), None)),
        (["5", "9"], "range", d(8), Trend(d(5), d(4), "better")),
        (["5", "12"], "range", Band(d(6), d(10)), Trend(d(5), d(7), "worse")),
        (["7", "9"], "range", Band(d(6), d(10)), Trend(d(7), d(2), "flat")),
        (["0.5"], "up", None, None),
        ([], "up", None, None),
        (["0.5", None], "up", None, None),
        (["0.4", None, "0.6"], "up", None, None),  # the week before is unknown, an older one is not "before"
    ],
)
def test_change_since_the_period_before(figures, direction, target, expected):
    assert trend(weekly(*figures), direction, target) == expected


def test_a_gap_or_a_new_definition_has_no_before():
    assert trend([*weekly("0.5"), *weekly("0.6", first=2)], "up", None) is None
    assert trend([*weekly("0.5"), *weekly("0.6", first=1, revision=2)], "up", None) is None


def test_instants_compare_with_the_one_before():
    points = [Point(None, START, value=d(5)), Point(None, START + WEEK, value=d(7))]
    assert trend(points, "up", None) == Trend(d(5), d(2), "better")


@pytest.mark.parametrize(
    ("figure", "target", "gap"),
    [
        ("0.65", d("0.8"), "-0.15"),
        ("0.9", d("0.8"), "0.1"),
        ("5", Band(d(6), d(10)), "-1"),
        ("6", Band(d(6), d(10)), "0"),
        ("12", Band(d(6), d(10)), "2"),
        ("12", None, None),
        (None, d(1), None),
    ],
)
def test_distance_from_the_target(figure, target, gap):
    assert target_gap(None if figure is None else d(figure), target) == (None if gap is None else d(gap))


def test_the_line_has_thirty_points_with_null_for_gaps():
    points = [*weekly("0.1", "0.2"), *weekly("0.5", None, first=4)]
    assert spark(points, CONVERSION) == [
        (START + WEEK, d("0.1")),
        (START + 2 * WEEK, d("0.2")),
        (START + 3 * WEEK, None),
        (START + 4 * WEEK, None),
        (START + 5 * WEEK, d("0.5")),
        (START + 6 * WEEK, None),
    ]
    assert spark([], CONVERSION) == []


def test_a_long_gap_costs_no_more_than_the_line_is_long():
    points = [*weekly("0.1"), *weekly("0.2", first=50_000)]
    drawn = spark(points, CONVERSION)
    assert len(drawn) == SPARK
    assert drawn[-1] == (points[1].end, d("0.2"))
    assert {value for _, value in drawn[:-1]} == {None}


def test_at_most_thirty_and_instants_have_no_gaps():
    assert len(spark(weekly(*["0.5"] * 60), CONVERSION)) == SPARK
    gauge = replace(defaults("gauge"), unit="°C")
    instants = [Point(None, START, value=d(1)), Point(None, START + 50 * WEEK, value=d(2))]
    assert spark(instants, gauge) == [(START, d(1)), (START + 50 * WEEK, d(2))]


def test_where_the_definition_last_changed():
    points = [*weekly("1", "1"), *weekly("1", first=2, revision=2), *weekly("1", first=3, revision=3)]
    assert definition_break(points) == points[3].start
    assert definition_break(points[:3]) == points[2].start
    assert definition_break(points[:2]) is None
    assert definition_break([]) is None
