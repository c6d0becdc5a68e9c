"""The course of a figure, large: its line, dates, the lines that it is held against, what happened meanwhile.

Geometry in a box of `WIDTH` × `HEIGHT`, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .mark import Line, Mark, Moment

WIDTH, HEIGHT = 360.0, 132.0
LEFT, RIGHT, TOP, BOTTOM = 4.0, 84.0, 10.0, 20.0
_APART = 12.0
"""Least distance of two labels."""
_NUMBERS_APART = 9.0
"""… and of two numbers of moments."""


@dataclass(frozen=True, slots=True)
class Level:
    """A line across, and the height of its label, which may be moved from it."""

    line: Line
    y: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """runs: unbroken stretches of points. moments: those inside, with their x and that of their number."""

    runs: tuple[tuple[tuple[float, float], ...], ...]
    last: tuple[float, float] | None
    levels: tuple[Level, ...]
    moments: tuple[tuple[float, float, Moment], ...]
    first_at: datetime
    last_at: datetime


def chart(mark: Mark) -> Chart | None:
    """Return the chart of a mark; None where there are not two figures to join, or no dates."""
    known = [value for value in mark.spark if value is not None]
    ends = mark.spark_ends
    if len(known) < 2 or len(ends) != len(mark.spark):
        return None
    heights = [*known, *(line.value for line in mark.lines)]
    low, high = min(heights), max(heights)
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-9):
        low, high = low - 0.5, high + 0.5
    span = (ends[-1] - ends[0]).total_seconds() or 1.0

    def x(at: datetime) -> float:
        share = (at - ends[0]).total_seconds() / span
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    runs: list[tuple[tuple[float, float], ...]] = []
    run: list[tuple[float, float]] = []
    for at, value in (*zip(ends, mark.spark, strict=True), (ends[-1], None)):
        if value is not None:
            run.append((x(at), y(value)))
        elif run:
            runs.append(tuple(run))
            run = []
    newest = mark.spark[-1]
    return Chart(
        tuple(runs),
        None if newest is None else (x(ends[-1]), y(newest)),
        _apart([(line, y(line.value)) for line in mark.lines or _extent(mark, known)]),
        _numbered([(x(one.at), one) for one in mark.moments if ends[0] <= one.at <= ends[-1]]),
        ends[0],
        ends[-1],
    )


def _extent(mark: Mark, known: list[float]) -> tuple[Line, ...]:
    """The greatest and the least figure, in place of lines."""
    ends = (Line("extent", max(known), mark.spark_high), Line("extent", min(known), mark.spark_low))
    return ends if max(known) > min(known) else ends[:1]


def _numbered(moments: list[tuple[float, Moment]]) -> tuple[tuple[float, float, Moment], ...]:
    """Return the moments in their order, with places for their numbers that do not touch."""
    found: list[tuple[float, float, Moment]] = []
    beside = -_NUMBERS_APART
    for place, moment in sorted(moments, key=lambda one: one[0]):
        beside = max(place, beside + _NUMBERS_APART)
        found.append((place, beside, moment))
    return tuple(found)


def _apart(lines: list[tuple[Line, float]]) -> tuple[Level, ...]:
    """Return the lines from top to bottom with labels that do not touch."""
    found: list[Level] = []
    below = -_APART
    for line, height in sorted(lines, key=lambda one: one[1]):
        below = max(height, below + _APART)
        found.append(Level(line, height, below))
    lowest = HEIGHT - BOTTOM + 4
    for i in range(len(found) - 1, -1, -1):
        found[i] = Level(found[i].line, found[i].y, min(found[i].label_y, lowest))
        lowest = found[i].label_y - _APART
    return tuple(found)
