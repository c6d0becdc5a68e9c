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


class Part(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Sums of readings, or of rollups, of one bucket: the same as those of its events one by one.

    bucket: 1 is the first of the window's periods. observed_at: the latest instant that they speak of.
    """

    bucket: int
    observed_at: datetime
    sums: Sums


_parts = msgspec.json.Decoder(list[Part])


def load_parts(*, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks) -> list[list[Part]]:
    """Return the sums of the events in each window's periods, which follow each other without a gap.

    They come in any order, and there may be several of a bucket. One statement.
    """
    values: dict[str, Any] = {"workspace": workspace_id, **_asked(windows, clocks)}
    found: list[list[Part]] = [[] for _ in windows]
    for row in fetch(_SUMS, values):
        place, rolled = row[0], row[-1]
        if rolled is None:
            found[place].append(_part(row, windows[place].series.definition))
        else:
            found[place] += _parts.decode(rolled)
    return found


def _asked(windows: Sequence[Window], clocks: Clocks) -> dict[str, str]:
    """Return the statement's parameters: the series of the windows, and the grids that these share.

    Windows of the same stretch share one tuple of periods, and series of a KPI its definition, so identities
    tell them apart more cheaply than what is in them.
    """
    grids: dict[int, dict[str, object]] = {}
    terms: dict[tuple[object, ...], dict[str, object]] = {}
    asked: list[dict[str, object]] = []
    for place, window in enumerate(windows):
        stretch = id(window.periods)
        if stretch not in grids:
            bounds = [period.start for period in window.periods]
            grids[stretch] = {"k": len(grids), "bounds": bounds}
        shared = stretch, id(window.series.definition), window.since, window.until, window.known_at
        if shared not in terms:
            terms[shared] = {"k": grids[stretch]["k"], **_terms(window, clocks)}
        asked.append({"window": place, "id": window.series.id, **terms[shared]})
    return {"series": encode(asked).decode(), "grids": encode([*grids.values()]).decode()}


def _terms(window: Window, clocks: Clocks) -> dict[str, object]:
    definition = window.series.definition
    return {
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


def _part(row: tuple[Any, ...], definition: Definition) -> Part:
    # fmt: off
    (_, bucket, observed_at, numerator, denominator, n, counts, total, last, last_at,
     tallies, answer, valued, parts_n, _) = row
    # fmt: on
    sums = Sums(
        None if numerator is None else Decimal(numerator),
        None if denominator is None else Decimal(denominator),
        n,
        None if counts is None else tuple(map(sum, zip(*counts, strict=True))),
        None if total is None else Decimal(total),
        None if last is None else Decimal(last),
        last_at,
    )
    if valued is not None:
        sums = _of_readings(definition, sums, answer, valued, parts_n)
    elif tallies is not None:
        sums = msgspec.structs.replace(sums, tally=merged(map(read_tally, tallies)))
    return Part(bucket, observed_at, sums)


def _of_readings(
    definition: Definition, told: Sums, answer: str | None, valued: int, parts_n: int | None
) -> Sums:
    """Return the sums of readings of which all columns were summed.

    answer: the value of each of them, where they are told apart by it. valued: how many have a value, which
    of rollups nobody asks.
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
    if definition.row.form == "last":
        return Sums(n=told.n, last=told.last, last_at=told.last_at)
    if definition.row.form == "sum":
        n = int(told.total) if definition.row.counted else told.n
        return Sums(n=n, total=told.total)
    return Sums(n=valued, total=told.total)
