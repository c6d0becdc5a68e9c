"""Sums of events by bucket, from the rollups of clean days and the readings of the others. One statement."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from kpis.queries.points_plan import Clocks, Window
from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.exact import encode
from kpis.series.period import period_of
from kpis.series.sums import EMPTY, Sums, of_counts, of_values
from kpis.series.tally import merged, read_tally

_SUMS = statement("event_sums")
_MICROSECOND = timedelta(microseconds=1)
_ROLLED = ("hour", "day")
"""Periods that are one rollup each."""


class Part(msgspec.Struct, frozen=True, gc=False):
    """Sums of readings, or of rollups, of one bucket: the same as those of its events one by one.

    window: the place in the windows asked for. bucket: 1 is the first of its periods. observed_at: the latest
    instant that they speak of.
    """

    window: int
    bucket: int
    sums: Sums
    observed_at: datetime


class _Columns(msgspec.Struct, gc=False):
    """A row of the statement that comes from readings; after `observed_at` as it says."""

    window: int
    bucket: int
    read: bool
    observed_at: datetime
    numerator: Decimal | None
    denominator: Decimal | None
    n: int | None
    counts: None
    total: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    last: Decimal | None
    last_at: datetime | None
    tallies: None
    answer: Decimal | None
    valued: int
    parts_n: int | None


def load_parts(*, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks) -> list[Part]:
    """Return the sums of the events in the windows' periods, which follow each other without a gap.

    A bucket may have several. One statement.
    """
    grids: dict[int, tuple[int, list[datetime]]] = {}
    asked = [
        {"window": place, "k": _grid(window, grids), **_asked(window, clocks)}
        for place, window in enumerate(windows)
    ]
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "series": encode(asked).decode(),
        "grids": encode([{"k": k, "bounds": bounds} for k, bounds in grids.values()]).decode(),
    }
    definitions = [window.series.definition for window in windows]
    return [
        Part(row[0], row[1], _read(definitions[row[0]], _Columns(*row)) if row[2] else _rolled(row), row[3])
        for row in fetch(_SUMS, values)
    ]


def _grid(window: Window, grids: dict[int, tuple[int, list[datetime]]]) -> int:
    """Return the number of the window's grid. Windows of the same stretch share one tuple of periods, so its
    identity tells them apart more cheaply than what is in it."""
    found = grids.get(id(window.periods))
    if found is None:
        found = grids[id(window.periods)] = len(grids), [period.start for period in window.periods]
    return found[0]


def _asked(window: Window, clocks: Clocks) -> dict[str, object]:
    definition = window.series.definition
    return {
        "id": window.series.id,
        "since": window.since,
        "until": min(window.until, clocks.as_of + _MICROSECOND),
        "clean_to": _clean_to(window, clocks),
        "zone": definition.zone,
        "hourly": definition.period == "hour",
        "apart": definition.period in _ROLLED and not definition.stocked,
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


def _rolled(row: tuple[Any, ...]) -> Sums:
    """The columns of a rollup are the fields of sums, in their order."""
    sums = Sums(*row[4:13])
    counts, tallies = row[7], row[13]
    if counts is None and tallies is None:
        return sums
    return msgspec.structs.replace(
        sums,
        counts=tuple(map(sum, zip(*counts, strict=True))) if counts else None,
        tally=merged(map(read_tally, tallies)) if tallies else None,
    )


def _read(definition: Definition, part: _Columns) -> Sums:
    if definition.input == "answers":
        return of_counts(definition, tuple(part.valued * (step == part.answer) for step in definition.steps))
    if definition.stocked:
        return Sums(numerator=part.numerator, denominator=part.denominator, total=part.total)
    if definition.input == "parts":
        return _of_parts(definition, part)
    return _of_values(definition, part)


def _of_parts(definition: Definition, part: _Columns) -> Sums:
    if part.numerator is None or part.denominator is None:
        return EMPTY
    n = int(part.denominator) if definition.row.n_is_denominator else part.parts_n
    return Sums(numerator=part.numerator, denominator=part.denominator, n=n)


def _of_values(definition: Definition, part: _Columns) -> Sums:
    if part.total is None:
        return EMPTY
    if definition.tallied and part.answer is not None:
        return of_values(part.answer, part.valued)
    least, most = part.minimum, part.maximum
    if definition.row.form == "last":
        return Sums(n=part.n, minimum=least, maximum=most, last=part.last, last_at=part.last_at)
    if definition.row.form == "sum":
        n = int(part.total) if definition.row.counted else part.n
        return Sums(n=n, total=part.total, minimum=least, maximum=most)
    return Sums(n=part.valued, total=part.total, minimum=least, maximum=most)
