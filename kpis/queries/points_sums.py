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
    return [_part(row, definitions) for row in fetch(_SUMS, values)]


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


def _part(row: tuple[Any, ...], definitions: Sequence[Definition]) -> Part:
    """Numbers with fractions come as text: psycopg takes three times as long to read them as binary."""
    # fmt: off
    (place, bucket, read, observed_at, numerator, denominator, n, counts, total, minimum, maximum, last,
     last_at, tallies, answer, valued, parts_n) = row
    # fmt: on
    sums = Sums(
        None if numerator is None else Decimal(numerator),
        None if denominator is None else Decimal(denominator),
        n,
        None if counts is None else tuple(map(sum, zip(*counts, strict=True))),
        None if total is None else Decimal(total),
        None if minimum is None else Decimal(minimum),
        None if maximum is None else Decimal(maximum),
        None if last is None else Decimal(last),
        last_at,
    )
    if read:
        sums = _of_readings(definitions[place], sums, answer, valued, parts_n)
    elif tallies is not None:
        sums = msgspec.structs.replace(sums, tally=merged(map(read_tally, tallies)))
    return Part(place, bucket, sums, observed_at)


def _of_readings(
    definition: Definition, told: Sums, answer: str | None, valued: int, parts_n: int | None
) -> Sums:
    """Return the sums of readings of which all columns were summed.

    answer: the value of each of them, where they are told apart by it. valued: how many have a value.
    parts_n: the observations of those that have both sides.
    """
    if definition.input == "answers":
        seen = None if answer is None else Decimal(answer)
        return of_counts(definition, tuple(valued * (step == seen) for step in definition.steps))
    if definition.stocked:
        return Sums(numerator=told.numerator, denominator=told.denominator, total=told.total)
    if definition.input == "parts":
        return _of_parts(definition, told, parts_n)
    if definition.tallied and answer is not None:
        return of_values(Decimal(answer), valued)
    return _of_values(definition, told, valued)


def _of_parts(definition: Definition, told: Sums, parts_n: int | None) -> Sums:
    if told.numerator is None or told.denominator is None:
        return EMPTY
    n = int(told.denominator) if definition.row.n_is_denominator else parts_n
    return Sums(numerator=told.numerator, denominator=told.denominator, n=n)


def _of_values(definition: Definition, told: Sums, valued: int) -> Sums:
    if told.total is None:
        return EMPTY
    least, most = told.minimum, told.maximum
    if definition.row.form == "last":
        return Sums(n=told.n, minimum=least, maximum=most, last=told.last, last_at=told.last_at)
    if definition.row.form == "sum":
        n = int(told.total) if definition.row.counted else told.n
        return Sums(n=n, total=told.total, minimum=least, maximum=most)
    return Sums(n=valued, total=told.total, minimum=least, maximum=most)
