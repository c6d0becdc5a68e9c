"""Figures of whole periods that no reading has: as they stand now, and as somebody confirmed them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kpis.models import FigureConfirmation, Kpi
from kpis.queries.points import Range
from kpis.queries.points_kpi import Course, Question, course_of, meaning_then
from kpis.queries.points_plan import Clocks
from kpis.series.definition import Definition
from kpis.series.figure_id import FigureRef, figure_id, parse_figure_id
from kpis.series.point import Point
from service.errors import NotFound

_MICROSECOND = timedelta(microseconds=1)
_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ConfirmedFigure:
    """A figure that somebody said is right, by the last row that says so."""

    ref: FigureRef
    row: FigureConfirmation
    measure: int
    definition: Definition

    @property
    def id(self) -> str:
        return figure_id(self.ref)


def named_figure(workspace_id: uuid.UUID, text: str) -> tuple[FigureRef, Kpi]:
    """Return what an id names, and its KPI. Raises NotFound."""
    ref = parse_figure_id(text)
    row = None
    if ref is not None and _EARLIEST <= ref.start < ref.end <= _LATEST:
        row = Kpi.objects.filter(workspace_id=workspace_id, id=ref.kpi_id).first()
    if ref is None or row is None:
        raise NotFound("There is no such figure here.")
    return ref, row


def figure_then(row: Kpi, ref: FigureRef, clocks: Clocks) -> tuple[Course, Point | None]:
    """Return the point of the figure's period as it stood, None where nobody spoke of it."""
    within = Range(ref.start, ref.start + _MICROSECOND)
    question = Question(ref.labels, None, within, 1, as_of=clocks.as_of, known_at=clocks.known_at)
    course = course_of(row, meaning_then(row, question), question)
    return course, next((one for one in course.points if (one.start, one.end) == (ref.start, ref.end)), None)


def confirmed_figure(workspace_id: uuid.UUID, text: str, clocks: Clocks) -> ConfirmedFigure:
    """Return a figure that somebody had confirmed by then. Raises NotFound where nobody had."""
    ref, row = named_figure(workspace_id, text)
    confirmed = FigureConfirmation.objects.filter(
        workspace_id=workspace_id, kpi=row, labels=dict(ref.labels), start_at=ref.start, end_at=ref.end
    )
    known = confirmed.filter(value=str(ref.value), recorded_at__lte=clocks.recorded_by)
    found = known.order_by("recorded_at", "id").last()
    if found is None or ref.start > clocks.as_of:
        raise NotFound("Nobody has confirmed this figure.")
    course, point = figure_then(row, ref, clocks)
    measure = course.measure if point is None or isinstance(point.revision, tuple) else point.revision
    return ConfirmedFigure(ref, found, measure, course.by_measure.get(measure, course.definition))
