"""Reads of readings as they were recorded: one of them, or those of a KPI's series."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from kpis.models.definitions import Kpi, Series
from kpis.queries.definitions import definition_of
from kpis.queries.horizon import refuse_beyond
from kpis.queries.points_plan import Clocks
from kpis.queries.sql import array, fetch, statement
from kpis.series.definition import Definition
from kpis.series.labels import selects
from kpis.series.reading_id import ReadingRef, parse_reading_id
from service.errors import NotFound

_STATEMENT = statement("readings")
_READINGS = _STATEMENT.format(only="")
_SUSPECT = _STATEMENT.format(
    only="""AND suspect AND NOT EXISTS (
      SELECT FROM reading later
      WHERE later.workspace_id = one.workspace_id AND later.series_id = one.series_id
        AND later.end_at = one.end_at AND later.start_at = one.start_at AND later.key = one.key
        AND later.recorded_at > one.recorded_at AND later.recorded_at <= %(known_at)s)"""
)
_TOLD = """
EXISTS (
  SELECT FROM reading r
  WHERE r.workspace_id = series.workspace_id AND r.series_id = series.id AND NOT r.retracted
    AND r.recorded_at <= %s AND r.start_at <= %s AND (r.end_at <= %s OR r.recorded_at <= %s)
)
"""
_labels = msgspec.json.Decoder(dict[str, str])
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_SOME = 50
_FIRST = ReadingRef(0, _EARLIEST, _EARLIEST, _EARLIEST, "")


@dataclass(frozen=True, slots=True)
class RecordedReading:
    """A row of `reading`, with the series that it is of and whether a later row supersedes it.

    rules_version: of an inbound message, the rules that it was read with.
    """

    ref: ReadingRef
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    n: int | None
    counts: Sequence[int] | None
    retracted: bool
    feed_id: uuid.UUID | None
    cause_id: uuid.UUID | None
    rules_version: int | None
    reason: str | None
    suspect: bool
    kpi_id: uuid.UUID
    measure: int
    labels: Mapping[str, str]
    superseded: bool
    definition: Definition


@dataclass(frozen=True, slots=True)
class Among:
    """Which readings: of what was true at as_of, as far as known by known_at; suspect: that are so still."""

    as_of: datetime = _LATEST
    known_at: datetime = _LATEST
    suspect: bool = False


ALL = Among()


def among_of(params: Mapping[str, Any]) -> Among:
    """Return which readings the parameters `as_of` and `known_at` name."""
    return Among(**{name: params[name] for name in ("as_of", "known_at") if params.get(name)})


def series_of_kpi(
    workspace_id: uuid.UUID, kpi_id: uuid.UUID, selector: Mapping[str, str] | None = None
) -> list[Series]:
    """Return the label sets of a KPI, of all its measures, by id: those that the selector names."""
    rows = Series.objects.filter(workspace_id=workspace_id, kpi_id=kpi_id).order_by("id")
    return [row for row in rows if selector is None or selects(selector, row.labels)]


def label_sets(row: Kpi, clocks: Clocks | None = None) -> QuerySet[Series, Series]:
    """The label sets of a KPI, of all its measures; with `clocks` those of which something was told then."""
    rows = Series.objects.filter(workspace_id=row.workspace_id, kpi_id=row.id)
    if clocks is None:
        return rows
    as_of = clocks.as_of
    told = RawSQL(_TOLD, [clocks.recorded_by, as_of, as_of, as_of], output_field=BooleanField())
    return rows.alias(told=told).filter(told=True)


def reading(workspace_id: uuid.UUID, reading_id: str, among: Among = ALL) -> RecordedReading:
    """Return the reading that an id names, superseded or not; its state is that of then, and one that was
    not told of then is not there. Raises NotFound, BeyondRetention."""
    ref = parse_reading_id(reading_id)
    if ref is None or not _EARLIEST <= ref.end_at <= _LATEST:
        raise NotFound("There is no such reading here.")
    found = _select(workspace_id, [ref.series_id], ref, ref.end_at, ref.end_at, 1, among)
    if not found or found[0].ref != ref:
        refuse_beyond(workspace_id, ref.end_at)
        raise NotFound("There is no such reading here.")
    return found[0]


def readings_of(
    *,
    workspace_id: uuid.UUID,
    series_ids: Sequence[int],
    since: datetime | None,
    until: datetime | None,
    at_or_after: ReadingRef | None,
    limit: int,
    among: Among,
) -> list[RecordedReading]:
    """Return readings that end in [since, until], from `at_or_after` on in the order of the list.

    among: by what was known, and whether suspect ones alone.
    series_ids: ascending. They are read some at a time, as the first ones mostly fill the page.
    """
    start = at_or_after or _FIRST
    rest = [series_id for series_id in series_ids if series_id >= start.series_id]
    found: list[RecordedReading] = []
    while rest and len(found) < limit:
        some, rest = rest[:_SOME], rest[_SOME:]
        room = limit - len(found)
        found += _select(workspace_id, some, start, since or _EARLIEST, until or _LATEST, room, among)
    return found


def _select(
    workspace_id: uuid.UUID,
    series_ids: Sequence[int],
    after: ReadingRef,
    since: datetime,
    until: datetime,
    limit: int,
    among: Among,
) -> list[RecordedReading]:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "series": array(series_ids),
        "since": since,
        "until": until,
        "after_series": after.series_id,
        "after_end": after.end_at,
        "after_start": after.start_at,
        "after_key": after.key,
        "after_recorded": after.recorded_at,
        "limit": limit,
        "as_of": among.as_of,
        "known_at": among.known_at,
    }
    return [_recorded(*row) for row in fetch(_SUSPECT if among.suspect else _READINGS, values)]


def _recorded(
    series_id: int,
    start_at: datetime,
    end_at: datetime,
    key: str,
    recorded_at: datetime,
    *columns: Any,
) -> RecordedReading:
    *known, labels_key, superseded, definition = columns
    ref = ReadingRef(series_id, start_at, end_at, recorded_at, key)
    found = (ref, *known, _labels.decode(labels_key), superseded, definition_of(definition))
    return RecordedReading(*found)
