"""A settled figure that was told otherwise: what it was when first shown, when it became another, why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from kpis.series.point import Point

WHYS: Mapping[str, str] = MappingProxyType(
    {
        "correction": "somebody, or the source itself, gave another figure",
        "retraction": "what was told was taken back",
        "late_data": "more was told after the figure had settled",
        "replay": "messages were read again by other rules",
        "backfill": "a source was asked again about the past",
    }
)
"""Why a settled figure is another one; more may come."""
_MICROSECOND = timedelta(microseconds=1)
Span = tuple[datetime | None, datetime]
"""Where a point lies: its start (None: an instant) and end."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What was told otherwise of [start, end] of a series at one stroke, recorded from `since` to `at`."""

    start: datetime
    end: datetime
    since: datetime
    at: datetime
    why: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a figure. known_at: just before the first change; at, why, reason: of the last."""

    known_at: datetime
    at: datetime
    why: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Restated:
    """was: the figure as it was first shown."""

    was: Point
    change: Change


def change_of(
    point: Point,
    settled_at: datetime,
    marks: Iterable[Sequence[Mark]],
    flowing: Iterable[tuple[datetime, Sequence[Mark]]] = (),
) -> Change | None:
    """Return what the marks say of a point that settled then, None where they say nothing of it.

    marks: of each series that it is made of, in the order of recording. flowing: of series over a stock,
    each with the instant of the base that the point stands on: what flowed since then bears on it.
    """
    mine = [mark for each in marks for mark in _bearing(each, point) if mark.since > settled_at]
    mine += [
        mark
        for since, each in flowing
        for mark in each
        if mark.since > settled_at and mark.start < point.end and mark.end >= since
    ]
    if not mine:
        return None
    last = max(mine, key=lambda mark: mark.at)
    return Change(min(mark.since for mark in mine) - _MICROSECOND, last.at, last.why, last.reason)


def restated(point: Point, was: Point | None, change: Change) -> Restated | None:
    """Return what is to be said of a point: nothing where it had no figure, or has the same one again."""
    if was is None or was.value is None or point.value is None or was.value == point.value:
        return None
    return Restated(was, change)


def _bearing(marks: Sequence[Mark], point: Point) -> Iterator[Mark]:
    """Those of one series that bear on the point: while it has a figure of its own, no part of it does."""
    whole = False
    for mark in marks:
        if _touches(mark, point):
            own = (mark.start, mark.end) == (point.start, point.end)
            if own or not whole:
                yield mark
            whole = (own and mark.why != "retraction") or (whole and not own)


def _touches(mark: Mark, point: Point) -> bool:
    if point.start is None:
        return mark.start == mark.end == point.end
    if mark.start == mark.end:
        return point.start <= mark.start < point.end
    return mark.start < point.end and mark.end > point.start
