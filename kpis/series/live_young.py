"""Points that are not complete, or not settled: they stand apart on the live map, and say when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from kpis.series.definition import Definition
from kpis.series.exact import plain
from kpis.series.live_parts import period_json
from kpis.series.period import is_complete
from kpis.series.point import Point

_SECOND = timedelta(seconds=1)


def split(
    points: Sequence[Point], definition: Definition, at: datetime
) -> tuple[Sequence[Point], Sequence[Point]]:
    """Return complete and settled points, and the younger ones."""
    settle_s = definition.settle_s
    first_young = len(points)
    while first_young and not is_complete(points[first_young - 1].end, settle_s, at):
        first_young -= 1
    return points[:first_young], points[first_young:]


def first_instant(points: Sequence[Point]) -> datetime | None:
    """Return since when a series without a complete period is waited for: the start of its first period."""
    return (points[0].start or points[0].end) if points else None


def turns(point: Point, definition: Definition) -> tuple[datetime, ...]:
    """Return when a young point begins to run, ends, and is settled."""
    settled = point.end + definition.settle_s * _SECOND
    return (point.end, settled) if point.start is None else (point.start, point.end, settled)


def running(young: Sequence[Point], definition: Definition, at: datetime) -> dict[str, object] | None:
    """Return the period that `at` lies in.

    elapsed: the share of it that its readings speak of, else that has passed.
    """
    for point in reversed(young):
        if point.start is not None and point.start <= at < point.end:
            seen = min(max(point.observed_at or at, point.start), point.end)
            elapsed = (seen - point.start) / (point.end - point.start)
            return {
                "value": point.value,
                "n": point.n,
                "elapsed": plain(Decimal(f"{elapsed:.4f}")),
                "period": period_json(point, definition),
            }
    return None
