"""What somebody decides about one reading by its id: that a suspect one is right, or that one is taken back.

Either is a row of its own over the reading, so both clocks tell what was shown before and since.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from kpis.actions.readings_series import tell_series
from kpis.actions.readings_store import RETRACTED, Row, Tellers, hashed, known_of, supersede
from kpis.actions.rollups_dirty import mark_dirty
from kpis.actions.states import refresh_bindings
from kpis.models.definitions import Series
from kpis.queries import readings
from kpis.queries.points import Told
from kpis.queries.readings import RecordedReading
from kpis.series.finding import Cause
from kpis.series.period import period_of
from kpis.series.reading_id import ReadingRef, reading_id
from service.errors import Conflict


class NotHolding(Conflict):
    code, title = "superseded", "Something else is known of it by now."


class NotSuspect(Conflict):
    code, title = "not_suspect", "Nothing waits to be confirmed here."


@transaction.atomic(savepoint=False)
def confirm_reading(
    *, workspace_id: uuid.UUID, text: str, reason: str | None, cause: uuid.UUID | None, at: datetime
) -> str:
    """Say that a suspect reading is right: from now on it counts. Return the id of the row that says so.

    text: the id of the reading, which holds still. Raises NotFound, NotHolding, NotSuspect.
    """
    return _settle(workspace_id, text, reason, cause, at, retract=False)


@transaction.atomic(savepoint=False)
def retract_reading(
    *, workspace_id: uuid.UUID, text: str, reason: str | None, cause: uuid.UUID | None, at: datetime
) -> str:
    """Take a reading back, whoever told it; return the id of the row that does.

    Raises NotFound, NotHolding.
    """
    return _settle(workspace_id, text, reason, cause, at, retract=True)


def _settle(
    workspace_id: uuid.UUID,
    text: str,
    reason: str | None,
    cause: uuid.UUID | None,
    at: datetime,
    *,
    retract: bool,
) -> str:
    ref = readings.reading(workspace_id, text).ref
    series = Series.objects.get(workspace_id=workspace_id, id=ref.series_id)
    wanted = (series.kpi_id, series.revision, series.labels_key, series.part)
    held = tell_series(workspace_id=workspace_id, latest={wanted: ref.start_at})[wanted]
    one = readings.reading(workspace_id, text)  # once more, now that nobody else writes
    if one.superseded or one.retracted:
        raise NotHolding("Another row says what holds of it now; read the list of readings.")
    if not retract and not one.suspect:
        raise NotSuspect("It counts already.")
    row = _row(one, reason, retract=retract)
    now, _ = known_of(workspace_id=workspace_id, rows=[row])
    row.recorded_at = now
    supersede(workspace_id=workspace_id, rows=[row], tellers=Tellers.of([(one.feed_id, cause)]))
    definition = one.definition
    if definition.holds == "events" and definition.period is not None:
        day = period_of(ref.start_at, "day", definition.zone)
        mark_dirty(workspace_id=workspace_id, days={ref.series_id: {(day.start, day.end)}}, at=at)
    span = (None, None) if retract else (ref.start_at, ref.end_at)
    told = {ref.series_id: Told(held.told_at, *span)}
    why: Cause = "correction" if retract else "reading"
    refresh_bindings(workspace_id=workspace_id, series_ids=[ref.series_id], told=told, cause=why, at=at)
    return reading_id(ReadingRef(ref.series_id, ref.start_at, ref.end_at, now, ref.key))


def _row(one: RecordedReading, reason: str | None, *, retract: bool) -> Row:
    ref = one.ref
    row = Row(
        place=0,
        series_id=ref.series_id,
        start_at=ref.start_at,
        end_at=ref.end_at,
        key=ref.key,
        reason=reason,
        retracted=retract,
    )
    if retract:
        row.hash = RETRACTED
        return row
    row.value, row.numerator, row.denominator, row.n = one.value, one.numerator, one.denominator, one.n
    row.counts = None if one.counts is None else tuple(one.counts)
    return hashed(row)
