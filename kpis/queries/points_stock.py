"""Points of KPIs over a stock: their flows as all other sums are read, the bases by one statement more.

Flows are read back to the base before the window asked for, since the stock at its start follows from there:
of events as one sum, of figures period by period, as a period that nobody told breaks the chain.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from kpis.queries.points_plan import Clocks, SeriesRef, Window
from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.period import Period, period_of, periods_between
from kpis.series.point import Point
from kpis.series.stock import Base, Check, spans_of, walk
from kpis.series.sums import EMPTY, Sums, combine

_BASES = statement("bases")
_FLOWN = statement("flows_between")


class Given(msgspec.Struct, frozen=True, gc=False):
    """A base as it was recorded last."""

    at: datetime
    count: Decimal
    recorded_at: datetime
    reason: str | None


class Reach(msgspec.Struct, frozen=True):
    """A window that reaches back to a base. shown_from: where the window asked for begins."""

    window: Window
    shown_from: datetime
    bases: Sequence[Base]


def given_bases(
    *, workspace_id: uuid.UUID, series: Iterable[SeriesRef], clocks: Clocks
) -> dict[int, list[Given]]:
    """Return the bases of series over a stock, oldest first. One statement; none where there is no such
    series."""
    ids = [one.id for one in series if one.definition.stocked]
    found: dict[int, list[Given]] = {series_id: [] for series_id in ids}
    if ids:
        values: dict[str, Any] = {
            "workspace": workspace_id,
            "ids": ids,
            "as_of": clocks.as_of,
            "known_at": clocks.recorded_by,
        }
        for series_id, at, count, recorded_at, reason in fetch(_BASES, values):
            found[series_id].append(Given(at.astimezone(UTC), count, recorded_at, reason))
    return found


def reach_back(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> tuple[list[Window], dict[int, Reach]]:
    """Return the windows, those of series over a stock reaching back to a base, and these by series."""
    given = given_bases(workspace_id=workspace_id, series=(one.series for one in windows), clocks=clocks)
    if not given:
        return list(windows), {}
    wide = {one.series.id: _wide(one, given[one.series.id]) for one in windows if one.series.id in given}
    reaches = _with_flown(workspace_id, wide, given, clocks)
    return [wide.get(one.series.id, (one,))[0] for one in windows], reaches


def reach_of(
    *,
    workspace_id: uuid.UUID,
    windows: Sequence[Window],
    given: Mapping[int, Sequence[Given]],
    clocks: Clocks,
) -> dict[int, Reach]:
    """Return windows that begin with the period of a base, by their series, with the bases in them."""
    wide = {one.series.id: (one, one.since) for one in windows}
    return _with_flown(workspace_id, wide, given, clocks)


def _wide(window: Window, given: Sequence[Given]) -> tuple[Window, datetime]:
    """The window from the period of the last base before it on, and where the window itself begins."""
    place = bisect_left([one.at for one in given], window.since)
    if place == 0:
        return window, window.since
    definition = window.series.definition
    since = _period(definition, given[place - 1].at).start
    if definition.holds == "events":
        before: tuple[Period, ...] = (_stretch(definition, since, window.since),)
    else:
        before = tuple(periods_between(since, window.since, _kind(definition), definition.zone))
    return Window(window.series, (*before, *window.periods), since, window.until), window.since


def _with_flown(
    workspace_id: uuid.UUID,
    wide: Mapping[int, tuple[Window, datetime]],
    given: Mapping[int, Sequence[Given]],
    clocks: Clocks,
) -> dict[int, Reach]:
    """Put to each base the flows since the span that it lies in began. One statement, for those within
    spans."""
    asked: list[tuple[int, datetime, datetime]] = []
    wanted: dict[int, list[tuple[Given, list[int]]]] = {}
    for series_id, (window, _) in wide.items():
        mine = [one for one in given[series_id] if window.since <= one.at]
        starts = [period.start for period in window.periods]
        wanted[series_id] = []
        places: list[int] = []
        since = window.since
        for one in mine:
            begun = starts[bisect_right(starts, one.at) - 1]
            if begun >= since:
                places, since = [], begun
            if since < one.at < window.until:
                places = [*places, len(asked)]
                asked.append((series_id, since, one.at))
            wanted[series_id].append((one, places))
            since = max(since, one.at)
    sums = _flown(workspace_id, asked, clocks)
    return {
        series_id: Reach(
            window,
            shown_from,
            [
                Base(one.at, one.count, combine(sums[place] for place in places))
                for one, places in wanted[series_id]
            ],
        )
        for series_id, (window, shown_from) in wide.items()
    }


def _flown(
    workspace_id: uuid.UUID, asked: Sequence[tuple[int, datetime, datetime]], clocks: Clocks
) -> dict[int, Sums]:
    sums: dict[int, Sums] = defaultdict(lambda: EMPTY)
    if asked:
        values: dict[str, Any] = {
            "workspace": workspace_id,
            "places": list(range(len(asked))),
            "ids": [one[0] for one in asked],
            "sinces": [one[1] for one in asked],
            "untils": [one[2] for one in asked],
            "known_at": clocks.recorded_by,
        }
        for place, lost, joined, third in fetch(_FLOWN, values):
            sums[place] = Sums(numerator=lost, denominator=joined, total=third)
    return sums


def over_stock(reach: Reach, flows: Sequence[Point], clocks: Clocks) -> tuple[list[Point], list[Check]]:
    """Return the points of a series over its stock, and its bases checked.

    flows: points whose sums are flows, as they are read of any series; their values mean nothing.
    """
    window = reach.window
    definition = window.series.definition
    by_start = {point.start: point for point in flows if point.start is not None and _told(point)}
    heard = [*by_start, *(base.at for base in reach.bases)]
    events = definition.holds == "events"
    spans = spans_of(
        [(period.start, period.end) for period in window.periods if period.start <= clocks.as_of],
        by_start,
        shown_from=reach.shown_from,
        known=(min(heard), max(heard)) if events and heard else None,
    )
    return walk(definition, spans, reach.bases, revision=window.series.revision)


def _told(point: Point) -> bool:
    """A bucket in which there is a base alone has no flows."""
    return point.sums.denominator is not None


def _stretch(definition: Definition, start: datetime, end: datetime) -> Period:
    """Some periods as one."""
    return Period(start, end, _kind(definition), definition.zone)


def _period(definition: Definition, instant: datetime) -> Period:
    return period_of(instant, _kind(definition), definition.zone)


def _kind(definition: Definition) -> str:
    assert definition.period is not None
    return definition.period
