from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.render.spark import spark

SERIES = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=80)


@pytest.mark.parametrize("values", [(), (1.0,), (None, None), (None, 3.0, None)])
def test_less_than_two_figures_are_no_line(values: tuple[float | None, ...]) -> None:
    assert spark(values, 1.0) is None


def test_a_gap_stays_open_and_the_newest_figure_may_be_missing() -> None:
    drawn = spark((1.0, 2.0, None, 3.0, None), None)
    assert drawn is not None
    assert [len(run) for run in drawn.runs] == [2, 1]
    assert drawn.last is None


def test_a_flat_series_lies_in_the_middle() -> None:
    drawn = spark((5.0, 5.0), None)
    assert drawn is not None
    assert drawn.last == (1.0, 0.5)


def test_higher_is_higher_up_and_the_target_counts() -> None:
    drawn = spark((0.0, 10.0), 20.0)
    assert drawn is not None
    assert drawn.target is not None
    (first, last) = drawn.runs[0]
    assert drawn.target < last[1] < first[1]


@given(SERIES, st.one_of(st.none(), st.floats(-1e9, 1e9)))
def test_stays_in_its_box_and_shows_the_last_thirty(values: list[float | None], target: float | None) -> None:
    drawn = spark(values, target)
    shown = values[-30:]
    if drawn is None:
        assert sum(value is not None for value in shown) < 2
        return
    points = [point for run in drawn.runs for point in run]
    assert len(points) == sum(value is not None for value in shown)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)
    assert (drawn.last is None) == (shown[-1] is None)
    assert drawn.target is None or 0 <= drawn.target <= 1
