"""Lines relative to earlier figures, and windows that widen until there are enough observations."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced

from kpis.series.definition import defaults
from kpis.series.period import parse_period, period_of, periods_back, years_back
from kpis.series.point import Point, make_point
from kpis.series.reference import baseline_of
from kpis.series.status import WINDOW, judge
from kpis.series.sums import Sums, of_counts
from kpis.series.thresholds import Rules, RulesSpan
from kpis.series.thresholds_input import parse_rules

START = datetime(2026, 1, 1, tzinfo=UTC)
CONVERSION = replace(defaults("conversion"), period="month")
REVENUE = replace(defaults("revenue"), period="month", currency="EUR")
CSAT = replace(defaults("csat"), period="month")


def spans(data, definition=CONVERSION):
    rules = parse_rules(data, definition)
    assert isinstance(rules, Rules), rules
    return [RulesSpan(rules, START)]


def months(*shares, definition=CONVERSION, n=100, revision=1):
    """Monthly points from January 2026 on: shares in percent of n, or (percent, n); None for a gap."""
    points, period = [], period_of(START, "month", "UTC")
    for share in shares:
        if share is not None:
            percent, base = share if isinstance(share, tuple) else (share, n)
            sums = Sums(numerator=Decimal(percent * base) / 100, denominator=Decimal(base), n=base)
            points.append(make_point(definition, sums, start=period.start, end=period.end, revision=revision))
        period = period_of(period.end, "month", "UTC")
    return points


def surveys(*satisfied):
    """Monthly CSAT points of (satisfied, others) answers."""
    points, period = [], period_of(START, "month", "UTC")
    for high, low in satisfied:
        sums = of_counts(CSAT, (low, 0, 0, 0, high))
        points.append(make_point(CSAT, sums, start=period.start, end=period.end))
        period = period_of(period.end, "month", "UTC")
    return points


DROP = {"warn": {"before_times": 0.9}, "breach": {"before_plus": -0.2}}
YEAR = {"before": {"years": 1}, "warn": {"before_times": 0.9}}


@pytest.mark.parametrize(
    ("rules", "shares", "expected"),
    [
        (DROP, [50], ("insufficient", "no_figure_before")),
        (DROP, [50, 45], ("ok", None)),
        (DROP, [50, 44], ("warn", "below_warn")),
        (DROP, [50, 44, 44], ("ok", None)),  # against the last month it no longer falls
        (DROP, [50, 29], ("breach", "below_breach")),
        (DROP, [50, None, 44], ("insufficient", "no_figure_before")),
        (DROP, [0, 44], ("insufficient", "reference_not_positive")),
        (DROP | {"min_n": 50}, [(50, 20), 44], ("insufficient", "reference_below_min_n")),
        (DROP | {"before": {"periods": 2}}, [50, 10, 46], ("ok", None)),
        (YEAR, [50, *[10] * 11, 46], ("ok", None)),
        (YEAR, [50, *[10] * 11, 44], ("warn", "below_warn")),
        (YEAR, [None, *[10] * 11, 44], ("insufficient", "no_figure_before")),
    ],
)
def test_a_line_moves_with_the_figure_before(rules, shares, expected):
    judgement = judge(months(*shares), spans(rules), CONVERSION)
    assert (judgement.status, judgement.reason) == expected


def test_the_judgement_tells_the_figure_that_the_line_was_relative_to():
    judgement = judge(months(50, 44), spans(DROP), CONVERSION)
    assert judgement.case is not None
    assert judgement.case.references is not None
    reference = judgement.case.references["before"]
    assert (reference.value, reference.end) == (Decimal("0.5"), datetime(2026, 2, 1, tzinfo=UTC))
    assert judgement.case.rules.warn is not None
    assert judgement.case.rules.warn.low == Decimal("0.45")


def test_figures_of_another_definition_are_no_figures_before():
    points = [*months(50), *months(None, 44, revision=2)]
    assert judge(points, spans(DROP), CONVERSION).reason == "no_figure_before"


class TestBaseline:
    rules = {"baseline": {"period": "2026-Q1"}, "warn": {"baseline_times": 0.9}}
    quarter = parse_period("2026-Q1", "UTC")

    def judged(self, points):
        found = baseline_of(CONVERSION, self.quarter, points)
        return judge(points, spans(self.rules), CONVERSION, {} if found is None else {self.quarter: found})

    def test_it_is_summed_again_and_not_an_average_of_rates(self):
        found = baseline_of(CONVERSION, self.quarter, months((100, 10), (40, 90), (40, 100)))
        assert found is not None
        assert (found.value, found.n) == (Decimal("0.43"), 200)

    def test_counts_have_a_mean_of_their_periods(self):
        points = [
            Point(start, start + timedelta(days=28), value=Decimal(amount))
            for start, amount in zip((START, START + timedelta(days=31)), (100, 200), strict=True)
        ]
        found = baseline_of(REVENUE, self.quarter, points)
        assert found is not None
        assert found.value == 150

    def test_what_lies_across_its_ends_is_no_part_of_it(self):
        weekly = [
            replaced(point, start=point.start - timedelta(days=3), end=point.end - timedelta(days=3))
            for point in months(90, 50, 50, 10)
        ]
        found = baseline_of(CONVERSION, self.quarter, weekly)
        assert found is not None
        assert (found.value, found.n) == (Decimal("0.5"), 200)
        instants = [replaced(point, start=None) for point in months(50, 50, 90)]
        found = baseline_of(CONVERSION, self.quarter, instants)
        assert found is not None
        assert found.value == Decimal("0.5")

    def test_figures_after_it_are_held_against_it(self):
        assert self.judged(months(50, 50, 50, 46)).status == "ok"
        assert self.judged(months(50, 50, 50, 44)).reason == "below_warn"

    def test_what_it_is_made_of_is_not(self):
        assert self.judged(months(50, 50, 20)).reason == "no_baseline"

    def test_nothing_is_known_of_it(self):
        assert baseline_of(CONVERSION, self.quarter, []) is None
        assert judge(months(50), spans(self.rules), CONVERSION).reason == "no_baseline"

    def test_measured_otherwise_it_is_none(self):
        old = baseline_of(CONVERSION, self.quarter, months(50, 50, 50))
        assert old is not None
        points = months(None, None, None, 20, revision=2)
        assert judge(points, spans(self.rules), CONVERSION, {self.quarter: old}).reason == "no_baseline"


def test_a_drop_between_two_noisy_figures_needs_to_be_greater_than_one_below_a_fact():
    """60 of 100 is surely below a fact of 0.75; but 75 of 100 may itself have been 0.68."""
    rules = {"warn": {"before_plus": 0}, "consecutive": 1}
    fixed = judge(surveys((60, 40)), spans({"warn": 0.75, "consecutive": 1}, CSAT), CSAT)
    assert (fixed.status, fixed.certainty) == ("warn", "clear")
    moving = judge(surveys((70, 30), (60, 40)), spans(rules, CSAT), CSAT)
    assert (moving.status, moving.certainty, moving.reason) == ("ok", "within_noise", "within_noise")
    assert judge(surveys((75, 25), (45, 55)), spans(rules, CSAT), CSAT).status == "warn"
    by_figure = spans(rules | {"judge_by": "point"}, CSAT)
    assert judge(surveys((70, 30), (60, 40)), by_figure, CSAT).status == "warn"


WIDE = {"warn": 0.7, "min_n": 30, "window": {"until_n": 50, "max": 4}, "consecutive": 1}


class TestWindow:
    def judged(self, *satisfied, **more):
        return judge(surveys(*satisfied), spans(WIDE | more, CSAT), CSAT)

    def test_enough_observations_stand_for_themselves(self):
        judgement = self.judged((0, 50), (50, 5))
        assert (judgement.status, judgement.periods) == ("ok", 1)
        assert judgement.case is not None
        assert judgement.case.point.n == 55

    def test_few_are_summed_with_as_few_periods_as_are_needed(self):
        judgement = self.judged((0, 90), (18, 2), (18, 2), (9, 1))
        assert (judgement.status, judgement.value, judgement.periods) == ("ok", Decimal("0.9"), 3)
        assert judgement.case is not None
        assert (judgement.case.point.n, judgement.case.point.value) == (50, Decimal("0.9"))
        assert judgement.case.point.start == datetime(2026, 2, 1, tzinfo=UTC)

    def test_not_beyond_the_widest(self):
        judgement = self.judged((0, 90), (4, 1), (4, 1), (4, 1), (4, 1))
        assert (judgement.status, judgement.reason, judgement.periods) == ("insufficient", "below_min_n", 4)

    def test_a_period_without_an_answer_is_judged_by_those_before(self):
        judgement = self.judged((5, 55), (0, 0))
        assert (judgement.status, judgement.value, judgement.periods) == ("warn", None, 2)

    def test_windows_that_share_readings_prove_nothing_twice(self):
        """27 of 50: beyond 0.7 at 95 %, not at 99.9 %. Three windows of the same answers are no three."""
        answers = [(9, 8), (9, 8), (9, 7), (0, 1), (0, 1)]
        twice = {"consecutive": None, "window": {"until_n": 40, "max": 6}}
        assert self.judged(*answers, **twice).reason == "not_yet_consecutive"
        anew = [*answers, (18, 16), (9, 9)]
        assert self.judged(*anew, **twice).status == "warn"


def test_periods_back():
    def named(text, kind=None):
        return parse_period(text, "Europe/Lisbon")

    assert periods_back(named("2026-03"), 14).label == "2025-01"
    assert periods_back(named("2026-Q1"), 1).label == "2025-Q4"
    assert periods_back(named("2026-W01"), 1).label == "2025-W52"
    assert periods_back(named("2026-03-30"), 2).label == "2026-03-28"  # over a day of 23 hours
    assert periods_back(named("2026-03-29T03"), 2).label == "2026-03-29T00"
    assert years_back(named("2024-02-29"), 1).label == "2023-02-28"
    assert years_back(named("2026-W53"), 1).label == "2025-W52"
    assert years_back(named("2026-Q2"), 2).label == "2024-Q2"


@given(
    st.lists(st.integers(0, 100), max_size=30),
    st.lists(st.integers(0, 100), min_size=WINDOW + 12, max_size=WINDOW + 12),
    st.sampled_from([YEAR, DROP, YEAR | {"window": {"until_n": 150, "max": 2}}]),
)
def test_only_as_much_is_looked_back_at_as_the_rules_say(older, recent, rules):
    points = months(*older, *recent)
    reach = WINDOW + 13
    assert judge(points, spans(rules), CONVERSION) == judge(points[-reach:], spans(rules), CONVERSION)
