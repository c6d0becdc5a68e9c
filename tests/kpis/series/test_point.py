"""Points of sums."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kpis.series.definition import defaults
from kpis.series.point import make_point
from kpis.series.sums import of_reading
from tests.kpis.series.make import parts

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def test_a_point_has_its_figure_and_its_n():
    churn = defaults("churn")
    point = make_point(churn, of_reading(churn, parts(8, 100)), start=START, end=START + WEEK)
    assert (point.value, point.n, point.revision) == (Decimal("0.08"), 100, 1)
