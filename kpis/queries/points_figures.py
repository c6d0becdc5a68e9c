"""Points of figures: rows of readings, summed into the KPI's periods where they are of shorter ones."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from kpis.queries.points_plan import Clocks, SeriesRef, Window
from kpis.queries.sql import statement
from kpis.series.definition import Definition
from kpis.series.period import Period, period_of
from kpis.series.point import Point, make_point
from kpis.series.reading import Reading
from kpis.series.sums import Sums, combine, of_counts, of_reading

_FIGURES = statement("figures")
_ALL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Held:
    """A reading that holds; start = end for an instant."""

    start: datetime
    end: datetime
    recorded_at: datetime
    sums: Sums


def figure_points(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks, limit: int
) -> dict[int, list[Point]]:
    """Return the points of the windows' series. One statement."""
    by_series = {window.series.id: window.series for window in windows}
    held: dict[int, list[Held]] = {series_id: [] for series_id in by_series}
    for series_id, *row in _rows(workspace_id, windows, clocks, limit):
        held[series_id].append(_held(by_series[series_id].definition, *row))
    return {series_id: _points(by_series[series_id], found, clocks) for series_id, found in held.items()}


def _rows(
    workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks, limit: int
) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "ids": [window.series.id for window in windows],
        "sinces": [window.since for window in windows],
        "untils": [window.until for window in windows],
        "mosts": [_ALL if window.periods else limit for window in windows],
        "as_of": clocks.as_of,
        "known_at": clocks.recorded_by,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _held(
    definition: Definition,
    start: datetime,
    end: datetime,
    recorded_at: datetime,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    n: int | None,
    counts: list[int] | None,
) -> Held:
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if counts is not None:
        return Held(start, end, recorded_at, of_counts(definition, tuple(counts)))
    reading = Reading(end, None if start == end else start, value, numerator, denominator, n)
    return Held(start, end, recorded_at, of_reading(definition, reading))


def _points(series: SeriesRef, held: Sequence[Held], clocks: Clocks) -> list[Point]:
    definition, revision = series.definition, series.revision
    if definition.period is None:
        ascending = sorted(held, key=lambda one: one.end)
        return [
            make_point(definition, one.sums, start=None, end=one.end, revision=revision) for one in ascending
        ]
    by_period: dict[Period, list[Held]] = defaultdict(list)
    for one in held:
        by_period[period_of(one.start, definition.period, definition.zone)].append(one)
    summed = {period: apart(found, period) for period, found in by_period.items()}
    return [
        _point(series, period, summed[period], clocks)
        for period in sorted(summed, key=lambda period: period.start)
        if summed[period]
    ]


def apart(held: Sequence[Held], period: Period) -> list[Held]:
    """Return readings inside the period that share no time: a longer one stands for the shorter within."""
    kept: list[Held] = []
    for one in sorted(held, key=lambda one: (one.start - one.end, one.start)):
        if one.end <= period.end and not any(_share(one, other) for other in kept):
            kept.append(one)
    return kept


def _share(one: Held, other: Held) -> bool:
    return other.start <= one.start < other.end or one.start <= other.start < one.end


def _point(series: SeriesRef, period: Period, held: Sequence[Held], clocks: Clocks) -> Point:
    definition = series.definition
    latest = max(one.end for one in held)
    if latest > clocks.as_of:  # the running period's own figure: it speaks of no later than when it was told
        latest = max(min(one.recorded_at, clocks.as_of) for one in held if one.end == latest)
    return make_point(
        definition,
        combine(one.sums for one in held),
        start=period.start,
        end=period.end,
        observed_at=None if latest == period.end else latest,
        revision=series.revision,
    )
