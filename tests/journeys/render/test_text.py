from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.render.text import ELLIPSIS, dotted, measure, runs_rtl, unbroken, wrap

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=120)


@given(TEXT, st.floats(30, 200), st.sampled_from([11.0, 13.0, 20.0]), st.booleans())
def test_lines_fit_and_nothing_is_lost(text: str, width: float, size: float, bold: bool) -> None:
    lines = wrap(text, width, size, bold=bold)
    assert all(measure(line, size, bold) <= width + 1e-6 or len(line) == 1 for line in lines)
    blank = str.maketrans("", "", " \u2028\u2029")
    assert "".join(lines).translate(blank) == text.translate(blank)


@given(TEXT, st.integers(1, 3))
def test_what_is_too_long_ends_in_an_ellipsis(text: str, most: int) -> None:
    whole, cut = wrap(text, 80, 13), wrap(text, 80, 13, most=most)
    assert len(cut) <= most
    if len(whole) > most:
        assert cut[-1].endswith(ELLIPSIS)
        assert measure(cut[-1], 13) <= 80
    else:
        assert cut == whole


@pytest.mark.parametrize(
    ("text", "rtl"),
    [
        ("abc", False),
        ("", False),
        ("123", False),
        ("مرحبا", True),
        ("12 שלום abc", True),
        ("abc שלום", False),
        ("é", False),
    ],
)
def test_direction_is_that_of_the_first_letter(text: str, rtl: bool) -> None:
    assert runs_rtl(text) is rtl


def test_marks_on_letters_take_no_room_and_ideographs_take_more() -> None:
    assert measure("a\u0301", 10) == measure("a", 10) == measure("á", 10)
    assert measure("日", 10) > measure("W", 10)


def test_a_dot_stays_with_the_part_before_it() -> None:
    assert wrap(dotted(["aaaa", unbroken("b b")]), measure("aaaa ·", 13) + 1, 13) == [
        "aaaa\u00a0·",
        "b\u00a0b",
    ]
