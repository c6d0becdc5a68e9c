"""Windows of backfills, worked by whoever claims them: some at a time, each recorded by itself."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError

from kpis.actions.asking import ask_source, asking_session
from kpis.actions.backfills import DUE_KIND, end_backfill, next_window
from kpis.actions.fetching import FAILED_AFTER, LOST
from kpis.actions.pulling import LEASE
from kpis.actions.readings import Feed
from kpis.actions.recording import record_extract
from kpis.actions.replies import Reply, read_reply
from kpis.actions.runs import OUR_FAULT, due_untried, store_run, wait_after
from kpis.actions.stretches import forget_question, go_on
from kpis.connectors import Fetched, PullFailed, Window
from kpis.models.sources import SourceBackfill, SourceRun
from kpis.queries.stretches import begun_questions
from service.due import Claim, LeaseLost, claim_due, finish
from service.due_many import defer_all
from service.ids import new_id
from service.outbound import HostTurns
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
AT_ONCE = 8
# Well inside the task's time limit: who has no answer by then is given back untouched.
SLICE_S = 30.0
# Failed windows in a row.
GIVES_UP_AFTER = 6
ARCHIVED = "The source was archived."


@dataclass(frozen=True, slots=True)
class _Work:
    claim: Claim
    backfill: SourceBackfill
    window: Window


def work_due_backfills(*, at: datetime) -> int:
    """Work a window each of up to AT_ONCE backfills, workspaces taking turns; return how many there were."""
    claims = claim_due(kind=DUE_KIND, limit=AT_ONCE, lease=LEASE, at=at)
    works = [work for claim in claims if (work := _load(claim, at)) is not None]
    began = time.monotonic()
    for work, reply in zip(works, asyncio.run(_fetch(works, at)), strict=True):
        if (due_at := due_untried(work.claim, reply)) is not None:
            defer_all([(work.claim, due_at)])
        elif reply is not None:
            took = timedelta(seconds=time.monotonic() - began)
            _record(work, reply, at=at, took=took)
    return len(claims)


def _load(claim: Claim, at: datetime) -> _Work | None:
    try:
        with workspace_transaction(claim.workspace_id):
            row = SourceBackfill.objects.select_related("source").get(pk=claim.row_id)
            if row.source.archived_at is not None:
                end_backfill(row, "cancelled", at=at, error=ARCHIVED)
                finish(claim, next_due_at=None)
                return None
            begun = begun_questions(row.workspace_id, [row.id], at=at).get(row.id)
    except LeaseLost:
        return None
    return _Work(claim, row, begun.window if begun is not None else next_window(row))


async def _fetch(works: Sequence[_Work], at: datetime) -> list[Fetched | PullFailed | None]:
    async with HostTurns() as turns, asking_session(turns, limit=AT_ONCE) as session:

        async def one(work: _Work) -> Fetched | PullFailed | None:
            if work.claim.attempts > FAILED_AFTER:
                return PullFailed(LOST, permanent=True)
            try:
                async with asyncio.timeout(SLICE_S):
                    return await ask_source(session, work.backfill.source, work.window, at=at)
            except TimeoutError:
                return None

        return await asyncio.gather(*(one(work) for work in works))


def _record(work: _Work, reply: Fetched | PullFailed, *, at: datetime, took: timedelta) -> None:
    """Record the window. Raises nothing: what fails here fails for this backfill alone."""
    try:
        found = read_reply(work.backfill.source, reply)
        with workspace_transaction(work.claim.workspace_id):
            if isinstance(found, PullFailed):
                _failed(work, found, at, took)
            else:
                _succeeded(work, found, at, took)
    except LeaseLost:
        log.info("backfill %s was cancelled, or somebody else holds it now", work.backfill.id)
    except OperationalError:
        # The lease ends by itself and the window is worked again.
        log.exception("could not record a window of backfill %s", work.backfill.id)
    except Exception:
        log.exception("could not record a window of backfill %s", work.backfill.id)
        if not isinstance(reply, PullFailed):
            _record(work, PullFailed(OUR_FAULT, permanent=False, ours=True), at=at, took=took)


def _succeeded(work: _Work, reply: Reply, at: datetime, took: timedelta) -> None:
    row, run = work.backfill, _run(work, at, took)
    feed = Feed(id=row.source_id, cause=run.id, name=row.source.name, backfill=True)
    recorded = record_extract(reply.found, workspace_id=row.workspace_id, feed=feed, at=at)
    run.status, run.counts, run.issues = "succeeded", recorded.counts, recorded.issues
    run.repeats = recorded.repeats
    store_run(run)
    if reply.onward is None:
        row.done_to = work.window.end
    row.failures, row.state, row.error = 0, "running", ""
    row.counts = dict(Counter(row.counts) + Counter(recorded.counts))
    row.save(update_fields=["done_to", "failures", "state", "error", "counts"])
    _note(work, reply, at)
    over = row.done_to >= row.end_at
    if over:
        end_backfill(row, "succeeded", at=at)
    finish(work.claim, next_due_at=None if over else at)


def _note(work: _Work, reply: Reply, at: datetime) -> None:
    """Note where the next pull goes on with the window, or that there is nothing to go on with."""
    row = work.backfill
    if reply.onward is not None:
        go_on(
            workspace_id=row.workspace_id,
            source_id=row.source_id,
            question=row.id,
            window=work.window,
            slot=work.window.end,
            onward=reply.onward,
            at=at,
        )
    elif work.window.onward is not None:
        forget_question(workspace_id=row.workspace_id, question=row.id)


def _failed(work: _Work, failure: PullFailed, at: datetime, took: timedelta) -> None:
    row, run = work.backfill, _run(work, at, took)
    run.status, run.error = "failed", str(failure)[:1000]
    store_run(run)
    row.failures, row.state, row.error = row.failures + 1, "running", run.error
    row.save(update_fields=["failures", "state", "error"])
    over = failure.permanent or row.failures >= GIVES_UP_AFTER
    if failure.ours:
        forget_question(workspace_id=row.workspace_id, question=row.id)
    if over:
        end_backfill(row, "failed", at=at, error=run.error)
    again = None if over else wait_after(failure, row.failures, seed=str(row.id), at=at)
    finish(work.claim, next_due_at=again)


def _run(work: _Work, at: datetime, took: timedelta) -> SourceRun:
    return SourceRun(
        id=new_id(),
        workspace_id=work.backfill.workspace_id,
        source=work.backfill.source,
        backfill=work.backfill,
        slot_at=work.window.end,
        created_at=at,
        finished_at=at + took,
    )
