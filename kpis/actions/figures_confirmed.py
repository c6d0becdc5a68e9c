"""What somebody says of the figure of a whole period that is not plausible: that it is right."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection, transaction

from kpis.actions.states import hold_series, refresh_bindings
from kpis.models import FigureConfirmation
from kpis.queries.figures import figure_then, named_figure
from kpis.queries.points_plan import Clocks
from kpis.series.figure_id import figure_id
from kpis.series.value import value
from service.errors import Conflict


class AnotherFigure(Conflict):
    code, title = "superseded", "It is another figure by now."


class NotSuspectFigure(Conflict):
    code, title = "not_suspect", "Nothing waits to be confirmed here."


class NotOneReading(Conflict):
    code, title = "not_a_reading", "This figure is made of many readings."


@transaction.atomic(savepoint=False)
def confirm_figure(
    *, workspace_id: uuid.UUID, text: str, reason: str | None, cause: uuid.UUID | None, at: datetime
) -> str:
    """Say that the figure of a period is right: from now on it is judged, and summed. Return its id.

    text: the id that stands beside it while it is suspect, which names the figure that was seen. Readings of
    the KPI wait until this transaction ends. Raises NotFound, AnotherFigure, NotSuspectFigure.
    """
    ref, row = named_figure(workspace_id, text)
    hold_series(workspace_id=workspace_id, kpi_ids=[row.id])
    course, point = figure_then(row, ref, Clocks(at, None))
    if point is None or not point.doubt.whole:
        raise NotSuspectFigure("It counts already, or there is no such figure; read the points of the KPI.")
    measure = point.revision if isinstance(point.revision, int) else course.measure
    figure = value(course.by_measure.get(measure, course.definition), point.doubt.sums)
    if figure != ref.value:
        raise AnotherFigure("More was told of its period since; read the points of the KPI.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [recorded_at] = cursor.fetchone()
    FigureConfirmation.objects.create(
        workspace_id=workspace_id,
        kpi=row,
        labels=dict(ref.labels),
        start_at=ref.start,
        end_at=ref.end,
        value=str(ref.value),
        reason=reason or "",
        cause_id=cause,
        recorded_at=recorded_at,
    )
    refresh_bindings(workspace_id=workspace_id, kpi_ids=[row.id], cause="reading", at=at)
    return figure_id(ref)


def refuse_retraction(*, workspace_id: uuid.UUID, text: str) -> None:
    """Refuse to take back what no single reading said. Raises NotFound, NotOneReading."""
    named_figure(workspace_id, text)
    raise NotOneReading("Take back its readings: `/v1/readings` lists them, as the explanation does.")
