"""No red map made of noise, no flapping at a line: bounds on `noise`, whose table is in docs/decisions/0030.

The bounds are two to three times what the defaults give; judged by the figure, all of them are missed by far.
"""

from tests.kpis.series.noise import NAIVE, year


def test_a_healthy_map_stays_green_for_a_year_of_weeks():
    """192 surveys, each a fifth of a step inside its line: 9,984 judgements."""
    by_default = year({}, margin=0.2)
    assert by_default.kpis == 192
    assert by_default.alarmed <= 10
    assert by_default.red == 0
    assert by_default.seen < 0.5


def test_judged_by_the_figure_the_same_map_is_red_with_noise():
    """So that a year in which nothing happens cannot pass for a good default."""
    naive = year(NAIVE, margin=0.2, periods=12)
    assert naive.alarmed > 180
    assert naive.seen > 50


def test_truly_on_the_line_hardly_anything_flaps():
    """By the figure each would turn 27 times a year."""
    on_the_line = year({}, margin=0)
    assert on_the_line.turns <= 192 // 3
    assert on_the_line.seen < 3


def test_truly_beyond_the_line_it_is_told_and_does_not_flap():
    beyond = year({}, margin=-0.7, periods=26)
    assert beyond.alarmed > 150
    assert beyond.turns < 2 * 192
