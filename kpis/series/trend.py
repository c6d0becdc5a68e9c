"""Against the period before, against the target, and the line of the last thirty points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from kpis.series.definition import Definition
from kpis.series.exact import EXACT, ZERO, rounded
from kpis.series.period import period_of, preceding
from kpis.series.point import Point
from kpis.series.thresholds import Band

SPARK = 30
Verdict = Literal["better", "worse", "flat"]


class Trend(msgspec.Struct, frozen=True, gc=False):
    """The figure before, the change since, and what that means; verdict None where no direction is better."""

    previous: Decimal
    delta: Decimal
    verdict: Verdict | None


def trend(points: Sequence[Point], direction: str, target: Decimal | Band | None) -> Trend | None:
    """Return the change from the point before the last one to the last, both of one definition.

    None where either has no figure, or the period just before has none: an older one is not "before".
    direction: of the rules in force, else of the definition. For a range, nearer to the target is better.
    """
    if len(points) < 2:
        return None
    before, last = points[-2], points[-1]
    if before.value is None or last.value is None or before.revision != last.revision:
        return None
    if last.start is not None and before.end != last.start:
        return None
    delta = EXACT.subtract(last.value, before.value)
    if direction == "range":
        gap_before, gap = target_gap(before.value, target), target_gap(last.value, target)
        if gap_before is None or gap is None:
            return Trend(before.value, rounded(delta), None)
        gain = EXACT.subtract(abs(gap_before), abs(gap))
    elif direction == "none":
        return Trend(before.value, rounded(delta), None)
    else:
        gain = delta if direction == "up" else EXACT.minus(delta)
    return Trend(
        before.value, rounded(delta), "flat" if gain == ZERO else "better" if gain > ZERO else "worse"
    )


def target_gap(figure: Decimal | None, target: Decimal | Band | None) -> Decimal | None:
    """Return how far the figure lies above (+) or below (-) the target; 0 within a target range."""
    if figure is None or target is None:
        return None
    if isinstance(target, Decimal):
        return rounded(EXACT.subtract(figure, target))
    if target.low is not None and figure < target.low:
        return rounded(EXACT.subtract(figure, target.low))
    if target.high is not None and figure > target.high:
        return rounded(EXACT.subtract(figure, target.high))
    return ZERO


def spark(points: Sequence[Point], definition: Definition) -> list[tuple[datetime, Decimal | None]]:
    """Return the last 30 (end, value), oldest first; a period without a point is there with None."""
    drawn: list[tuple[datetime, Decimal | None]] = []
    later: Point | None = None
    for point in reversed(points):
        if later is not None and later.start is not None and point.end < later.start:
            drawn += _gaps(point.end, later.start, definition, SPARK - len(drawn))
        if len(drawn) >= SPARK:
            break
        drawn.append((point.end, point.value))
        later = point
    drawn.reverse()
    return drawn


def _gaps(
    start: datetime, end: datetime, definition: Definition, room: int
) -> list[tuple[datetime, Decimal | None]]:
    """The last `room` periods between two points, newest first."""
    missing: list[tuple[datetime, Decimal | None]] = []
    if definition.period is None:
        return missing
    period = period_of(end - timedelta(microseconds=1), definition.period, definition.zone)
    while len(missing) < room and period.start >= start:
        missing.append((period.end, None))
        period = preceding(period)
    return missing


def definition_break(points: Sequence[Point]) -> datetime | None:
    """Return where the definition last changed: the start (or instant) of the first point by the new one."""
    for before, after in zip(reversed(points[:-1]), reversed(points[1:]), strict=True):
        if before.revision != after.revision:
            return after.end if after.start is None else after.start
    return None
