"""Which stretch of time is read of each series: its last periods up to an instant, or a range."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.period import Period, period_of, periods_between, preceding
from kpis.series.point import Point

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_END = attrgetter("end")
_LATEST = statement("latest_readings")


@dataclass(frozen=True, slots=True)
class SeriesRef:
    """A series and the definition that its points are worked out by. `revision`, `told_at`: Series'."""

    id: int
    revision: int
    definition: Definition
    told_at: datetime | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        """By the id alone: a definition has many fields, and a series seldom two definitions."""
        return self.id


@dataclass(frozen=True, slots=True)
class Range:
    """The periods that share an instant with [since, until), or the instants in it.

    since None: the last so many of them, counted back from `until`.
    """

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """What is read of a series: the readings of `periods`; without any, instants in [since, until).

    known_at: by what had been recorded then, where that is another instant than the clocks'.
    """

    series: SeriesRef
    periods: tuple[Period, ...]
    since: datetime
    until: datetime
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """as_of: what was true then. known_at: what had been recorded then, None = all that is."""

    as_of: datetime
    known_at: datetime | None

    @property
    def recorded_by(self) -> datetime:
        return self.known_at or FOREVER

    @property
    def known_by(self) -> datetime:
        """The earlier of both instants: what was both true and known."""
        return self.as_of if self.known_at is None else min(self.as_of, self.known_at)

    def of(self, window: Window) -> datetime:
        """Return by what had been recorded when a window is read."""
        return window.known_at or self.recorded_by


def known_by(clocks: Clocks | None) -> datetime | None:
    """Return by when something must have been true and known to be told of; None: now."""
    return None if clocks is None else clocks.known_by


def plan(
    *, workspace_id: uuid.UUID, series: Iterable[SeriesRef], clocks: Clocks, limit: int, within: Range | None
) -> list[Window]:
    """Return a window for each series of which there may be something to read."""
    windows: list[Window] = []
    timed: list[SeriesRef] = []
    until = clocks.as_of + _MICROSECOND
    since = None
    if within is not None:
        since, until = within.since, min(within.until, until)
    for one in series:
        if one.definition.period is None:
            windows.append(Window(one, (), since or _BEGINNING, until))
        elif since is None:
            timed.append(one)
        else:
            windows += _window(one, _between(one.definition, since, until))
    starts = _latest(workspace_id, timed, clocks, until - _MICROSECOND)
    for one in timed:
        if one.id in starts:
            windows += _window(one, _last(one.definition, starts[one.id], limit))
    return windows


def window_from(one: SeriesRef, since: datetime, until: datetime, clocks: Clocks) -> Window:
    """Return the window of a series from a period's start (or an instant) on."""
    if one.definition.period is None:
        return Window(one, (), since, clocks.as_of + _MICROSECOND)
    periods = _spread(since, until, one.definition.period, one.definition.zone)
    return Window(one, periods, periods[0].start, periods[-1].end)


def period_start(definition: Definition, instant: datetime) -> datetime:
    """Return where the period that holds the instant begins; itself where there are no periods."""
    return period_of(instant, definition.period, definition.zone).start if definition.period else instant


def latest(definition: Definition, points: Sequence[Point], limit: int) -> Sequence[Point]:
    """Return the points in as many periods (or of as many instants) as the last windows have."""
    if definition.period is None or not points:
        return points[-limit:]
    first = _last(definition, points[-1].start or points[-1].end, limit)[0].start
    return points[bisect_right(points, first, key=_END) :]


def _window(one: SeriesRef, periods: tuple[Period, ...]) -> list[Window]:
    return [Window(one, periods, periods[0].start, periods[-1].end)] if periods else []


def _last(definition: Definition, instant: datetime, limit: int) -> tuple[Period, ...]:
    assert definition.period is not None
    return _back_from(period_of(instant, definition.period, definition.zone), limit)


@lru_cache(maxsize=512)
def _back_from(last: Period, count: int) -> tuple[Period, ...]:
    periods = [last]
    while len(periods) < count:
        periods.append(preceding(periods[-1]))
    return tuple(reversed(periods))


@lru_cache(maxsize=512)
def _spread(since: datetime, until: datetime, kind: str, zone: str) -> tuple[Period, ...]:
    return tuple(periods_between(since, until, kind, zone))


def _between(definition: Definition, since: datetime, until: datetime) -> tuple[Period, ...]:
    assert definition.period is not None
    return _spread(since, until, definition.period, definition.zone)


def _latest(
    workspace_id: uuid.UUID, series: Sequence[SeriesRef], clocks: Clocks, upto: datetime
) -> dict[int, datetime]:
    """Return, by series, where the last thing said begins of the periods up to the one that holds `upto`."""
    if not series:
        return {}
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "ids": [one.id for one in series],
        "untils": [_end_of_last(one.definition, upto) for one in series],
        "as_of": clocks.as_of,
        "known_at": clocks.recorded_by,
    }
    return dict(fetch(_LATEST, values))


def _end_of_last(definition: Definition, upto: datetime) -> datetime:
    """A figure of the last period may end later than `upto`; no event that is read ends later than it."""
    if definition.holds == "events" or definition.period is None:
        return upto
    return period_of(upto, definition.period, definition.zone).end
