"""Pages of readings: by series and time, with opaque cursors that are tied to their filters."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kpis.queries.readings import RecordedReading, among_of, readings_of, series_of_kpi
from kpis.series.reading_id import ReadingRef, parse_reading_id, reading_id
from service.errors import Issue, ValidationProblem
from service.pagination import Page

_MARK = 12


def page_of_readings(*, workspace_id: uuid.UUID, kpi_id: uuid.UUID, params: Mapping[str, Any]) -> Page:
    """Return the page of a KPI's readings that the query asks for. Raises ValidationProblem."""
    among = replace(among_of(params), suspect=params["suspect"])
    times = [str(params.get(name)) for name in ("from", "to", "as_of", "known_at")]
    filters = [str(kpi_id), params.get("labels"), *times, among.suspect]
    mark = hashlib.sha256(json.dumps(filters, sort_keys=True).encode()).hexdigest()[:_MARK]
    size = params["page_size"]
    series = [row.id for row in series_of_kpi(workspace_id, kpi_id, params.get("labels"))]
    rows: list[RecordedReading] = readings_of(
        workspace_id=workspace_id,
        series_ids=series,
        since=params.get("from"),
        until=params.get("to"),
        at_or_after=_start(params.get("cursor"), mark),
        limit=size + 1,
        among=among,
    )
    following = f"{mark}{reading_id(rows[size].ref)}" if len(rows) > size else None
    return Page(rows[:size], following, None)


def _start(cursor: str | None, mark: str) -> ReadingRef | None:
    """Return the first reading of the page that a cursor names: the one after the page before."""
    if cursor is None:
        return None
    ref = parse_reading_id(cursor[_MARK:])
    if ref is None:
        raise ValidationProblem([Issue("/cursor", "invalid_cursor", "Take cursors from `next`.")])
    if cursor[:_MARK] != mark:
        detail = "The cursor belongs to a list with other filters."
        raise ValidationProblem([Issue("/cursor", "cursor_of_other_filters", detail)])
    return ref
