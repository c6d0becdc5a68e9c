from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.document.elements import Touchpoint
from journeys.document.emotion import (
    FIVE_WORDS,
    SCALES,
    Course,
    Normalised,
    OffScale,
    course,
    feeling,
    intensity,
    normalise,
    scale_of,
)
from journeys.document.lanes import Emotion


@pytest.mark.parametrize(
    ("scale", "value", "valence"),
    [
        ("smaply", -2, -1),
        ("smaply", 1, 0.5),
        ("mermaid", 1, -1),
        ("mermaid", 3, 0),
        ("mermaid", 3.5, 0.25),
        ("mermaid", 5, 1),
        ("sentiment", -0.3, -0.3),
        ("lines-10", 1, -1),
        ("lines-10", 10, 1),
        ("lines-5", 2, -0.5),
        ("lines-2", 2, 1),
        ("five-words", 4, 0.5),
        ("dimensional", 0.75, 0.75),
    ],
)
def test_known_points(scale: str, value: float, valence: float) -> None:
    assert normalise(value, scale).valence == pytest.approx(valence)


def test_five_words_stand_at_equal_distances() -> None:
    assert [normalise(None, "five-words", word).valence for word in FIVE_WORDS] == [-1, -0.5, 0, 0.5, 1]
    assert normalise(2, "five-words", "negative").valence == -0.5


@pytest.mark.parametrize("value", [-2, 0, 5.1, 9, 1e9])
def test_mermaid_takes_any_number_and_says_that_it_clamped(value: float) -> None:
    assert normalise(value, "mermaid") == Normalised(1 if value > 3 else -1, clamped=True)


@pytest.mark.parametrize(
    ("scale", "value", "word"),
    [
        ("smaply", 3, ""),
        ("smaply", 0.5, ""),
        ("sentiment", 1.01, ""),
        ("lines-10", 0, ""),
        ("lines-1", 1, ""),
        ("lines-101", 1, ""),
        ("five-words", None, "meh"),
        ("five-words", 1, "positive"),
        ("named", 1, ""),
        ("sentiment", None, "joy"),
        ("hedonometer", 1, ""),
        ("sentiment", float("nan"), ""),
    ],
)
def test_off_scale(scale: str, value: float | None, word: str) -> None:
    with pytest.raises(OffScale):
        normalise(value, scale, word)


def test_engagement_is_intensity_and_no_valence() -> None:
    assert normalise(5, "dramatic-arc") == Normalised(None, intensity=1)
    assert intensity(Emotion(scale="dramatic-arc", value=3)) == 0.5
    assert intensity(Emotion(scale="dramatic-arc", value=3, intensity=0.1)) == 0.1


def test_a_named_emotion_has_no_sign() -> None:
    assert normalise(None, "named", "surprise") == Normalised(None)


@given(
    st.sampled_from([s for s in SCALES if s.signed and s.low is not None]), st.floats(0, 1), st.floats(0, 1)
)
def test_more_is_better_and_stays_between_the_ends(scale: object, one: float, other: float) -> None:
    known = scale_of(scale.key)  # type: ignore[attr-defined]
    assert known is not None
    assert known.low is not None
    assert known.high is not None
    low, span = known.low, known.high - known.low
    values = sorted(low + round(share * span, 0 if known.whole else 6) for share in (one, other))
    first, second = (normalise(value, known.key).valence for value in values)
    assert first is not None
    assert second is not None
    assert -1 <= first <= second <= 1


feelings = st.lists(st.one_of(st.none(), st.floats(-1, 1)), max_size=8)


@given(feelings)
def test_a_course_skips_what_was_not_felt(felt: list[float | None]) -> None:
    known = [value for value in felt if value is not None]
    assert course(felt) == course(known)
    found = course(felt)
    assert found.n == len(known)
    if not known:
        assert found == Course(0, None, None, None)
    else:
        assert found.low == min(known)
        assert found.mean is not None
        assert found.peak_end is not None
        assert min(known) - 1e-12 <= found.mean <= max(known) + 1e-12
        assert min(known) <= found.peak_end <= max(known)


def test_peak_end_takes_the_pain_of_two_equal_peaks() -> None:
    found = course([0.5, -0.5, 0.1])
    assert (found.n, found.low) == (3, -0.5)
    assert found.peak_end == pytest.approx(-0.2)


def test_feeling_of_one_persona_counts_what_all_feel() -> None:
    touchpoint = Touchpoint(
        name="t",
        emotions=(
            Emotion(scale="smaply", value=2, persona="ann"),
            Emotion(scale="smaply", value=-2, persona="bob"),
            Emotion(scale="mermaid", value=3),
            Emotion(scale="named", word="fear"),
        ),
    )
    assert feeling(touchpoint) == 0
    assert feeling(touchpoint, "ann") == 0.5
    assert feeling(touchpoint, "eve") == 0
    assert feeling(Touchpoint(name="t")) is None
