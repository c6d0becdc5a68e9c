"""The course of a figure, large: true to its dates and lines, with labels that do not touch."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from journeys.render.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, chart
from journeys.render.html.chart import course
from journeys.render.mark import Line, Mark, Moment

from . import samples


def mark(*values: float | None, **more: object) -> Mark:
    ends = tuple(samples.NOW - timedelta(weeks=len(values) - i) for i in range(len(values)))
    given = {"spark": values, "spark_ends": ends, "lines": (), "moments": ()} | more
    return samples.mark(0, **given)


def test_two_figures_and_their_dates_make_a_chart() -> None:
    assert chart(mark(1.0)) is None
    assert chart(mark(None, 1.0, None)) is None
    assert chart(replace(mark(1.0, 2.0), spark_ends=())) is None
    drawn = chart(mark(1.0, 3.0))
    assert drawn is not None
    (run,) = drawn.runs
    assert run == ((LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, TOP))


def test_time_is_to_scale_and_gaps_stay_open() -> None:
    given = mark(1.0, None, 2.0, 3.0)
    ends = (*given.spark_ends[:3], given.spark_ends[2] + timedelta(weeks=5))
    drawn = chart(replace(given, spark_ends=ends))
    assert drawn is not None
    assert [len(run) for run in drawn.runs] == [1, 2]
    width = WIDTH - LEFT - RIGHT
    assert [round((x - LEFT) / width, 3) for run in drawn.runs for x, _ in run] == [0, round(2 / 7, 3), 1]


def test_lines_are_in_the_picture_and_moments_inside_their_time() -> None:
    lines = (Line("target", 10.0, "goal 10"), Line("breach", 0.0, "breach 0"))
    inside = Moment(samples.NOW - timedelta(weeks=2), "version 2")
    before = Moment(samples.NOW - timedelta(weeks=20), "version 1")
    drawn = chart(mark(4.0, 5.0, 6.0, lines=lines, moments=(before, inside)))
    assert drawn is not None
    assert [(level.line.text, level.y) for level in drawn.levels] == [
        ("goal 10", TOP),
        ("breach 0", HEIGHT - BOTTOM),
    ]
    assert [moment.text for _, _, moment in drawn.moments] == ["version 2"]


def test_without_lines_its_extent_is_told() -> None:
    drawn = chart(mark(4.0, 6.0, spark_low="4", spark_high="6"))
    assert drawn is not None
    assert [(level.line.role, level.line.text) for level in drawn.levels] == [
        ("extent", "6"),
        ("extent", "4"),
    ]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.lists(st.floats(-1e6, 1e6), max_size=5))
def test_nothing_leaves_the_picture_and_labels_keep_apart(values: list[float], heights: list[float]) -> None:
    drawn = chart(mark(*values, lines=tuple(Line("warn", height, "x") for height in heights)))
    assert drawn is not None
    for x, y in (spot for run in drawn.runs for spot in run):
        assert LEFT - 1e-6 <= x <= WIDTH - RIGHT + 1e-6
        assert TOP - 1e-6 <= y <= HEIGHT - BOTTOM + 1e-6
    for above, below in pairwise(drawn.levels):
        assert below.label_y - above.label_y >= 11.9


def test_the_chart_says_in_words_what_it_shows() -> None:
    told = str(course(samples.mark(0)))
    assert "29 figures from" in told
    assert "−42.0 % to 51.3 %; goal 10.0 %; breach 5.0 %" in told
    assert "version 6" in told
    assert course(replace(samples.mark(0), n="")) is None


def test_an_improvement_has_a_sign_and_words_of_its_own() -> None:
    made = Moment(samples.NOW - timedelta(weeks=2), "improvement: fewer questions", is_improvement=True)
    version = Moment(samples.NOW - timedelta(weeks=2, hours=1), "version 2")
    given = mark(4.0, 5.0, 6.0, moments=(version, made))
    drawn = chart(given)
    assert drawn is not None
    (place, beside, _), (_, further, _) = drawn.moments
    assert (place, further - beside) == (beside, 9)  # their numbers stand side by side
    text = str(course(given))
    assert text.count('class="star"') == 1
    assert text.count("✦") == 1
    (label,) = re.findall('aria-label="([^"]*)"', text)
    assert "improvement: fewer questions" in label
    assert "version 2" not in label
