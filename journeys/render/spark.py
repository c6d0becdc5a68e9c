"""A sparkline: the last thirty figures as a line, gaps left open, and the target across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .mark import SPARK_MAX

_PAD = 0.06
_LONELY = 0.6


@dataclass(frozen=True, slots=True)
class Spark:
    """Geometry in the unit square, y downwards, x in the order of time."""

    runs: tuple[tuple[tuple[float, float], ...], ...]
    """Unbroken stretches of points."""
    last: tuple[float, float] | None
    """The newest point, if the newest figure is there."""
    target: float | None

    def path(self, width: float, height: float, *, left: float = 0, top: float = 0) -> str:
        """Return the SVG path data of the line; a point between two gaps becomes a short dash."""
        parts = []
        for run in self.runs:
            spots = [(left + x * width, top + y * height) for x, y in run]
            if len(spots) == 1:
                (x, y) = spots[0]
                spots = [(x - _LONELY, y), (x + _LONELY, y)]
            parts.append("M" + "L".join(["%.1f %.1f" % spot for spot in spots]))  # noqa: UP031 (hot: half the time)
        return "".join(parts)


def spark(values: Sequence[float | None], target: float | None) -> Spark | None:
    """Return the sparkline of a series, oldest first; None when there are not two figures to join."""
    series = values[-SPARK_MAX:]
    known = [v for v in series if v is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    if target is not None:
        low, high = min(low, target), max(high, target)
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-9):
        # A difference that no eye and hardly a float can hold is none.
        middle, reach = low / 2 + high / 2, max(abs(low), abs(high), 1.0) / 2
        low, high = middle - reach, middle + reach

    def height(value: float) -> float:
        return _PAD + (1 - 2 * _PAD) * (high - value) / (high - low)

    runs: list[tuple[tuple[float, float], ...]] = []
    run: list[tuple[float, float]] = []
    for i, value in enumerate((*series, None)):
        if value is not None:
            run.append((i / (len(series) - 1), height(value)))
        elif run:
            runs.append(tuple(run))
            run = []
    newest = series[-1]
    return Spark(
        tuple(runs),
        None if newest is None else (1.0, height(newest)),
        None if target is None else height(target),
    )
