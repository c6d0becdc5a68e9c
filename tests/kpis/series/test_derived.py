"""KPIs made of KPIs: parts are summed over time and labels first, then the expression is worked out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from kpis.series.definition import Definition, defaults
from kpis.series.derivation import MOST_LEVELS, Derivation, check_graph, check_leaves, derivation, inputs_of
from kpis.series.derived import derived_points
from kpis.series.point import Point, make_point
from kpis.series.sums import of_reading
from kpis.series.trend import definition_break, trend
from tests.kpis.series.make import parts, single

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)
VISITORS = defaults("count")
SHARE = replace(defaults("conversion"), period="week")
A, B, C, D, E = (uuid.UUID(int=number) for number in range(1, 6))


def of(expression: str, **names: uuid.UUID) -> Definition:
    return replace(
        defaults("derived"),
        unit="x",
        expression=expression.format(**{k: f"{{{v}}}" for k, v in names.items()}),
    )


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


def shares(*weekly: tuple[int | None, int | None]) -> list[Point]:
    return [
        make_point(
            SHARE, of_reading(SHARE, parts(*sides)), start=START + week * WEEK, end=START + (week + 1) * WEEK
        )
        for week, sides in enumerate(weekly)
    ]


def made(definitions: dict[uuid.UUID, Definition], kpi: uuid.UUID) -> Derivation:
    return derivation(kpi, lambda one: definitions[one])


def course(definitions, kpi, courses) -> list[Point]:
    return derived_points(made(definitions, kpi), courses, lambda leaf, _: definitions[leaf], revision=1)


RATIO = {A: VISITORS, B: VISITORS, C: of("{a} / {b}", a=A, b=B)}


def ratio(above: list[Point], below: list[Point]) -> list[Point]:
    return course(RATIO, C, {A: {"{}": above}, B: {"{}": below}})


def test_a_ratio_divides_the_figures_of_the_same_period():
    points = ratio(visitors(5, None, 7, 3), visitors(10, 10, 0, 4, 9))
    assert [(point.value, point.n, point.reason) for point in points] == [
        (Decimal("0.5"), 10, None),
        (None, None, "missing_input"),
        (None, 0, "division_by_zero"),
        (Decimal("0.75"), 4, None),
        (None, None, "missing_input"),
    ]
    assert [point.end for point in points] == [START + week * WEEK for week in range(1, 6)]


def test_a_new_revision_of_an_input_breaks_what_is_made_of_it():
    below = [*visitors(10), *visitors(10, first=1, revision=2)]
    points = ratio(visitors(5, 6), below)
    assert definition_break(points) == points[1].start
    assert trend(points, "up", None) is None
    assert trend(ratio(visitors(5, 6), visitors(10, 10)), "up", None) is not None


def test_a_week_that_one_side_lacks_breaks_nothing():
    points = ratio([*visitors(5), *visitors(6, first=2)], visitors(10, 10, 10))
    assert definition_break(points) is None
    assert [point.value for point in points] == [Decimal("0.5"), None, Decimal("0.6")]


def test_a_running_figure_is_as_old_as_its_oldest_input():
    end = START + WEEK
    above, below = (
        [Point(START, end, value=Decimal(side), n=1, observed_at=START + timedelta(days=side))]
        for side in (3, 4)
    )
    assert ratio(above, below)[0].observed_at == START + timedelta(days=3)


def test_labels_are_summed_before_the_expression():
    """1/10 and 90/100 are 91/110, neither their average nor the sum of quotients."""
    definitions = {A: SHARE, B: SHARE, C: of("1 - {a}", a=A)}
    small, large = shares((1, 10)), shares((90, 100))
    [point] = course(definitions, C, {A: {"small": small, "large": large}})
    assert point.value == round(1 - Decimal(91) / 110, 12)
    assert point.n == 110


def test_only_label_sets_of_which_every_input_speaks_count():
    above = {"x": visitors(5), "y": visitors(7), "z": visitors(None)}
    below = {"x": visitors(10), "z": visitors(1000)}
    [point] = course(RATIO, C, {A: above, B: below})
    assert (point.value, point.sums.denominator) == (Decimal("0.5"), 10)


def test_gauges_of_several_label_sets_are_not_summed():
    gauge = replace(defaults("gauge"), period="week")
    definitions = {A: gauge, C: of("{a} * 2", a=A)}
    point = make_point(gauge, of_reading(gauge, single(3)), start=START, end=START + WEEK)
    [alone] = course(definitions, C, {A: {"x": [point]}})
    [both] = course(definitions, C, {A: {"x": [point], "y": [point]}})
    assert (alone.value, both.value, both.reason) == (6, None, "not_summable")


def test_three_levels_deep_each_is_worked_out_once():
    definitions = {
        A: VISITORS,
        B: VISITORS,
        C: of("{a} + {b}", a=A, b=B),
        D: of("{a} / {c}", a=A, c=C),
        E: of("1 - {d} + {d} - {d}", d=D),
    }
    assert [kpi for kpi, _ in made(definitions, E).steps] == [C, D, E]
    assert made(definitions, E).leaves == (A, B)
    [point] = course(definitions, E, {A: {"{}": visitors(3)}, B: {"{}": visitors(1)}})
    assert (point.value, point.n) == (Decimal("0.25"), 1)
    assert made(definitions, A) == Derivation((A,), ())


def test_no_cycles_and_no_towers():
    assert check_graph(C, [A, B], {}) == []
    assert [issue.code for issue in check_graph(C, [C], {})] == ["cycle"]
    assert [issue.code for issue in check_graph(C, [D], {D: {E}, E: {A, C}})] == ["cycle"]
    tower = [uuid.UUID(int=100 + level) for level in range(MOST_LEVELS + 1)]
    edges = {high: {low} for low, high in pairwise(tower)}
    assert check_graph(A, tower[1:2], edges) == []
    assert [issue.code for issue in check_graph(A, tower[-1:], edges)] == ["too_many_levels"]
    assert [issue.code for issue in check_graph(tower[0], [A], edges)] == ["too_many_levels"]


@pytest.mark.parametrize(
    ("leaf", "codes"),
    [
        (VISITORS, []),
        (replace(VISITORS, period="day"), []),
        (replace(VISITORS, period="month"), ["period_too_long"]),
        (replace(VISITORS, period=None), ["no_period"]),
        (replace(VISITORS, zone="Asia/Kolkata"), ["zone_mismatch"]),
        (replace(defaults("gauge"), period="day"), ["not_summable"]),
    ],
)
def test_what_figures_can_be_of_its_periods(leaf, codes):
    assert [issue.code for issue in check_leaves(of("{a}", a=A), [leaf])] == codes


def test_inputs_are_told_once_each():
    assert inputs_of(of("{b} + {a} - {b}", a=A, b=B)) == (B, A)
    assert inputs_of(VISITORS) == ()
