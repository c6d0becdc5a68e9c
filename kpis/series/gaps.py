"""Periods of which nobody spoke: shown as points without a value, or filled where somebody asks for it.

What is filled is marked, and is never judged: it is drawn, and nothing is worked out from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Literal

import msgspec

from kpis.series.definition import Definition
from kpis.series.period import Period, is_complete, period_of, periods_between, preceding
from kpis.series.point import Point, Revision

FILLS = ("none", "null", "previous", "zero")
Fill = Literal["none", "null", "previous", "zero"]
_D0 = Decimal(0)


class Drawn(msgspec.Struct, frozen=True, gc=False):
    """A point as shown. filled: `previous` or `zero` where its value is none that anybody sent."""

    point: Point
    filled: str | None = None


def takes_zero(definition: Definition) -> bool:
    """Say whether nothing told may be read as 0: of counts and amounts, never of rates, scores or levels."""
    return definition.row.form == "sum"


def gap_periods(
    points: Sequence[Point], definition: Definition, *, since: datetime | None, until: datetime, limit: int
) -> list[Period]:
    """Return the periods among which gaps are looked for, oldest first.

    since None: the last `limit` up to the last point; else those that share an instant with [since, until).
    """
    if definition.period is None or (since is None and not points):
        return []
    if since is not None:
        return list(islice(periods_between(since, until, definition.period, definition.zone), limit))
    first = points[0].start or points[0].end
    return list(reversed(list(islice(_back(points[-1], definition, first), limit))))


def _back(last: Point, definition: Definition, first: datetime) -> Iterator[Period]:
    period = period_of(last.start or last.end, definition.period or "", definition.zone)
    while period.end > first:
        yield period
        period = preceding(period)


def with_gaps(points: Sequence[Point], periods: Iterable[Period], revision: Revision) -> list[Point]:
    """Return the points, and one without a value for each of the periods that shares no time with any.

    Points that end before the first of the periods are left out. points, periods: oldest first.
    """
    found: list[Point] = []
    rest = list(points)
    place = 0
    for number, period in enumerate(periods):
        if number == 0:
            rest = [point for point in rest if point.end > period.start]
        while place < len(rest) and (rest[place].start or rest[place].end) < period.end:
            found.append(rest[place])
            place += 1
        if not found or found[-1].end <= period.start:
            found.append(Point(period.start, period.end, revision=revision))
    return found + rest[place:]


def filled(
    points: Sequence[Point], gaps: frozenset[datetime], definition: Definition, how: Fill, at: datetime
) -> list[Drawn]:
    """Return the points with those that start in `gaps` filled: by the value before, or by 0.

    Only complete periods are: of the running one nothing may have been told yet.
    """
    drawn: list[Drawn] = []
    before: Decimal | None = None
    for point in points:
        is_gap = point.start in gaps and is_complete(point.end, definition.settle_s, at)
        value = (before if how == "previous" else _D0) if is_gap and how in ("previous", "zero") else None
        if value is None:
            before = before if point.value is None else point.value
            drawn.append(Drawn(point))
        else:
            drawn.append(Drawn(msgspec.structs.replace(point, value=value), how))
    return drawn
