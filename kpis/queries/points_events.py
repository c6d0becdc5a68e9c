"""Points of events: sums by period, from the rollups of clean days and the readings of the others."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from kpis.queries.points_plan import Clocks, Window
from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.exact import encode
from kpis.series.intake_sides import takes_sides
from kpis.series.period import Period, period_of
from kpis.series.point import NO_DOUBT, Doubt, Point, doubted, make_point
from kpis.series.sums import EMPTY, Sums, combine, of_columns, of_counts, of_values
from kpis.series.tally import merged, read_tally

_SUMS = statement("event_sums")
_SUSPECTS = statement("suspect_events")
_MICROSECOND = timedelta(microseconds=1)


class Part(msgspec.Struct):
    """Sums of a bucket as the statement gives them: of readings (`read`), or of rollups."""

    window: int
    bucket: int
    read: bool
    answer: Decimal | None
    counts: list[list[int]] | None
    numerator: Decimal | None
    denominator: Decimal | None
    parts_n: int | None
    total: Decimal | None
    valued: int | None
    n: int | None
    minimum: Decimal | None
    maximum: Decimal | None
    last: Decimal | None
    last_at: datetime | None
    observed_at: datetime
    tallies: list[str] | None


def event_points(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> dict[int, list[Point]]:
    """Return the points of the windows' series, each in one window, whose KPIs have periods. One
    statement."""
    found = events_each(workspace_id=workspace_id, windows=windows, clocks=clocks)
    return {window.series.id: points for window, points in zip(windows, found, strict=True)}


def events_each(*, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks) -> list[list[Point]]:
    """Return the points of each window, in their order. One statement."""
    parts: dict[tuple[int, int], list[Part]] = defaultdict(list)
    for part in load_parts(workspace_id=workspace_id, windows=windows, clocks=clocks):
        if part.denominator is None and takes_sides(windows[part.window].series.definition):
            continue  # numerators alone: they wait, or count in the period of their denominator
        parts[part.window, part.bucket].append(part)
    doubts = _doubts(workspace_id, windows, clocks)
    points: list[list[Point]] = [[] for _ in windows]
    for place, bucket in sorted(parts.keys() | doubts.keys()):
        doubt = doubts.get((place, bucket), NO_DOUBT)
        points[place].append(_point(windows[place], bucket, parts.get((place, bucket), ()), doubt))
    return points


def _doubts(
    workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> dict[tuple[int, int], Doubt]:
    """Return the suspect events by window and bucket. One statement, if any KPI has a plausibility band."""
    bounded = [
        (place, one) for place, one in enumerate(windows) if one.series.definition.plausibility is not None
    ]
    if not bounded:
        return {}
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "windows": [place for place, _ in bounded],
        "ids": [one.series.id for _, one in bounded],
        "sinces": [one.since for _, one in bounded],
        "untils": [min(one.until, clocks.as_of + _MICROSECOND) for _, one in bounded],
        "knowns": [clocks.of(one) for _, one in bounded],
    }
    found: dict[tuple[int, int], list[Sums]] = defaultdict(list)
    for place, end, *columns in fetch(_SUSPECTS, values):
        window = windows[place]
        bucket = bisect_right(window.periods, end, key=lambda period: period.start)
        found[place, bucket].append(of_columns(window.series.definition, end, *columns))
    return {where: doubted(parts) for where, parts in found.items()}


def load_parts(*, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks) -> list[Part]:
    """Return the sums of the events in the windows' periods, which follow each other without a gap.

    Part.window is the place in `windows`; bucket 1 is the first of its periods. One statement.
    """
    grids: dict[tuple[Period, ...], int] = {}
    asked = [
        {"window": place, "k": grids.setdefault(window.periods, len(grids)), **_asked(window, clocks)}
        for place, window in enumerate(windows)
    ]
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "series": encode(asked).decode(),
        "grids": encode(
            [{"k": k, "bounds": [period.start for period in periods]} for periods, k in grids.items()]
        ).decode(),
    }
    return [Part(*row) for row in fetch(_SUMS, values)]


def _asked(window: Window, clocks: Clocks) -> dict[str, object]:
    definition = window.series.definition
    return {
        "id": window.series.id,
        "since": window.since,
        "until": min(window.until, clocks.as_of + _MICROSECOND),
        "clean_to": _clean_to(window, clocks),
        "zone": definition.zone,
        "hourly": definition.period == "hour",
        "answers": definition.input == "answers" or definition.tallied,
        "latest": definition.row.form == "last",
        "known_at": clocks.of(window),
    }


def _clean_to(window: Window, clocks: Clocks) -> datetime:
    """Rollups say what is known now of days that are over: up to there they may stand for readings."""
    if clocks.known_at is not None or window.known_at is not None:
        return window.since
    today = period_of(clocks.as_of, "day", window.series.definition.zone)
    return max(window.since, min(window.until, today.start))


def sums_of(definition: Definition, part: Part) -> Sums:
    """Return the part as sums, the same as those of its events one by one."""
    if not part.read:
        counts = tuple(map(sum, zip(*part.counts, strict=True))) if part.counts else None
        return Sums(
            numerator=part.numerator,
            denominator=part.denominator,
            n=part.n,
            counts=counts,
            total=part.total,
            minimum=part.minimum,
            maximum=part.maximum,
            last=part.last,
            last_at=part.last_at,
            tally=merged(map(read_tally, part.tallies)) if part.tallies else None,
        )
    if definition.input == "answers":
        answered = part.valued or 0
        return of_counts(definition, tuple(answered * (step == part.answer) for step in definition.steps))
    if definition.stocked:
        return Sums(numerator=part.numerator, denominator=part.denominator, total=part.total)
    if definition.input == "parts":
        return _of_parts(definition, part)
    return _of_values(definition, part)


def _of_parts(definition: Definition, part: Part) -> Sums:
    if part.numerator is None or part.denominator is None:
        return EMPTY
    n = int(part.denominator) if definition.row.n_is_denominator else part.parts_n
    return Sums(numerator=part.numerator, denominator=part.denominator, n=n)


def _of_values(definition: Definition, part: Part) -> Sums:
    if part.total is None:
        return EMPTY
    if definition.tallied and part.answer is not None:
        return of_values(part.answer, part.valued or 0)
    least, most = part.minimum, part.maximum
    if definition.row.form == "last":
        return Sums(n=part.n, minimum=least, maximum=most, last=part.last, last_at=part.last_at)
    if definition.row.form == "sum":
        n = int(part.total) if definition.row.counted else part.n
        return Sums(n=n, total=part.total, minimum=least, maximum=most)
    return Sums(n=part.valued, total=part.total, minimum=least, maximum=most)


def _point(window: Window, bucket: int, parts: Sequence[Part], doubt: Doubt) -> Point:
    definition, period = window.series.definition, window.periods[bucket - 1]
    return make_point(
        definition,
        combine(sums_of(definition, part) for part in parts),
        doubt,
        start=period.start,
        end=period.end,
        observed_at=max((part.observed_at for part in parts), default=None),
        revision=window.series.revision,
    )
