"""Backfills: a source asked about the past, window by window, as work that survives the loss of its worker.

One window is one claim: fetched, recorded and told as a run in one transaction with the progress and the next
appointment. Whoever lost the lease rolls back, so a worker that is killed costs one window's fetch, and each
figure counts once. Between windows others have their turn. Findings wait for the end (`appoint_settling`).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from kpis.actions.findings_due import appoint_settling
from kpis.actions.sources import SecretMissing
from kpis.actions.stretches import forget_question
from kpis.connectors import CONNECTORS, Window
from kpis.connectors.calls import lookback_of
from kpis.models.sources import Source, SourceBackfill
from service.due import drop_due, set_due
from service.errors import Conflict, Issue, ValidationProblem
from service.ids import new_id

DUE_KIND = "backfill"
MAX_WINDOWS = 1_000
LEAST_STEP = timedelta(minutes=1)


class NoWindow(Conflict):
    code = "no_window"
    title = "The source's config names no time ({start}, {end} …): each window would bring the same."


class BackfillRunning(Conflict):
    code, title = "backfill_running", "The source has a backfill that is not finished."


class BackfillFinished(Conflict):
    code, title = "backfill_finished", "The backfill is finished: there is nothing to cancel."


@transaction.atomic
def request_backfill(
    *, source: Source, start: datetime, end: datetime, step: timedelta | None, at: datetime
) -> SourceBackfill:
    """Have the source asked about [start, end) in windows of `step` (its lookback when None), oldest first.

    Raises SecretMissing, NoWindow, BackfillRunning, and ValidationProblem for a time that is empty, not over
    or makes too many windows.
    """
    if source.needs_secret:
        raise SecretMissing
    connector = CONNECTORS[source.type]
    if not connector.windowed(source.config):
        raise NoWindow
    step = step or max(lookback_of(source.config, connector.lookback), LEAST_STEP)
    _check(start, end, step, at)
    Source.objects.select_for_update().get(pk=source.pk)
    if SourceBackfill.objects.filter(source=source, finished_at=None).exists():
        raise BackfillRunning
    row = SourceBackfill.objects.create(
        id=new_id(),
        workspace_id=source.workspace_id,
        source=source,
        start_at=start,
        end_at=end,
        step_s=int(step.total_seconds()),
        done_to=start,
        state="pending",
        created_at=at,
    )
    set_due(workspace_id=source.workspace_id, kind=DUE_KIND, row_id=row.id, due_at=at)
    return row


@transaction.atomic
def cancel_backfill(*, workspace_id: uuid.UUID, backfill_id: uuid.UUID, at: datetime) -> SourceBackfill:
    """End the backfill; what it has recorded stays, and a window under way counts for nothing.

    Raises BackfillFinished.
    """
    row = SourceBackfill.objects.select_for_update().get(workspace_id=workspace_id, pk=backfill_id)
    if row.finished_at is not None:
        raise BackfillFinished
    end_backfill(row, "cancelled", at=at)
    drop_due(workspace_id=workspace_id, kind=DUE_KIND, row_id=row.id)
    return row


def end_backfill(row: SourceBackfill, state: str, *, at: datetime, error: str = "") -> None:
    """Close the row; what it came to is found once, when nothing else is being read again."""
    row.state, row.finished_at, row.error = state, at, error
    row.save(update_fields=["state", "finished_at", "error"])
    forget_question(workspace_id=row.workspace_id, question=row.id)
    appoint_settling(workspace_id=row.workspace_id, at=at)


def next_window(row: SourceBackfill) -> Window:
    """Return the window that comes next; the last may be shorter."""
    return Window(row.done_to, min(row.done_to + timedelta(seconds=row.step_s), row.end_at))


def _check(start: datetime, end: datetime, step: timedelta, at: datetime) -> None:
    if start >= end:
        raise ValidationProblem([Issue("/to", "empty_range", "Must be later than `from`.")])
    if end > at:
        raise ValidationProblem([Issue("/to", "in_the_future", "Must not be later than now.")])
    if (end - start) / step > MAX_WINDOWS:
        detail = f"Makes more than {MAX_WINDOWS} windows: ask in wider ones, or about less."
        raise ValidationProblem([Issue("/step", "too_many_windows", detail)])
