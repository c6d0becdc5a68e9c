from __future__ import annotations

from journeys.render.board import board
from journeys.render.face import Face
from journeys.render.feeling import apart, side_of_word
from journeys.render.mark import Mark

from . import samples


def felt(*marks: Mark, face: Face | None = None):  # type: ignore[no-untyped-def]
    return board(samples.claim(), marks, face or Face()).feelings


def test_one_curve_per_persona_the_first_leads() -> None:
    found = felt()
    assert [(curve.label, curve.role, curve.shape, curve.leading) for curve in found.drawn] == [
        ("Grace", "drawn", "ring", True),
        ("Omar", "who1", "square", False),
    ]
    assert found.drawn[0].values[4] == -0.7
    assert found.drawn[0].words[4] == "worn out"
    assert found.measured is None


def test_the_persona_that_is_looked_at_leads() -> None:
    assert [curve.label for curve in felt(face=Face(persona=samples.OMAR)).drawn] == ["Omar", "Grace"]


def test_measured_beside_drawn_and_the_gap_where_it_matters() -> None:
    found = felt(samples.mark(4, emotion=-0.95), samples.mark(9, emotion=0.2), samples.mark(13, emotion=0.5))
    assert found.measured is not None
    assert (found.measured.values[4], found.measured.values[9], found.measured.values[0]) == (
        -0.95,
        0.2,
        None,
    )
    assert [i for i, gap in enumerate(found.gaps) if gap is not None] == [4]
    assert apart(-0.25 - 0.2) == "0.5 lower"
    assert apart(0.3) == "0.3 higher"


def test_a_word_stands_where_there_is_room() -> None:
    assert side_of_word(felt(), 0) == "above"
    assert side_of_word(felt(), 4) == "below"
    assert side_of_word(felt(samples.mark(4, emotion=-0.95)), 4) == "beside"
