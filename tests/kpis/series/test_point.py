"""Points, and the points of a ratio of two KPIs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kpis.series.definition import defaults
from kpis.series.point import Point, make_point, ratio_points
from kpis.series.sums import combine, of_reading
from kpis.series.trend import definition_break, trend
from kpis.series.value import value
from tests.kpis.series.make import parts, single

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)
VISITORS = defaults("visitors")
RATIO = defaults("ratio")


def visitors(*weekly: int | None, first: int = 0, revision: int = 1) -> list[Point]:
    return [
        make_point(
            VISITORS,
            of_reading(VISITORS, single(count)),
            start=START + week * WEEK,
            end=START + (week + 1) * WEEK,
            revision=revision,
        )
        for week, count in enumerate(weekly, first)
    ]


def test_a_point_has_its_figure_and_its_n():
    churn = defaults("churn")
    point = make_point(churn, of_reading(churn, parts(8, 100)), start=START, end=START + WEEK)
    assert (point.value, point.n, point.revision) == (Decimal("0.08"), 100, 1)


def test_a_ratio_divides_the_figures_of_the_same_period():
    points = ratio_points(RATIO, visitors(5, None, 7, 3), visitors(10, 10, 0, 4, 9))
    assert [(point.value, point.n) for point in points] == [
        (Decimal("0.5"), 10),
        (None, None),
        (None, 0),
        (Decimal("0.75"), 4),
        (None, None),
    ]
    assert [point.end for point in points] == [START + week * WEEK for week in range(1, 6)]
    together = combine(point.sums for point in points)
    assert value(RATIO, together) == round(Decimal(5 + 7 + 3) / Decimal(10 + 0 + 4), 12)


def test_a_new_revision_of_either_side_breaks_the_ratio():
    above = visitors(5, 6)
    below = [*visitors(10), *visitors(10, first=1, revision=2)]
    points = ratio_points(RATIO, above, below)
    assert definition_break(points) == points[1].start
    assert trend(points, "up", None) is None
    assert trend(ratio_points(RATIO, above, visitors(10, 10)), "up", None) is not None


def test_a_week_that_one_side_lacks_breaks_nothing():
    points = ratio_points(RATIO, [*visitors(5), *visitors(6, first=2)], visitors(10, 10, 10))
    assert definition_break(points) is None
    assert [point.value for point in points] == [Decimal("0.5"), None, Decimal("0.6")]


def test_a_running_ratio_is_as_old_as_its_older_side():
    end = START + WEEK
    sides = [
        [Point(START, end, value=Decimal(side), n=1, observed_at=START + timedelta(days=side))]
        for side in (3, 4)
    ]
    assert ratio_points(RATIO, *sides)[0].observed_at == START + timedelta(days=3)
