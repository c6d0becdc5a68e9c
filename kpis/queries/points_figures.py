"""Points of figures: rows of readings, summed into the KPI's periods where they are of shorter ones."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from kpis.queries.points_plan import Clocks, SeriesRef, Window
from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.intake import Observed
from kpis.series.period import Period, period_of
from kpis.series.point import NO_DOUBT, Doubt, Point, doubted, make_point
from kpis.series.sums import EMPTY, Sums, combine, of_columns, of_counts

_FIGURES = statement("figures")
_ALL = 2**31 - 1


class Held(msgspec.Struct, frozen=True, gc=False):
    """A reading that holds; start = end for an instant. told_at: when it was told, if it ends after as_of."""

    start: datetime
    end: datetime
    told_at: datetime | None
    sums: Sums
    suspect: bool


def figure_points(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks, limit: int
) -> dict[int, list[Point]]:
    """Return the points of the windows' series, each in one window. One statement."""
    found = figures_each(workspace_id=workspace_id, windows=windows, clocks=clocks, limit=limit)
    return {window.series.id: points for window, points in zip(windows, found, strict=True)}


def figures_each(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks, limit: int
) -> list[list[Point]]:
    """Return the points of each window, in their order. One statement."""
    rows: list[list[tuple[Any, ...]]] = [[] for _ in windows]
    for row in _rows(workspace_id, windows, clocks, limit):
        rows[row[0]].append(row)
    return [_points(window, found, clocks) for window, found in zip(windows, rows, strict=True)]


def told_points(definition: Definition, revision: int, told: Sequence[Observed]) -> list[Point]:
    """Return the points of figures of the KPI's own periods, or of instants, that are over."""
    timeless = definition.period is None
    points = []
    for one in told:
        span = one.span
        assert span is not None
        sums = (
            of_columns(definition, span.end, one.value, one.numerator, one.denominator, one.n)
            if one.counts is None
            else of_counts(definition, one.counts)
        )
        start = None if timeless else span.start
        points.append(make_point(definition, sums, start=start, end=span.end, revision=revision))
    return points


def _rows(
    workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks, limit: int
) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "places": list(range(len(windows))),
        "ids": [window.series.id for window in windows],
        "sinces": [window.since for window in windows],
        "untils": [window.until for window in windows],
        "mosts": [_ALL if window.periods else limit for window in windows],
        "knowns": [clocks.of(window) for window in windows],
        "as_of": clocks.as_of,
    }
    return fetch(_FIGURES, values)


def _points(window: Window, rows: Sequence[tuple[Any, ...]], clocks: Clocks) -> list[Point]:
    """rows: latest end first."""
    definition, revision = window.series.definition, window.series.revision
    if definition.period is None:
        return [
            make_point(definition, *_parted(definition, row), start=None, end=row[2], revision=revision)
            for row in reversed(rows)
        ]
    if definition.stocked:  # its bases are of instants, and no flows
        rows = [row for row in rows if row[1] < row[2]]
    own, others = _own_figures(window, rows)
    points = [_own_point(window.series, row, clocks) for row in own]
    if others:
        points += _made_of_shorter(window.series, definition.period, others, clocks)
        points.sort(key=lambda point: point.end)
    return points


def _own_figures(
    window: Window, rows: Sequence[tuple[Any, ...]]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The figures of the periods themselves, oldest first; and what periods without one are made of."""
    ends = {period.start: period.end for period in window.periods}
    own: list[tuple[Any, ...]] = []
    others: list[tuple[Any, ...]] = []
    for row in reversed(rows):
        (own if ends.get(row[1]) == row[2] else others).append(row)
    if others:  # a longer one stands for the shorter within
        spoken = {row[1]: row[2] for row in own}
        kind, zone = window.periods[0].kind, window.periods[0].zone
        others = [row for row in others if period_of(row[1], kind, zone).start not in spoken]
    return own, others


def _own_point(series: SeriesRef, row: tuple[Any, ...], clocks: Clocks) -> Point:
    _, start, end, told_at, *_ = row
    definition = series.definition
    # The running period's own figure speaks of no later than when it was told.
    seen = min(told_at, clocks.as_of) if end > clocks.as_of else None
    return make_point(
        definition,
        *_parted(definition, row),
        start=start,
        end=end,
        observed_at=seen,
        revision=series.revision,
    )


def _sums(definition: Definition, row: tuple[Any, ...]) -> Sums:
    _, _, end, _, value, numerator, denominator, n, counts, _ = row
    if counts is not None:
        return of_counts(definition, tuple(counts))
    return of_columns(definition, end, value, numerator, denominator, n)


def _parted(definition: Definition, row: tuple[Any, ...]) -> tuple[Sums, Doubt]:
    """The sums of a reading that counts, or what is doubted of a suspect one."""
    sums = _sums(definition, row)
    return (EMPTY, Doubt(1, sums)) if row[-1] else (sums, NO_DOUBT)


def _made_of_shorter(
    series: SeriesRef, kind: str, rows: Sequence[tuple[Any, ...]], clocks: Clocks
) -> list[Point]:
    """The points of periods of which only shorter ones or instants are known."""
    within: dict[Period, list[Held]] = defaultdict(list)
    for row in rows:
        held = Held(row[1], row[2], row[3], _sums(series.definition, row), row[-1])
        within[period_of(held.start, kind, series.definition.zone)].append(held)
    parted = ((period, apart(held, period)) for period, held in within.items())
    return [_point(series, period, held, clocks) for period, held in parted if held]


def apart(held: Sequence[Held], period: Period) -> list[Held]:
    """Return readings inside the period that share no time: a longer one stands for the shorter within."""
    if len(held) == 1 and held[0].end == period.end:  # its own figure, as a rule
        return list(held)
    kept: list[Held] = []
    for one in sorted(held, key=lambda one: (one.start - one.end, one.start)):
        if one.end <= period.end and not any(_share(one, other) for other in kept):
            kept.append(one)
    return kept


def _share(one: Held, other: Held) -> bool:
    return other.start <= one.start < other.end or one.start <= other.start < one.end


def _point(series: SeriesRef, period: Period, held: Sequence[Held], clocks: Clocks) -> Point:
    doubt = NO_DOUBT
    if len(held) == 1 and not held[0].suspect:
        latest, sums = held[0].end, held[0].sums
    else:
        latest = max(one.end for one in held)
        sums = combine(one.sums for one in held if not one.suspect)
        doubt = doubted(one.sums for one in held if one.suspect)
    if latest > clocks.as_of:  # the running period's own figure: it speaks of no later than when it was told
        told = (one.told_at for one in held if one.end == latest and one.told_at is not None)
        latest = max(min(told_at, clocks.as_of) for told_at in told)
    seen = None if latest == period.end else latest
    point = make_point(
        series.definition,
        sums,
        doubt,
        start=period.start,
        end=period.end,
        observed_at=seen,
        revision=series.revision,
    )
    whole = len(held) == 1 and (held[0].start, held[0].end) == (period.start, period.end)
    return point if whole else msgspec.structs.replace(point, parted=True)
