"""Whether a difference is more than noise: by the proof that docs/decisions/0030 asks of a status.

The difference has an interval. Of samples it joins those of both figures: the margins that lie towards each
other are added as the root of the sum of their squares (Zou and Donner 2008; of shares: Newcombe 1998, method
10). Of full counts, and of samples whose spread nobody told, it comes from how much the periods of each side
differ among themselves (Student's t of two means with one variance). Where a sample's periods differ by more
than sampling explains, the wider one counts: people change from week to week as well.

A difference is more than noise when 0 lies outside its 95 % interval, and either outside the 99.9 % one, too,
or outside the 95 % intervals of both halves of the window after, each by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from kpis.series.definition import Definition
from kpis.series.exact import plain
from kpis.series.interval import SURE, TOLD, Interval, Level, interval
from kpis.series.point import Point

_FREEDOM = 4
"""Degrees of freedom from which the spread of periods counts beside that of a sample."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far periods differ from the mean of their side, as one standard deviation of both sides."""

    deviation: float
    freedom: int

    def margin(self, before: int, after: int, level: Level) -> float:
        """Return half the interval of the difference of the means of so many periods."""
        return level.student(self.freedom) * self.deviation * math.sqrt(1 / before + 1 / after)


Pool = Callable[[Sequence[Point]], Point | None]
"""What points with a figure come to together; None where their parts do not tell."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The points with a figure on either side, oldest first, and what they come to together."""

    definition: Definition
    pool: Pool
    before: Sequence[Point]
    after: Sequence[Point]
    was: Point
    now: Point


Proof = Literal["more_than_noise", "within_noise"]


def difference_interval(sides: Sides, level: Level = TOLD) -> Interval | None:
    """Return the interval of `now` less `was`; None where there is nothing to tell it from."""
    return _interval(sides, sides.now, len(sides.after), level)


def proof(sides: Sides) -> Proof | None:
    """Say whether the difference is more than noise; None where that cannot be told."""
    told = difference_interval(sides)
    if told is None:
        return None
    if not _leaves_out_zero(told):
        return "within_noise"
    if _leaves_out_zero(difference_interval(sides, SURE)):
        return "more_than_noise"
    middle = len(sides.after) // 2
    halves = (sides.after[:middle], sides.after[middle:])
    found = [_half(sides, half) for half in halves if half]
    ways = {_side(one) for one in found}
    return "more_than_noise" if len(found) == 2 and len(ways) == 1 and ways != {0} else "within_noise"


def drifted(definition: Definition, pool: Pool, points: Sequence[Point]) -> bool:
    """Say whether the second half of a window differs from the first by more than noise."""
    middle = len(points) // 2
    first, second = points[:middle], points[middle:]
    if len(first) < 2:
        return False
    was, now = pool(first), pool(second)
    if was is None or now is None:
        return False
    return proof(Sides(definition, pool, first, second, was, now)) == "more_than_noise"


def _half(sides: Sides, half: Sequence[Point]) -> Interval | None:
    now = sides.pool(half)
    return None if now is None else _interval(sides, now, len(half), TOLD)


def _interval(sides: Sides, now: Point, count: int, level: Level) -> Interval | None:
    was = sides.was
    if was.value is None or now.value is None:
        return None
    change = float(now.value - was.value)
    sampling = _sampling(sides.definition, was, now, level)
    spread = spread_of(sides.before, sides.after)
    if spread is not None and (sampling is None or spread.freedom >= _FREEDOM):
        margin = spread.margin(len(sides.before), count, level)
        if sampling is None or 2 * margin > sampling[1] - sampling[0]:
            return Interval(_decimal(change - margin), _decimal(change + margin), "periods")
    if sampling is None:
        return None
    return Interval(_decimal(sampling[0]), _decimal(sampling[1]), "samples")


def _sampling(definition: Definition, was: Point, now: Point, level: Level) -> tuple[float, float] | None:
    before, after = interval(definition, was.sums, level), interval(definition, now.sums, level)
    if before is None or after is None or was.value is None or now.value is None:
        return None
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return None
    change = float(now.value - was.value)
    down = math.hypot(float(now.value - after.low), float(before.high - was.value))
    up = math.hypot(float(after.high - now.value), float(was.value - before.low))
    return change - down, change + up


def spread_of(before: Sequence[Point], after: Sequence[Point]) -> Spread | None:
    """Return how much the periods of each side differ among themselves; None below two degrees of freedom."""
    sides = [[float(point.value) for point in side if point.value is not None] for side in (before, after)]
    freedom = sum(len(side) - 1 for side in sides if side)
    if freedom < 2 or not all(sides):
        return None
    squares = 0.0
    for side in sides:
        mean = math.fsum(side) / len(side)
        squares += math.fsum((value - mean) ** 2 for value in side)
    return Spread(math.sqrt(squares / freedom), freedom)


def _leaves_out_zero(found: Interval | None) -> bool:
    return found is not None and _side(found) != 0


def _side(found: Interval | None) -> int:
    """1 where all of it lies above 0, -1 below, 0 where it reaches over, or is not known."""
    if found is None or found.low is None or found.high is None:
        return 0
    return 1 if found.low > 0 else -1 if found.high < 0 else 0


def _decimal(end: float) -> Decimal:
    return plain(Decimal(f"{end:.9g}"))
