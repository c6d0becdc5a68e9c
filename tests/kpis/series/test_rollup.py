"""Roll-ups say what they cover."""

from decimal import Decimal

import pytest

from kpis.series.definition import defaults
from kpis.series.rollup import over_labels, roll_up
from kpis.series.sums import of_reading
from kpis.series.value import value
from tests.kpis.series.make import parts, single


def many(**counts):
    """many(ok=2, stale_breach=1)"""
    return [
        (name.removeprefix("stale_"), "stale" if name.startswith("stale_") else "fresh")
        for name, count in counts.items()
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("counts", "status", "worst", "coverage"),
    [
        ({}, "unjudged", None, (0, 0, 0)),
        ({"unjudged": 3}, "unjudged", None, (0, 0, 3)),
        ({"ok": 2, "warn": 1}, "warn", "warn", (3, 3, 0)),
        ({"ok": 40, "breach": 1, "missing": 151}, "insufficient", "breach", (41, 192, 0)),
        ({"ok": 1, "missing": 1}, "ok", "ok", (1, 2, 0)),
        ({"ok": 1, "missing": 1, "insufficient": 1}, "insufficient", "ok", (1, 3, 0)),
        (
            {"ok": 2, "unjudged": 64},
            "ok",
            "ok",
            (2, 2, 64),
        ),  # those without thresholds ask for no judgement
        ({"missing": 2}, "insufficient", None, (0, 2, 0)),
        ({"stale_breach": 1, "ok": 2}, "ok", "ok", (2, 3, 0)),  # a stale figure is not current
        ({"stale_ok": 2, "ok": 1}, "insufficient", "ok", (1, 3, 0)),
    ],
)
def test_many_statuses_as_one(counts, status, worst, coverage):
    rolled = roll_up(many(**counts))
    assert (rolled.status, rolled.worst) == (status, worst)
    assert (rolled.judged, rolled.asked, rolled.without_rules) == coverage
    assert sum(rolled.counts.values()) == rolled.asked + rolled.without_rules


def test_late_is_still_current_and_broken_is_not():
    assert roll_up([("warn", "late")]).judged == 1
    counts = roll_up([("warn", "broken")]).counts
    assert {name for name, count in counts.items() if count} == {"stale"}


def test_the_floor_is_the_callers():
    assert roll_up(many(ok=1, missing=3), floor=Decimal("0.25")).status == "ok"


def test_figures_over_labels_are_re_summed():
    churn = defaults("churn")
    segments = [of_reading(churn, reading) for reading in (parts(1, 10), parts(30, 100))]
    sums = over_labels(churn, segments)
    assert sums is not None
    assert value(churn, sums) == round(Decimal(31) / Decimal(110), 12)


def test_gauges_of_several_labels_are_no_figure():
    gauge = defaults("gauge")
    north, south = (of_reading(gauge, single(figure)) for figure in (20, 30))
    assert over_labels(gauge, [north, south]) is None
    assert over_labels(gauge, [north]) is north
