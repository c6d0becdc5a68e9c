"""What is plausible: bounds and jumps, and what a band may say."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kpis.series.definition import defaults
from kpis.series.definition_check import check_definition
from kpis.series.definition_input import definition_json, parse_definition
from kpis.series.plausibility import Plausibility, is_beyond, jumps_too_far, parse_plausibility
from kpis.series.point import NO_DOUBT, Doubt, Point, all_doubts, doubted, is_judged
from kpis.series.sums import Sums

D = Decimal


@pytest.mark.parametrize(
    ("band", "figure", "beyond"),
    [
        (Plausibility(low=D(1), high=D(9)), D(1), False),
        (Plausibility(low=D(1), high=D(9)), D(9), False),
        (Plausibility(low=D(1)), D("0.999"), True),
        (Plausibility(high=D(9)), D("9.001"), True),
        (Plausibility(high=D(9)), None, False),
        (Plausibility(jump=D(1)), D(10**14), False),
    ],
)
def test_a_figure_beyond_the_bounds(band, figure, beyond):
    assert is_beyond(band, figure) is beyond


@pytest.mark.parametrize(
    ("band", "before", "figure", "too_far"),
    [
        (Plausibility(jump=D(5)), D(10), D(15), False),
        (Plausibility(jump=D(5)), D(10), D("4.9"), True),
        (Plausibility(jump_share=D("0.5")), D(10), D(15), False),
        (Plausibility(jump_share=D("0.5")), D(10), D("15.01"), True),
        (Plausibility(jump_share=D("0.5")), D(-10), D(-16), True),
        (Plausibility(jump_share=D("0.5")), D(0), D(1000), False),  # no share of nothing
        (Plausibility(jump=D(5), jump_share=D(100)), D(0), D(6), True),
        (Plausibility(jump=D(5)), None, D(1000), False),
        (Plausibility(jump=D(5)), D(1), None, False),
        (Plausibility(low=D(5)), D(1), D(2), False),
    ],
)
def test_a_jump_from_the_figure_before(band, before, figure, too_far):
    assert jumps_too_far(band, before, figure) is too_far


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({}, {("", "required")}),
        ({"low": None}, {("", "required")}),
        ([], {("", "type")}),
        ({"low": "1", "colour": 1}, {("/low", "type"), ("/colour", "unknown_field")}),
        ({"low": True}, {("/low", "type")}),
        ({"low": D("NaN")}, {("/low", "out_of_range")}),
        ({"high": 10**15}, {("/high", "out_of_range")}),
        ({"jump": 0, "jump_share": -1}, {("/jump", "too_small"), ("/jump_share", "too_small")}),
        ({"low": 2, "high": 1}, {("/high", "order")}),
    ],
)
def test_what_a_band_cannot_say(data, wrong):
    assert {(issue.pointer, issue.code) for issue in parse_plausibility(data)} == wrong
    found = parse_definition({"kind": "count", "plausibility": data})
    assert {(issue.pointer.removeprefix("/plausibility"), issue.code) for issue in found} == wrong


def test_a_definition_keeps_its_band():
    definition = parse_definition({"kind": "count", "plausibility": {"low": 0, "jump_share": D("0.3")}})
    assert definition.plausibility == Plausibility(low=D(0), jump_share=D("0.3"))
    assert parse_definition(definition_json(definition)) == definition


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        (replace(defaults("csat"), input="answers", holds="events"), None),
        (replace(defaults("count"), holds="events"), None),
        (replace(defaults("time_on_task", "mean"), holds="events", period=None), "no_jumps"),
        (defaults("count"), None),
    ],
)
def test_bands_are_of_figures(changed, wrong):
    found = check_definition(replace(changed, plausibility=Plausibility(jump=D(1))))
    assert [issue.code for issue in found] == ([wrong] if wrong else [])


def test_doubts_add_up_and_what_lacks_a_part_of_its_sum_is_not_judged():
    two = doubted([Sums(total=D(1)), Sums(total=D(2))])
    assert all_doubts([two, NO_DOUBT, Doubt(1, Sums(total=D(4)))]) == Doubt(3, Sums(total=D(7)))
    assert all_doubts([NO_DOUBT]) is NO_DOUBT is doubted([])
    count, mean = defaults("count"), defaults("time_on_task", "mean")
    for value, of_count, of_mean in ((None, False, False), (D(1), False, True)):
        point = Point(None, None, value=value, doubt=two)
        assert (is_judged(count, point), is_judged(mean, point)) == (of_count, of_mean)
        assert is_judged(replace(count, holds="events"), point) is (value is not None)
        assert is_judged(count, replace_doubt(point))


def replace_doubt(point: Point) -> Point:
    return Point(None, None, value=point.value)
