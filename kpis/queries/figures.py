"""Figures of whole periods that no reading has: as they stand now, and as somebody confirmed them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kpis.models import FigureConfirmation, Kpi
from kpis.queries.points import Range
from kpis.queries.points_kpi import Course, Question, course_of, meaning_then
from kpis.queries.points_plan import Clocks
from kpis.queries.state_courses import by_revision
from kpis.queries.state_rules import Meaning
from kpis.series.definition import Definition
from kpis.series.figure_id import FigureRef, figure_id, parse_figure_id
from kpis.series.point import Point
from kpis.series.value import n_of, value
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


@dataclass(frozen=True, slots=True)
class WaitingFigure:
    """A figure that is not plausible, and that nobody has confirmed. n: observations behind it."""

    ref: FigureRef
    measure: int
    definition: Definition
    settled_at: datetime
    n: int | None

    @property
    def id(self) -> str:
        return figure_id(self.ref)


def waiting_of(
    kpi_id: uuid.UUID, labels: Mapping[str, str], meaning: Meaning, point: Point
) -> WaitingFigure | None:
    """Return the figure of a point that waits to be confirmed, None where none does."""
    if not point.doubt.whole or point.start is None:
        return None
    definition = by_revision(meaning, point.revision)
    figure = value(definition, point.doubt.sums)
    if figure is None:
        return None
    measure = point.revision if isinstance(point.revision, int) else meaning.measure
    settled_at = point.end + timedelta(seconds=definition.settle_s)
    ref = FigureRef(kpi_id, labels, point.start, point.end, figure)
    return WaitingFigure(ref, measure, definition, settled_at, n_of(point.doubt.sums))


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
    question = _question(ref, clocks)
    course = course_of(row, meaning_then(row, question), question)
    return course, next((one for one in course.points if (one.start, one.end) == (ref.start, ref.end)), None)


def _question(ref: FigureRef, clocks: Clocks) -> Question:
    within = Range(ref.start, ref.start + _MICROSECOND)
    return Question(ref.labels, None, within, 1, as_of=clocks.as_of, known_at=clocks.known_at)


def figure_of(workspace_id: uuid.UUID, text: str, clocks: Clocks) -> ConfirmedFigure | WaitingFigure:
    """Return a figure that somebody had confirmed by then, or that waited for it. Raises NotFound else."""
    ref, row = named_figure(workspace_id, text)
    confirmed = FigureConfirmation.objects.filter(
        workspace_id=workspace_id, kpi=row, labels=dict(ref.labels), start_at=ref.start, end_at=ref.end
    )
    known = confirmed.filter(value=str(ref.value), recorded_at__lte=clocks.recorded_by)
    found = known.order_by("recorded_at", "id").last()
    if ref.start > clocks.as_of:
        raise NotFound("There was no such figure.")
    course, point = figure_then(row, ref, clocks)
    if found is None:
        meant = meaning_then(row, _question(ref, clocks))[row.id]
        waiting = None if point is None else waiting_of(row.id, ref.labels, meant, point)
        if waiting is None or waiting.ref != ref:
            raise NotFound("This figure does not wait, and nobody has confirmed it.")
        return waiting
    measure = course.measure if point is None or isinstance(point.revision, tuple) else point.revision
    return ConfirmedFigure(ref, found, measure, course.by_measure.get(measure, course.definition))
