"""The emotion curves: what the map says people feel, persona by persona, beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from journeys.document.elements import Touchpoint
from journeys.document.emotion import intensity, valence
from journeys.document.lanes import Emotion
from journeys.document.shape import Document

from .curve import Piece, through
from .mark import Mark
from .palette import PERSONA_ROLES
from .words import plain, share

GAP_MATTERS = 0.25
"""Distance between drawn and measured, on −1..+1, from which the map contradicts its figures: one step
of a five-point scale is 0.5, half a step is what a reader can see."""

Side = Literal["above", "below", "beside"]

_FREE, _ROOM = 9.0, 0.5
"""Distance to the nearest other point where there is none, and the least that a word needs, on −1..+1."""

SHAPES = ("ring", "square", "triangle", "cross", "bar")


@dataclass(frozen=True, slots=True)
class Curve:
    """One line over all columns: −1..+1 per column, None where nothing is said."""

    label: str
    role: str
    """Palette role of its colour."""
    shape: str
    """Mark of its points; distinguishes the line where colour does not."""
    values: tuple[float | None, ...]
    words: tuple[str, ...]
    """Words to draw beside the points: "anxious"."""
    pieces: tuple[Piece, ...]
    leading: bool = True
    """False: another persona's, drawn thin."""


@dataclass(frozen=True, slots=True)
class Feelings:
    """All curves of a map. `gap[i]` = measured − drawn where it matters, else None."""

    drawn: tuple[Curve, ...]
    measured: Curve | None
    gaps: tuple[float | None, ...]

    @property
    def curves(self) -> tuple[Curve, ...]:
        return self.drawn if self.measured is None else (*self.drawn, self.measured)


def feelings(
    document: Document,
    touchpoints: Sequence[Touchpoint | None],
    marks: Sequence[Sequence[Mark]],
    names: Mapping[str, str],
    persona: str,
) -> Feelings:
    """Return the curves over the columns; a column without a touchpoint says nothing.

    `marks[i]` are those of column i; `names` the personas' by id and key; the one of id
    `persona` leads ("" = the first).
    """
    same = {entry.key: str(entry.id) for entry in document.personas if entry.key and entry.id is not None}
    spoken: dict[str, dict[int, list[Emotion]]] = {}
    for column, touchpoint in enumerate(touchpoints):
        for emotion in touchpoint.emotions if touchpoint else ():
            who = same.get(emotion.persona, emotion.persona)
            spoken.setdefault(who, {}).setdefault(column, []).append(emotion)
    ordered = _order(spoken, document, persona)
    drawn = tuple(
        _drawn(names.get(who, "everyone"), i, spoken[who], len(touchpoints), leading=i == 0)
        for i, who in enumerate(ordered)
    )
    measured = _measured(marks)
    lead = drawn[0].values if drawn else (None,) * len(touchpoints)
    real = measured.values if measured else (None,) * len(touchpoints)
    return Feelings(drawn, measured, tuple(_gap(a, b) for a, b in zip(lead, real, strict=True)))


def _order(spoken: Mapping[str, object], document: Document, persona: str) -> list[str]:
    rank = {str(entry.id): i for i, entry in enumerate(document.personas)}
    return sorted(spoken, key=lambda who: (who != persona, rank.get(who, -1)))


def _drawn(
    label: str, nth: int, spoken: Mapping[int, Sequence[Emotion]], columns: int, *, leading: bool
) -> Curve:
    said = [spoken.get(column, ()) for column in range(columns)]
    values = tuple(_mean(emotions) for emotions in said)
    words = tuple(next((word for e in emotions if (word := _word(e))), "") for emotions in said)
    role, shape = PERSONA_ROLES[nth % len(PERSONA_ROLES)], SHAPES[nth % len(SHAPES)]
    return Curve(label, role, shape, values, words, through(values), leading)


def _word(emotion: Emotion) -> str:
    """Return the word for a feeling; of one without a sign or a word how strong it is."""
    if emotion.label or emotion.word:
        return emotion.label or plain(emotion.word).lower()
    strength = intensity(emotion) if valence(emotion) is None else None
    return f"intensity {share(strength)}" if strength is not None else ""


def _mean(emotions: Sequence[Emotion]) -> float | None:
    signed = [value for value in map(valence, emotions) if value is not None]
    return fmean(signed) if signed else None


def _measured(marks: Sequence[Sequence[Mark]]) -> Curve | None:
    values = tuple(next((m.emotion for m in here if m.emotion is not None), None) for here in marks)
    if all(value is None for value in values):
        return None
    return Curve("measured", "measured", "diamond", values, ("",) * len(values), through(values))


def _gap(drawn: float | None, measured: float | None) -> float | None:
    if drawn is None or measured is None or abs(measured - drawn) < GAP_MATTERS:
        return None
    return measured - drawn


def apart(gap: float) -> str:
    """Return a gap in words: "0.5 lower" (measured than drawn)."""
    return f"{abs(gap):.1f} {'lower' if gap < 0 else 'higher'}"


def side_of_word(felt: Feelings, column: int) -> Side:
    """Return where the word of the leading curve's point has most room among the column's other points."""
    value = felt.drawn[0].values[column] or 0.0
    others = [curve.values[column] for curve in felt.curves[1:]]
    above = min((other - value for other in others if other is not None and other >= value), default=_FREE)
    below = min((value - other for other in others if other is not None and other < value), default=_FREE)
    if max(above, below) < _ROOM:
        return "beside"
    if above == below:
        return "below" if value < 0 else "above"
    return "below" if below > above else "above"
