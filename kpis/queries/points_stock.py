"""Points of KPIs over a stock: their flows as all other sums are read, the bases by one statement more.

Flows are read back to the base before the window asked for, since the stock at its start follows from there:
of events as one sum, of figures period by period, as a period that nobody told breaks the chain.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
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
    *, workspace_id: uuid.UUID, asked: Sequence[tuple[SeriesRef, datetime]], as_of: datetime
) -> list[list[Given]]:
    """Return the bases of series, each as known at an instant, oldest first, in their order; none of those
    that are over no stock. One statement; none where there is no such series."""
    found: list[list[Given]] = [[] for _ in asked]
    stocked = [(place, *one) for place, one in enumerate(asked) if one[0].definition.stocked]
    if stocked:
        values: dict[str, Any] = {
            "workspace": workspace_id,
            "places": [place for place, _, _ in stocked],
            "ids": [series.id for _, series, _ in stocked],
            "knowns": [known_at for _, _, known_at in stocked],
            "as_of": as_of,
        }
        for place, at, count, recorded_at, reason in fetch(_BASES, values):
            found[place].append(Given(at.astimezone(UTC), count, recorded_at, reason))
    return found


def reach_back(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> tuple[list[Window], list[Reach | None]]:
    """Return the windows, those of series over a stock reaching back to a base, and how these reach, else
    None. Two statements; none where there is no such series."""
    reaches: list[Reach | None] = [None] * len(windows)
    places = [place for place, one in enumerate(windows) if one.series.definition.stocked]
    if not places:
        return list(windows), reaches
    asked = [(windows[place].series, clocks.of(windows[place])) for place in places]
    given = given_bases(workspace_id=workspace_id, asked=asked, as_of=clocks.as_of)
    wide = [_wide(windows[place], mine) for place, mine in zip(places, given, strict=True)]
    for place, reach in zip(places, _with_flown(workspace_id, wide, given, clocks), strict=True):
        reaches[place] = reach
    return [each.window if each else one for one, each in zip(windows, reaches, strict=True)], reaches


def reach_of(
    *,
    workspace_id: uuid.UUID,
    windows: Sequence[Window],
    given: Sequence[Sequence[Given]],
    clocks: Clocks,
) -> list[Reach]:
    """Return windows that begin with the period of a base, with the bases in them, in their order."""
    return _with_flown(workspace_id, [(one, one.since) for one in windows], given, clocks)


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
    wide = Window(window.series, (*before, *window.periods), since, window.until, window.known_at)
    return wide, window.since


def _with_flown(
    workspace_id: uuid.UUID,
    wide: Sequence[tuple[Window, datetime]],
    given: Sequence[Sequence[Given]],
    clocks: Clocks,
) -> list[Reach]:
    """Put to each base the flows since the span that it lies in began. One statement, for those within
    spans."""
    asked: list[tuple[Window, datetime, datetime]] = []
    wanted: list[list[tuple[Given, list[int]]]] = []
    for (window, _), bases in zip(wide, given, strict=True):
        starts = [period.start for period in window.periods]
        mine: list[tuple[Given, list[int]]] = []
        places: list[int] = []
        since = window.since
        for one in (one for one in bases if window.since <= one.at):
            begun = starts[bisect_right(starts, one.at) - 1]
            if begun >= since:
                places, since = [], begun
            if since < one.at < window.until:
                places = [*places, len(asked)]
                asked.append((window, since, one.at))
            mine.append((one, places))
            since = max(since, one.at)
        wanted.append(mine)
    sums = _flown(workspace_id, asked, clocks)
    return [
        Reach(
            window,
            shown_from,
            [Base(one.at, one.count, combine(sums[place] for place in places)) for one, places in mine],
        )
        for (window, shown_from), mine in zip(wide, wanted, strict=True)
    ]


def _flown(
    workspace_id: uuid.UUID, asked: Sequence[tuple[Window, datetime, datetime]], clocks: Clocks
) -> dict[int, Sums]:
    sums: dict[int, Sums] = defaultdict(lambda: EMPTY)
    if asked:
        values: dict[str, Any] = {
            "workspace": workspace_id,
            "places": list(range(len(asked))),
            "ids": [one[0].series.id for one in asked],
            "sinces": [one[1] for one in asked],
            "untils": [one[2] for one in asked],
            "knowns": [clocks.of(one[0]) for one in asked],
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
