"""The fold that judges a series."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kpis.series.definition import defaults
from kpis.series.point import Point, make_point
from kpis.series.status import WINDOW, judge
from kpis.series.sums import Sums, of_counts
from kpis.series.thresholds import Rules, RulesSpan
from kpis.series.thresholds_input import parse_rules

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)
CONVERSION = defaults("conversion")
NPS = defaults("nps")


def spans(data, definition=CONVERSION, **span):
    rules = parse_rules(data, definition)
    assert isinstance(rules, Rules), rules
    return [RulesSpan(rules, START, **span)]


def series(*figures, n=100, revision=1):
    """Weekly points of these figures in percent; None for a week without one."""
    return [
        Point(
            START + week * WEEK,
            START + (week + 1) * WEEK,
            Sums(),
            None if figure is None else Decimal(figure) / 100,
            n,
            revision=revision,
        )
        for week, figure in enumerate(figures)
    ]


def surveys(*answers):
    """Weekly NPS points of (detractors, passives, promoters)."""
    return [
        make_point(
            NPS,
            of_counts(NPS, (low, 0, 0, 0, 0, 0, 0, middle, 0, 0, high)),
            start=START + week * WEEK,
            end=START + (week + 1) * WEEK,
        )
        for week, (low, middle, high) in enumerate(answers)
    ]


PLAIN = {"warn": 0.7, "breach": 0.6}
CALM = PLAIN | {"recovery": 0.02}
SLOW = PLAIN | {"consecutive": 2}


@pytest.mark.parametrize(
    ("rules", "figures", "expected"),
    [
        (PLAIN, [], ("missing", "no_reading")),
        (PLAIN, [80, None], ("missing", "no_figure")),
        (PLAIN, [80], ("ok", None)),
        (PLAIN, [70], ("ok", None)),
        (PLAIN, [69], ("warn", "below_warn")),
        (PLAIN, [60], ("warn", "below_warn")),
        (PLAIN, [59], ("breach", "below_breach")),
        (PLAIN, [59, 60], ("warn", "below_warn")),
        (PLAIN, [59, 70], ("ok", None)),
        (CALM, [69, 71], ("warn", "recovering")),
        (CALM, [69, 72], ("ok", None)),
        (CALM, [59, 61], ("breach", "recovering")),
        (CALM, [59, 62], ("warn", "below_warn")),
        (CALM, [59, 71], ("warn", "recovering")),
        (CALM, [59, 90], ("ok", None)),
        (CALM, [71], ("ok", None)),  # never below, so nothing to recover from
        (SLOW, [69], ("ok", "not_yet_consecutive")),
        (SLOW, [69, 69], ("warn", "below_warn")),
        (SLOW, [69, 80, 69], ("ok", "not_yet_consecutive")),
        (SLOW, [69, None, 69], ("warn", "below_warn")),  # a gap neither counts nor forgives
        (SLOW, [50, 69], ("warn", "below_warn")),  # both are at least warn
        (SLOW, [50, 50], ("breach", "below_breach")),
        (SLOW, [69, 69, 50], ("warn", "below_warn")),
        ({"target": 0.8}, [10], ("unjudged", "no_thresholds")),
        ({"breach": 0.6}, [65], ("ok", None)),
        ({"breach": 0.6}, [55], ("breach", "below_breach")),
        (PLAIN | {"direction": "down", "warn": 0.2, "breach": 0.3}, [25], ("warn", "above_warn")),
    ],
)
def test_status_and_reason(rules, figures, expected):
    judgement = judge(series(*figures), spans(rules), CONVERSION)
    assert (judgement.status, judgement.reason) == expected


def test_without_thresholds_nothing_is_judged():
    judgement = judge(series(10), [], CONVERSION)
    assert (judgement.status, judgement.value, judgement.certainty) == ("unjudged", Decimal("0.1"), None)


def test_since_is_the_point_from_which_it_has_stood_so():
    points = series(80, 50, 50, 65, 65)
    assert judge(points, spans(PLAIN), CONVERSION).since == points[3].end
    assert judge(points[:3], spans(PLAIN), CONVERSION).since == points[1].end
    assert judge(points[:1], spans(PLAIN), CONVERSION).since == points[0].end


def test_each_point_is_judged_by_the_rules_valid_at_its_instant():
    later = START + 2 * WEEK + timedelta(seconds=1)
    history = [*spans({"breach": 0.5}), *spans({"breach": 0.9}, valid_from=later)]
    assert judge(series(80, 80), history, CONVERSION).status == "ok"
    assert judge(series(80, 80, 80), history, CONVERSION).status == "breach"


def test_a_margin_of_old_lines_does_not_bind_under_new_ones():
    history = [*spans(CALM), *spans({"warn": 0.65, "recovery": 0.1}, valid_from=START + 2 * WEEK)]
    assert judge(series(69, 66), history, CONVERSION).status == "ok"


def test_new_lines_keep_the_status_but_count_points_anew():
    slow = spans(SLOW)
    other = spans({"warn": 0.75, "breach": 0.6, "consecutive": 2}, valid_from=START + 2 * WEEK)
    assert judge(series(69, 69), slow, CONVERSION).status == "warn"
    assert judge(series(69, 69), [*slow, *other], CONVERSION).reason == "not_yet_consecutive"
    later = [*slow, *spans({"warn": 0.75, "consecutive": 2}, valid_from=START + 3 * WEEK)]
    assert judge(series(69, 69, 69), later, CONVERSION).status == "warn"


def test_a_time_without_thresholds_forgets():
    gap = RulesSpan(None, START, valid_from=START + 2 * WEEK, valid_to=START + 3 * WEEK)
    history = [*spans(CALM), gap]
    assert judge(series(69, 71, 71), history, CONVERSION).status == "ok"
    assert judge(series(69, 71, 71), history[:1], CONVERSION).status == "warn"


def test_the_minimum_is_enough():
    assert judge(series(69, n=30), spans(PLAIN | {"min_n": 30}), CONVERSION).status == "warn"


def test_too_few_observations_are_no_colour_and_leave_what_was():
    rules = spans(PLAIN | {"min_n": 30})
    low = series(50, n=10)
    judgement = judge(low, rules, CONVERSION)
    assert (judgement.status, judgement.reason, judgement.value) == (
        "insufficient",
        "below_min_n",
        Decimal("0.5"),
    )
    unknown = judge(series(50, n=None), rules, CONVERSION)
    assert (unknown.status, unknown.reason) == ("insufficient", "n_unknown")
    between = [*series(69), replace(series(80, 99)[1], n=5), replace(series(80, 80, 71)[2], n=100)]
    assert judge(between, spans(CALM | {"min_n": 30}), CONVERSION).status == "warn"


def test_a_break_of_the_definition_begins_anew():
    points = [*series(50, 50), *series(0, 0, 71, revision=2)[2:]]
    assert judge(points, spans(CALM), CONVERSION).status == "ok"


class TestSamples:
    def status(self, *answers, **more):
        judgement = judge(surveys(*answers), spans({"warn": 20, "breach": 0} | more, NPS), NPS)
        return judgement.status, judgement.certainty, judgement.reason

    def test_a_figure_beyond_the_line_by_noise_alone_does_not_redden(self):
        """NPS 10 of 100 answers is 10 ± 16 points."""
        assert self.status((30, 30, 40)) == ("ok", "within_noise", "within_noise")

    def test_an_interval_wholly_beyond_does(self):
        """NPS -30 of 100 answers is -30 ± 15."""
        assert self.status((50, 30, 20)) == ("breach", "clear", "below_breach")

    def test_beyond_one_line_surely_and_beyond_the_other_perhaps(self):
        """NPS -5 of 400 answers is -5 ± 8: surely below 20, perhaps below 0."""
        assert self.status((140, 140, 120)) == ("warn", "within_noise", "below_warn")

    def test_far_inside_is_clear(self):
        assert self.status((0, 20, 80)) == ("ok", "clear", None)

    def test_by_point_where_the_rules_say_so(self):
        assert self.status((30, 30, 40), judge_by="point") == ("warn", "within_noise", "below_warn")

    def test_too_few_answers(self):
        assert self.status((20, 0, 0)) == ("insufficient", None, "below_min_n")
        assert self.status((20, 0, 0), min_n=0)[0] == "breach"

    def test_it_gets_better_when_the_figure_is_back_inside(self):
        assert self.status((50, 30, 20), (10, 20, 70)) == ("ok", "clear", None)
        assert self.status((50, 30, 20), (30, 30, 40)) == ("breach", "within_noise", "recovering")
        assert self.status((50, 30, 20), *[(30, 30, 40)] * 2) == ("warn", "within_noise", "below_warn")

    def test_back_inside_by_noise_alone_it_waits_for_a_second_time(self):
        """NPS 22 of 100 answers is 22 ± 16: surely no breach, but not surely inside."""
        inside = (25, 28, 47)
        assert self.status((50, 30, 20), inside) == ("warn", "within_noise", "recovering")
        assert self.status((50, 30, 20), inside, inside) == ("ok", "within_noise", None)
        assert self.status((50, 30, 20), inside, recover_after=1)[0] == "ok"
        assert self.status((50, 30, 20), inside, inside, recover_after=3)[0] == "breach"

    def test_beyond_at_95_but_not_at_99_9_it_waits_for_a_second_time(self):
        """NPS 0 of 100 answers is 0 ± 16, at 99.9 % ± 27."""
        low = (35, 30, 35)
        assert self.status(low) == ("ok", "within_noise", "not_yet_consecutive")
        assert self.status(low, low) == ("warn", "within_noise", "below_warn")
        assert self.status(low, (0, 20, 80), low)[0] == "ok"
        assert self.status(low, consecutive=1)[0] == "warn"

    def test_a_sample_whose_spread_nobody_told_turns_by_its_second_figure(self):
        told = [replace(point, sums=Sums(), n=100) for point in surveys((50, 30, 20), (50, 30, 20))]
        rules = spans({"warn": 20}, NPS)
        assert judge(told[:1], rules, NPS).reason == "not_yet_consecutive"
        assert judge(told, rules, NPS).status == "warn"


figures = st.lists(st.none() | st.integers(0, 100), max_size=80)
rule_sets = st.sampled_from([PLAIN, CALM, SLOW, CALM | {"consecutive": 3, "min_n": 30}])


@given(figures, rule_sets)
def test_folding_the_same_list_is_the_same_judgement(values, rules):
    history = spans(rules)
    assert judge(series(*values), history, CONVERSION) == judge(series(*values), spans(rules), CONVERSION)


@given(
    st.lists(st.none() | st.integers(0, 100), max_size=40),
    st.lists(st.integers(0, 100), min_size=60, max_size=60),
    rule_sets,
)
def test_points_older_than_sixty_change_nothing(older, recent, rules):
    points = series(*older, *recent)
    assert judge(points, spans(rules), CONVERSION) == judge(points[-WINDOW:], spans(rules), CONVERSION)


@given(st.lists(st.integers(680, 719), min_size=1, max_size=59))
def test_inside_the_recovery_margin_nothing_flaps(wobble):
    """Once below 0.70 the status stays warn while the figure stays below 0.72, however it moves."""
    points = series(69, *(Decimal(tenth) / 10 for tenth in wobble))
    statuses = [judge(points[: count + 1], spans(CALM), CONVERSION).status for count in range(len(points))]
    assert set(statuses) == {"warn"}


@given(figures, rule_sets)
def test_ever_better_figures_are_never_judged_worse(values, rules):
    """Raising the last figure never worsens the status."""
    order = ["breach", "warn", "ok"]
    history = spans(rules)
    last_two = [judge(series(*values, last), history, CONVERSION).status for last in range(0, 101, 10)]
    ranks = [order.index(status) for status in last_two]
    assert ranks == sorted(ranks)


@given(st.lists(st.tuples(*[st.integers(0, 300)] * 3).filter(any), min_size=1, max_size=12))
def test_a_sample_is_never_judged_worse_than_its_figure_alone(answers):
    rules = {"warn": 20, "breach": 0, "min_n": 1, "recover_after": 1}
    by_interval = judge(surveys(*answers), spans(rules, NPS), NPS)
    by_point = judge(
        surveys(*answers), spans({"warn": 20, "breach": 0, "min_n": 1, "judge_by": "point"}, NPS), NPS
    )
    order = ["breach", "warn", "ok"]
    assert order.index(by_interval.status) >= order.index(by_point.status)
