"""Thresholds from JSON, and which of them held when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpis.series.definition import defaults
from kpis.series.period import parse_period
from kpis.series.thresholds import (
    Band,
    Before,
    Relation,
    Rules,
    RulesSpan,
    Window,
    crosses_a_line,
    level_of,
    valid_at,
)
from kpis.series.thresholds_input import parse_rules

CONVERSION = defaults("conversion")
CHURN = defaults("churn")
NPS = defaults("nps")
AHT = defaults("aht")
DAILY = replace(CONVERSION, period="day")
GAUGE = replace(defaults("gauge"), unit="°C", direction="range")


def d(text):
    return Decimal(text)


@pytest.mark.parametrize(
    ("definition", "data", "expected"),
    [
        (CONVERSION, {}, Rules("up")),
        (CONVERSION, {"target": 0.8, "warn": None}, Rules("up", target=d("0.8"))),
        (
            CONVERSION,
            {
                "target": 0.8,
                "warn": 0.7,
                "breach": 0.6,
                "recovery": 0.02,
                "consecutive": 2,
                "min_n": 30,
                "judge_by": "point",
            },
            Rules(
                "up",
                d("0.8"),
                Band(low=d("0.7")),
                Band(low=d("0.6")),
                d("0.02"),
                2,
                min_n=30,
                judge_by="point",
            ),
        ),
        (
            CHURN,
            {"warn": 0.05, "breach": 0.1},
            Rules("down", None, Band(high=d("0.05")), Band(high=d("0.1"))),
        ),
        (
            CONVERSION,
            {"target": 0.8, "warn": {"target_times": 0.9}, "breach": {"target_plus": -0.3}},
            Rules("up", d("0.8"), Band(low=d("0.72")), Band(low=d("0.5"))),
        ),
        (
            NPS,  # a target of 0 or less can be added to, where times would turn the line round
            {"target": -10, "warn": {"target_plus": -5}},
            Rules("up", d(-10), Band(low=d(-15))),
        ),
        (
            GAUGE,
            {
                "target": {"low": 19, "high": 22},
                "warn": {"low": 18, "high": {"target_plus": 2}},
                "breach": {"high": 30},
            },
            Rules("range", Band(d(19), d(22)), Band(d(18), d(24)), Band(high=d(30))),
        ),
        (
            GAUGE,
            {"target": 20, "warn": {"low": {"target_times": 0.9}}},
            Rules("range", d(20), Band(low=d(18))),
        ),
        (AHT, {"direction": "down", "breach": 600}, Rules("down", breach=Band(high=d(600)))),
        (AHT, {"target": 300}, Rules("none", target=d(300))),
    ],
)
def test_rules_from_json(definition, data, expected):
    rules = parse_rules(data, definition)
    assert isinstance(rules, Rules), rules
    assert replace(rules, relations=()) == expected
    assert bool(rules.relations) == ("target_" in str(data))


WINDOW = {"until_n": 40, "max": 6}


@pytest.mark.parametrize(
    ("definition", "data", "relations", "more"),
    [
        (  # a baseline that is a figure is worked out at once
            CONVERSION,
            {"baseline": 0.5, "warn": {"baseline_times": 0.9}},
            [Relation("warn", "low", "baseline", True, d("0.9"))],
            {"warn": Band(low=d("0.45")), "open": False, "baseline": d("0.5")},
        ),
        (
            CONVERSION,
            {"baseline": {"period": "2025"}, "breach": {"baseline_plus": -0.1}},
            [Relation("breach", "low", "baseline", False, d("-0.1"))],
            {"breach": Band(), "open": True, "baseline": parse_period("2025", "UTC")},
        ),
        (
            CHURN,
            {"warn": {"before_times": 1.2}},
            [Relation("warn", "high", "before", True, d("1.2"))],
            {"open": True, "before": Before(1)},
        ),
        (
            CHURN,
            {"before": {"years": 1}, "warn": 0.2, "breach": {"before_plus": 0.05}},
            [Relation("breach", "high", "before", False, d("0.05"))],
            {"warn": Band(high=d("0.2")), "before": Before(0, 1)},
        ),
        (
            GAUGE,
            {"before": {"periods": 2}, "warn": {"low": {"before_plus": -3}, "high": 30}},
            [Relation("warn", "low", "before", False, d(-3))],
            {"warn": Band(high=d(30)), "before": Before(2)},
        ),
        (NPS, {"warn": 0, "window": WINDOW}, [], {"window": Window(40, 6), "looks_back": True}),
        (NPS, {"warn": 0, "window": {"max": 3}}, [], {"window": Window(30, 3)}),
        (CONVERSION, {"warn": 0.5, "recover_after": 3}, [], {"recover_after": 3, "looks_back": False}),
    ],
)
def test_lines_relative_to_figures_and_windows(definition, data, relations, more):
    rules = parse_rules(data, definition)
    assert isinstance(rules, Rules), rules
    assert list(rules.relations) == relations
    assert {name: getattr(rules, name) for name in more} == more


@pytest.mark.parametrize(
    ("definition", "data", "expected"),
    [
        (CONVERSION, {"warn": {"baseline_plus": 1}}, [("/warn", "baseline_required")]),
        (CONVERSION, {"baseline": 0.5, "warn": 0.4}, [("/baseline", "unused")]),
        (CONVERSION, {"before": {"years": 1}, "warn": 0.4}, [("/before", "unused")]),
        (CONVERSION, {"baseline": "2025"}, [("/baseline", "type")]),
        (CONVERSION, {"baseline": {"period": "2025-13"}}, [("/baseline/period", "not_a_period")]),
        (CONVERSION, {"baseline": {"period": "2025-10-31"}}, [("/baseline/period", "out_of_range")]),
        (CONVERSION, {"baseline": 50, "warn": {"baseline_times": 0.01}}, [("/baseline", "out_of_bounds")]),
        (CONVERSION, {"before": 1}, [("/before", "type")]),
        (CONVERSION, {"before": {"periods": 1, "years": 1}}, [("/before", "type")]),
        (CONVERSION, {"before": {"periods": 0}}, [("/before/periods", "out_of_range")]),
        (GAUGE, {"before": {"years": 1}}, [("/before/years", "no_such_period")]),
        (DAILY, {"before": {"years": 2}}, [("/before/years", "out_of_range")]),
        (CHURN, {"warn": {"before_times": -1}}, [("/warn/before_times", "not_positive")]),
        (CHURN, {"warn": {"before_times": 0}}, [("/warn/before_times", "not_positive")]),
        (NPS, {"warn": {"before_times": 0.9}}, [("/warn", "factor_turns_round")]),
        (
            CHURN,
            {"warn": {"before_times": 1.2}, "breach": {"before_times": 1.1}},
            [("/breach", "order")],
        ),
        (
            GAUGE,
            {"warn": {"low": {"before_plus": -3}}, "breach": {"low": {"before_plus": -2}}},
            [("/breach", "order")],
        ),
        (NPS, {"warn": {"before_plus": -5}, "window": {"max": 2}}, [("/before", "overlap")]),
        (
            NPS,
            {"warn": {"before_plus": -5}, "before": {"periods": 2}, "window": {"max": 3}},
            [("/before/periods", "overlap")],
        ),
        (NPS, {"window": 3}, [("/window", "type")]),
        (NPS, {"window": {"until_n": 40}}, [("/window", "type")]),
        (NPS, {"window": {"until_n": 40, "max": 1}}, [("/window/max", "out_of_range")]),
        (NPS, {"window": {"until_n": 10, "max": 3}}, [("/window/until_n", "order")]),
        (CONVERSION, {"window": {"max": 3}}, [("/window/until_n", "required")]),
        (defaults("complaints"), {"window": WINDOW}, [("/window", "not_summable")]),
        (GAUGE, {"window": WINDOW}, [("/window", "not_summable")]),
        (CONVERSION, {"recover_after": 0}, [("/recover_after", "out_of_range")]),
    ],
)
def test_what_of_the_past_contradicts_itself_is_named(definition, data, expected):
    issues = parse_rules(data, definition)
    assert isinstance(issues, list), issues
    assert [(issue.pointer, issue.code) for issue in issues] == expected


@pytest.mark.parametrize(
    ("definition", "data", "expected"),
    [
        (CONVERSION, None, [("", "type")]),
        (CONVERSION, 0.7, [("", "type")]),
        (CONVERSION, {"warning": 0.7}, [("/warning", "unknown_field")]),
        (CONVERSION, {"warn": "0.7"}, [("/warn", "type")]),
        (CONVERSION, {"warn": True}, [("/warn", "type")]),
        (CONVERSION, {"warn": float("nan")}, [("/warn", "out_of_range")]),
        (CONVERSION, {"warn": 1e15}, [("/warn", "out_of_range")]),
        (CONVERSION, {"warn": 70}, [("/warn", "out_of_bounds")]),  # percent by mistake
        (
            CONVERSION,
            {"target": 80, "breach": -1},
            [("/target", "out_of_bounds"), ("/breach", "out_of_bounds")],
        ),
        (CONVERSION, {"warn": {"low": 0.7}}, [("/warn", "type")]),
        (CONVERSION, {"warn": {"target_times": 0.9}}, [("/warn", "target_required")]),
        (CONVERSION, {"target": 0.8, "warn": {"target_times": "x"}}, [("/warn/target_times", "type")]),
        (CONVERSION, {"target": 0.8, "warn": {"target_times": 1, "target_plus": 1}}, [("/warn", "type")]),
        (CONVERSION, {"target": {"low": 0.7, "high": 0.8}}, [("/target", "type")]),
        (CONVERSION, {"warn": 0.6, "breach": 0.7}, [("/breach", "order")]),
        (CHURN, {"warn": 0.1, "breach": 0.05}, [("/breach", "order")]),
        (CONVERSION, {"warn": 0.9, "recovery": 0.2}, [("/recovery", "unreachable")]),
        (CHURN, {"warn": 0.1, "recovery": 0.2}, [("/recovery", "unreachable")]),
        (CONVERSION, {"warn": 0.9, "recovery": -0.1}, [("/recovery", "negative")]),
        (
            CONVERSION,
            {"consecutive": 0, "min_n": -1},
            [("/consecutive", "out_of_range"), ("/min_n", "out_of_range")],
        ),
        (CONVERSION, {"consecutive": 1.5}, [("/consecutive", "out_of_range")]),
        (CONVERSION, {"judge_by": "gut"}, [("/judge_by", "choice")]),
        (CONVERSION, {"direction": "none"}, [("/direction", "choice")]),
        (AHT, {"warn": 300}, [("/direction", "required")]),
        (GAUGE, {"warn": 20}, [("/warn", "type")]),
        (GAUGE, {"warn": {}}, [("/warn", "type")]),
        (GAUGE, {"warn": {"low": 1, "middle": 2}}, [("/warn", "type")]),
        (GAUGE, {"target": {"low": 3, "high": 2}}, [("/target/high", "order")]),
        (GAUGE, {"warn": {"low": 10, "high": 20}, "breach": {"low": 12, "high": 30}}, [("/breach", "order")]),
        (GAUGE, {"warn": {"low": 10, "high": 20}, "recovery": 6}, [("/recovery", "unreachable")]),
    ],
)
def test_everything_wrong_is_named(definition, data, expected):
    issues = parse_rules(data, definition)
    assert isinstance(issues, list)
    assert [(issue.pointer, issue.code) for issue in issues] == expected


def test_a_figure_on_a_line_has_not_crossed_it():
    rules = parse_rules({"warn": 0.7, "breach": 0.6}, CONVERSION)
    assert isinstance(rules, Rules)
    levels = [level_of(rules, d(figure), d(figure)) for figure in ("0.7", "0.6999", "0.6", "0.5999")]
    assert levels == [0, 1, 1, 2]


def test_an_interval_is_beyond_a_line_only_as_a_whole():
    rules = Rules("range", warn=Band(d(10), d(20)), breach=Band(d(5), d(25)))
    ends = [
        ("1", "4"),
        ("1", "6"),
        ("1", "12"),
        ("12", "19"),
        ("19", "22"),
        ("21", "24"),
        ("24", "30"),
        ("26", "30"),
    ]
    assert [level_of(rules, d(low), d(high)) for low, high in ends] == [2, 1, 0, 0, 0, 1, 1, 2]
    assert [crosses_a_line(rules, d(low), d(high)) for low, high in ends] == [
        False,
        True,
        True,
        False,
        True,
        False,
        True,
        False,
    ]


def test_an_end_exactly_on_a_line_is_on_its_good_side():
    rules = Rules("range", warn=Band(d(10), d(20)))
    ends = [("10", "12"), ("8", "10"), ("18", "20"), ("20", "22")]
    assert [crosses_a_line(rules, d(low), d(high)) for low, high in ends] == [False, True, False, True]


def test_warn_and_breach_may_be_one_line():
    rules = parse_rules({"warn": 0.7, "breach": 0.7}, CONVERSION)
    assert isinstance(rules, Rules)
    assert level_of(rules, d("0.69"), d("0.69")) == 2


DAY = timedelta(days=1)
JAN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, SECOND, OWN = (Rules("up", warn=Band(low=d(line))) for line in ("0.1", "0.2", "0.3"))


def test_of_the_spans_valid_at_an_instant_the_last_recorded_counts():
    history = [
        RulesSpan(
            SECOND, JAN + 9 * DAY, valid_from=JAN + 5 * DAY, valid_to=JAN + 7 * DAY
        ),  # backdated correction
        RulesSpan(FIRST, JAN, valid_from=JAN),
    ]
    days = {day: valid_at(history, JAN + day * DAY) for day in (-1, 0, 4, 5, 6, 7)}
    assert days == {-1: None, 0: FIRST, 4: FIRST, 5: SECOND, 6: SECOND, 7: FIRST}
    assert valid_at([], JAN) is None


def test_a_bindings_own_rules_come_before_its_kpis_until_it_inherits_again():
    history = [
        RulesSpan(OWN, JAN, valid_from=JAN + DAY, of_binding=True),
        RulesSpan(None, JAN + DAY, valid_from=JAN + 3 * DAY, of_binding=True),
        RulesSpan(None, JAN + DAY * 2, valid_from=JAN + 5 * DAY, of_binding=True, inherits=True),
        RulesSpan(FIRST, JAN + 9 * DAY),
    ]
    assert [valid_at(history, JAN + day * DAY) for day in (0, 1, 3, 5)] == [FIRST, OWN, None, FIRST]
