"""Emotions on one measure: −1 (worst) … +1 (best), whatever scale they were recorded on.

Scales and their formulae: docs of Smaply, Mermaid, UXPressia and others, see `SCALES`. Scales without
a sign (named emotions, the dramatic arc) give no valence; engagement is intensity, not valence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from .elements import Touchpoint
from .lanes import Emotion

FIVE_WORDS = ("very-negative", "negative", "neutral", "positive", "very-positive")
PLUTCHIK = ("joy", "trust", "fear", "surprise", "sadness", "disgust", "anger", "anticipation")
LINES_MAX = 100
_LINES = re.compile(r"lines-([1-9][0-9]{0,2})\Z")


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of emotions: figures `low` (worst) to `high` (best), or words.

    `whole`: only whole figures. `clamps`: figures beyond the ends are taken as the ends.
    `signed`: False where the figure says how strong, not how good. `words` stand for low, low + 1 ….
    """

    key: str
    low: float | None
    high: float | None
    whole: bool = False
    clamps: bool = False
    signed: bool = True
    words: tuple[str, ...] = ()
    label: str = ""
    meaning: str = ""


SCALES = (
    Scale("sentiment", -1, 1, label="Sentiment", meaning="−1 worst to +1 best, with decimals."),
    Scale("smaply", -2, 2, whole=True, label="Five steps", meaning="Whole figures, −2 worst to +2 best."),
    Scale(
        "mermaid",
        1,
        5,
        clamps=True,
        label="Score",
        meaning="1 worst to 5 best; figures beyond are taken as the ends.",
    ),
    Scale(
        "five-words",
        1,
        5,
        whole=True,
        words=FIVE_WORDS,
        label="Five words",
        meaning="very-negative, negative, neutral, positive, very-positive; or 1 to 5.",
    ),
    Scale(
        "lines-10",
        1,
        10,
        label="Lines",
        meaning="1 worst to N best for any lines-N, N from 2 to 100; this one has ten.",
    ),
    Scale(
        "dimensional",
        -1,
        1,
        label="Dimensions",
        meaning="Valence −1 to +1 as the value, with arousal and dominance beside it.",
    ),
    Scale(
        "named",
        None,
        None,
        signed=False,
        label="Named",
        meaning="A word alone, with no sign: joy, trust, fear, surprise, sadness, disgust, anger, "
        "anticipation, or another; with an intensity.",
    ),
    Scale(
        "dramatic-arc",
        1,
        5,
        signed=False,
        label="Dramatic arc",
        meaning="1 to 5, how engaged the actor is: intensity, neither good nor bad.",
    ),
)
_BY_KEY = {scale.key: scale for scale in SCALES}


@dataclass(frozen=True, slots=True)
class Normalised:
    """`valence` −1..+1 or None where the scale has no sign; `intensity` 0..1 or None where it tells none."""

    valence: float | None
    intensity: float | None = None
    clamped: bool = False


class OffScale(ValueError):
    """The figure or word does not stand on the scale; the message says what would."""


def scale_of(key: str) -> Scale | None:
    """Return the scale of that key, lines-2 to lines-100 included, or None."""
    lines = _LINES.match(key)
    if lines and 2 <= int(lines[1]) <= LINES_MAX:
        return Scale(key, 1, int(lines[1]))
    return _BY_KEY.get(key)


def normalise(value: float | None, scale: str, word: str = "") -> Normalised:
    """Return where `value` (or `word`, on a scale of words) stands between −1 and +1.

    Neither value nor word gives no valence. Raises OffScale for an unknown scale, a word that the scale
    does not have, a figure beyond its ends (but mermaid clamps), a fraction where only whole figures count.
    """
    known = scale_of(scale)
    if known is None:
        raise OffScale(f"There is no scale {scale!r}.")
    figure = _figure(known, value, word)
    if figure is None or known.low is None or known.high is None:
        return Normalised(None)
    inside = min(max(figure, known.low), known.high)
    share = (inside - known.low) / (known.high - known.low)
    if not known.signed:
        return Normalised(None, intensity=share)
    return Normalised(2 * share - 1, clamped=inside != figure)


def _figure(scale: Scale, value: float | None, word: str) -> float | None:
    if word and not scale.words and scale.key != "named":
        raise OffScale(f"The scale {scale.key} has figures, not words.")
    if word and scale.words:
        if word not in scale.words:
            raise OffScale(f"The words of {scale.key} are {', '.join(scale.words)}.")
        figure = (scale.low or 0) + scale.words.index(word)
        if value is not None and value != figure:
            raise OffScale(f"The word {word} stands for {figure:g}, not {value:g}.")
        return figure
    if value is None:
        return None
    if scale.low is None or scale.high is None:
        raise OffScale(f"The scale {scale.key} has words, not figures.")
    if not scale.clamps and not scale.low <= value <= scale.high:
        raise OffScale(f"The scale {scale.key} goes from {scale.low:g} to {scale.high:g}.")
    if scale.whole and value != int(value):
        raise OffScale(f"The scale {scale.key} has whole figures only.")
    return value


def valence(emotion: Emotion) -> float | None:
    """Return −1..+1, or None where the emotion has no sign."""
    return normalise(emotion.value, emotion.scale, emotion.word).valence


def intensity(emotion: Emotion) -> float | None:
    """Return 0..1: as recorded, else as the scale tells, else None."""
    if emotion.intensity is not None:
        return emotion.intensity
    return normalise(emotion.value, emotion.scale, emotion.word).intensity


def feeling(touchpoint: Touchpoint, persona: str = "") -> float | None:
    """Return the mean valence at a touchpoint, None where nothing with a sign is recorded.

    With `persona` (an id) only that persona's emotions and those of all personas count.
    """
    felt = [valence(e) for e in touchpoint.emotions if not persona or e.persona in ("", persona)]
    signed = [value for value in felt if value is not None]
    return fmean(signed) if signed else None


@dataclass(frozen=True, slots=True)
class Course:
    """How a run of touchpoints feels, −1..+1: mean, deepest pain, and peak-end; `n` of them had a feeling."""

    n: int
    mean: float | None
    low: float | None
    peak_end: float | None


def course(feelings: Sequence[float | None]) -> Course:
    """Return the aggregates of feelings in the order lived through; None entries are skipped, never 0.

    Peak-end is the mean of the most extreme and the last feeling; of a pain and a delight of equal
    strength the pain is the peak.
    """
    felt = [value for value in feelings if value is not None]
    if not felt:
        return Course(0, None, None, None)
    peak = max(felt, key=lambda value: (abs(value), -value))
    return Course(len(felt), fmean(felt), min(felt), (peak + felt[-1]) / 2)
