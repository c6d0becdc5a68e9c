"""Gaps between points: which periods they are, and what may stand in their place."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import defaults
from kpis.series.gaps import filled, gap_periods, takes_zero, with_gaps
from kpis.series.period import period_of, periods_between
from kpis.series.point import Point
from kpis.series.resample import not_in_periods

NOW = datetime(2030, 1, 1, tzinfo=UTC)
COUNT = replace(defaults("count"), period="day", zone="UTC")


def course(starts: list[datetime], kind: str, zone: str) -> list[Point]:
    spans = (period_of(start, kind, zone) for start in starts)
    return [Point(span.start, span.end, value=Decimal(number)) for number, span in enumerate(spans)]


@pytest.mark.parametrize(
    ("zone", "kind", "first", "last", "hours"),
    [
        # the clocks go forward and back in Berlin: days of 23 and of 25 hours
        ("Europe/Berlin", "day", "2026-03-28T12:00Z", "2026-03-30T12:00Z", [24, 23, 24]),
        ("Europe/Berlin", "day", "2026-10-24T12:00Z", "2026-10-26T12:00Z", [24, 25, 24]),
        ("Europe/Berlin", "hour", "2026-03-28T23:30Z", "2026-03-29T02:30Z", [1, 1, 1, 1]),
        ("Europe/Berlin", "week", "2026-03-23T12:00Z", "2026-03-30T12:00Z", [167, 168]),
        ("Europe/Berlin", "month", "2026-03-01T12:00Z", "2026-04-01T12:00Z", [31 * 24 - 1, 720]),
        ("Europe/Berlin", "quarter", "2026-01-05T12:00Z", "2026-04-05T12:00Z", [90 * 24 - 1, 91 * 24]),
        ("Europe/Berlin", "year", "2026-01-05T12:00Z", "2026-01-06T12:00Z", [8760]),
        # midnight was skipped on 4 November 2018, and came twice on 17 February 2018
        ("America/Sao_Paulo", "day", "2018-11-03T12:00Z", "2018-11-05T12:00Z", [24, 23, 24]),
        ("America/Sao_Paulo", "day", "2018-02-16T12:00Z", "2018-02-18T12:00Z", [24, 25, 24]),
        # by half an hour
        ("Australia/Lord_Howe", "day", "2026-10-03T02:00Z", "2026-10-05T02:00Z", [24, 23.5, 24]),
        ("Australia/Lord_Howe", "day", "2026-04-04T02:00Z", "2026-04-06T02:00Z", [24, 24.5, 24]),
        ("Australia/Lord_Howe", "hour", "2026-10-03T14:45Z", "2026-10-03T16:15Z", [1, 0.5, 1]),
        # 30 December 2011 never was
        ("Pacific/Apia", "day", "2011-12-29T12:00Z", "2011-12-31T12:00Z", [24, 24, 24]),
        ("Pacific/Apia", "week", "2011-12-27T12:00Z", "2012-01-03T12:00Z", [6 * 24, 168]),
    ],
)
def test_gaps_are_calendar_periods_whatever_the_clocks_do(zone, kind, first, last, hours):
    definition = replace(COUNT, period=kind, zone=zone)
    since, until = datetime.fromisoformat(first), datetime.fromisoformat(last)
    points = course([since, until] if len(hours) > 1 else [since], kind, zone)
    periods = gap_periods(points, definition, since=None, until=NOW, limit=60)
    shown = with_gaps(points, periods, 1)
    assert [(point.end - point.start) / timedelta(hours=1) for point in shown] == hours
    assert [point.value is None for point in shown[1:-1]] == [True] * max(0, len(hours) - 2)


def test_weeks_start_on_monday_wherever_they_are():
    for zone in ("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"):
        since = datetime(2018, 1, 1, tzinfo=UTC)
        for week in periods_between(since, since + timedelta(days=500), "week", zone):
            day = period_of(week.start, "day", zone)
            assert datetime.fromisoformat(day.label).isoweekday() == 1


days = st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted)


@given(days, st.integers(1, 50))
def test_with_its_gaps_a_course_is_without_holes_and_says_the_same(numbers, limit):
    first = datetime(2026, 3, 20, tzinfo=UTC)
    definition = replace(COUNT, zone="Europe/Berlin")
    points = course([first + timedelta(days=number) for number in numbers], "day", "Europe/Berlin")
    periods = gap_periods(points, definition, since=None, until=NOW, limit=limit)
    shown = with_gaps(points, periods, 1)
    assert all(one.end == later.start for one, later in pairwise(shown))
    assert len(shown) == len(periods) == (min(limit, numbers[-1] - numbers[0] + 1) if numbers else 0)
    spoken = [point for point in shown if point.value is not None]
    assert spoken == [point for point in points if point.end > shown[0].start]


def test_a_figure_of_another_period_leaves_no_gap_where_it_lies():
    month = course([datetime(2026, 3, 1, tzinfo=UTC)], "month", "UTC")
    later = course([datetime(2026, 4, 3, tzinfo=UTC)], "day", "UTC")
    periods = gap_periods([*month, *later], COUNT, since=None, until=NOW, limit=60)
    assert len(with_gaps([*month, *later], periods, 2)) == 1 + 3


def test_only_gaps_of_complete_periods_are_filled():
    points = [
        Point(datetime(2026, 3, day, tzinfo=UTC), datetime(2026, 3, day + 1, tzinfo=UTC), value=value)
        for day, value in ((1, None), (2, Decimal(5)), (3, None), (4, None), (5, None))
    ]
    gaps = frozenset(point.start for point in points if point.start.day in (1, 3, 5))
    told = filled(points, gaps, COUNT, "previous", datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert [(one.point.value, one.filled) for one in told] == [
        (None, None),
        (5, None),
        (5, "previous"),
        (None, None),
        (None, None),
    ]
    assert [one.filled for one in filled(points, gaps, COUNT, "null", NOW)] == [None] * 5


def test_zero_is_told_of_counts_and_amounts_alone():
    kinds = ("count", "revenue", "visitors", "csat", "nps", "open_rate", "gauge", "time_on_task")
    assert [kind for kind in kinds if takes_zero(defaults(kind))] == ["count", "revenue", "visitors"]


@pytest.mark.parametrize(
    ("definition", "bucket", "zone", "code"),
    [
        (COUNT, "month", None, None),
        (COUNT, "week", "UTC", None),
        (COUNT, "hour", None, "finer_than_period"),
        (COUNT, None, "Asia/Tokyo", "zone_of_figures"),
        (replace(COUNT, period="week"), "quarter", None, "periods_overlap"),
        (replace(COUNT, period="week", holds="events"), "quarter", None, None),
        (replace(COUNT, period="week", holds="events"), "hour", "Asia/Tokyo", None),
        (replace(defaults("visitors"), period="day"), "week", None, "unique_counts"),
        (replace(defaults("visitors"), period="day"), "day", None, None),
        (replace(defaults("conversion"), period="day", input="value"), "week", None, "not_summable"),
        (replace(defaults("conversion"), period="day"), "week", None, None),
        (replace(defaults("gauge"), unit="x"), "hour", "Asia/Tokyo", None),
    ],
)
def test_figures_are_told_in_no_period_that_makes_nonsense_of_them(definition, bucket, zone, code):
    found = not_in_periods(definition, bucket, zone)
    assert (found and found.code) == code
