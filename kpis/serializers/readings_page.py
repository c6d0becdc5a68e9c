"""Pages of readings: by series and time, with opaque cursors that are tied to their filters."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from kpis.queries.figures import WaitingFigure
from kpis.queries.points_plan import Clocks
from kpis.queries.readings import RecordedReading, among_of, readings_of, series_of_kpi
from kpis.queries.waiting import Wanted, suspect_series, waiting_figures
from kpis.serializers.readings_answer import figure_out, reading_out
from kpis.series.figure_id import FigureRef, figure_id, parse_figure_id
from kpis.series.reading_id import ReadingRef, parse_reading_id, reading_id
from service.errors import Issue, ValidationProblem
from service.pagination import Page

_MARK = 12


def page_of_readings(
    *, workspace_id: uuid.UUID, kpi_id: uuid.UUID | None, params: Mapping[str, Any], at: datetime
) -> Page:
    """Return the page of readings that the query asks for, and of figures that wait for confirmation.

    kpi_id: None where those that wait are asked for, whatever their KPI. Raises ValidationProblem.
    """
    among = replace(among_of(params), suspect=params["suspect"])
    times = [str(params.get(name)) for name in ("from", "to", "as_of", "known_at")]
    filters = [str(kpi_id), params.get("labels"), *times, among.suspect]
    mark = hashlib.sha256(json.dumps(filters, sort_keys=True).encode()).hexdigest()[:_MARK]
    size, start = params["page_size"], _start(params.get("cursor"), mark)
    rows: list[RecordedReading | WaitingFigure] = []
    if not isinstance(start, FigureRef):
        rows += readings_of(
            workspace_id=workspace_id,
            series_ids=_series(workspace_id, kpi_id, params),
            since=params.get("from"),
            until=params.get("to"),
            at_or_after=start,
            limit=size + 1,
            among=among,
        )
        if len(rows) > size:
            return Page(rows[:size], f"{mark}{_id(rows[size])}", None)
        start = None
    if not among.suspect:
        return Page(rows, None, None)
    as_of = min(at, params.get("as_of") or params.get("known_at") or at)
    clocks = Clocks(as_of, params.get("known_at"))
    wanted = Wanted(kpi_id, params.get("labels"), params.get("from"), params.get("to"), clocks)
    found, following = waiting_figures(
        workspace_id=workspace_id, wanted=wanted, at_or_after=start, limit=size - len(rows)
    )
    return Page([*rows, *found], None if following is None else f"{mark}{figure_id(following)}", None)


def waiting_out(one: RecordedReading | WaitingFigure) -> dict[str, Any]:
    """Return what stands in the list, as shown."""
    return figure_out(one) if isinstance(one, WaitingFigure) else dict(reading_out(one))


def _series(workspace_id: uuid.UUID, kpi_id: uuid.UUID | None, params: Mapping[str, Any]) -> list[int]:
    selector = params.get("labels")
    if kpi_id is None:
        return suspect_series(workspace_id, selector)
    return [row.id for row in series_of_kpi(workspace_id, kpi_id, selector)]


def _id(one: RecordedReading | WaitingFigure) -> str:
    return one.id if isinstance(one, WaitingFigure) else reading_id(one.ref)


def _start(cursor: str | None, mark: str) -> ReadingRef | FigureRef | None:
    """Return the first of the page that a cursor names: the one after the page before."""
    if cursor is None:
        return None
    ref = parse_reading_id(cursor[_MARK:]) or parse_figure_id(cursor[_MARK:])
    if ref is None:
        raise ValidationProblem([Issue("/cursor", "invalid_cursor", "Take cursors from `next`.")])
    if cursor[:_MARK] != mark:
        detail = "The cursor belongs to a list with other filters."
        raise ValidationProblem([Issue("/cursor", "cursor_of_other_filters", detail)])
    return ref
