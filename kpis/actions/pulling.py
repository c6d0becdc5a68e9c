"""Pulling: claim due sources, fetch them side by side, record each with its lease in one transaction.

1. `claim_due` leases a slice of due sources, workspaces taking turns, and their settings are read.
2. One asyncio fan-out fetches the bodies; nothing is held in the database meanwhile.
3. Each body is read and recorded as it comes (`kpis/actions/runs.py`), together with the run and the next
   slot. Who lost the lease rolls back: the readings count once. After an hour down a slot runs once, not
   sixty times, as the next slot comes from the clock, unless the source wants each of them (`catch_up`).

A slice ends in time whatever its sources do: what has no reply by then is given back untouched. A source
whose worker was lost twice is pulled alone, after the others, and then fails: it takes no other with it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from kpis.actions.recording import preview
from kpis.actions.runs import OUR_FAULT, Pull, give_back, read_source, record_run
from kpis.actions.sources import DUE_KIND, asked_slot
from kpis.connectors import CONNECTORS, Fetched, PullFailed, Window
from kpis.connectors.calls import lookback_of, without
from kpis.connectors.mapping import Extract
from kpis.models.feeds import Source
from service.due import Claim, LeaseLost, claim_due, finish
from service.outbound import OutboundSession, Policy
from service.tenancy import workspace_transaction
from service.vault import open_sealed

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
# All bodies of a slice may be in memory at once, each of up to 10 MiB.
SLICE = 50
# Well inside the task's time limit, so that what came is recorded and the rest given back.
SLICE_S = 30.0
# When the last slice of a task begins: with that slice's time it is well inside the limit, too.
SLICES_S = 15.0
# Claims without a recorded run in between are workers that were lost: then alone, then failed.
ALONE_AFTER, FAILED_AFTER = 2, 4
SAMPLE_CHARS = 4_000
LOST = "The worker was lost each time that it pulled this source."


def pull_slices(*, clock: Callable[[], datetime]) -> bool:
    """Pull slice after slice; return True if there is more when the time is up."""
    ends = time.monotonic() + SLICES_S
    while pull_due_sources(at=clock()) == SLICE:
        if time.monotonic() > ends:
            return True
    return False


def pull_due_sources(*, at: datetime) -> int:
    """Pull up to SLICE due sources and return how many were claimed."""
    claims = claim_due(kind=DUE_KIND, limit=SLICE, lease=LEASE, at=at)
    pulls = _load(claims, at)
    together = [pull for pull in pulls if pull.claim.attempts <= ALONE_AFTER]
    alone = [[pull] for pull in pulls if pull.claim.attempts > ALONE_AFTER]
    ends = time.monotonic() + SLICE_S
    # One thread records, so that one body at a time is taken apart and one connection is used.
    with ThreadPoolExecutor(1, thread_name_prefix="recorder") as recorder:
        for group in [together, *alone]:
            for late in asyncio.run(_pull(group, recorder, ends, at)) if group else ():
                recorder.submit(give_back, late.claim)
        recorder.submit(lambda: connection.close())  # of that thread
    return len(claims)


def _load(claims: Sequence[Claim], at: datetime) -> list[Pull]:
    """Return the sources of claims, read with one statement a workspace; what is gone or off is dropped."""
    of_workspace: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_workspace[claim.workspace_id].append(claim)
    pulls: list[Pull] = []
    for workspace_id, some in of_workspace.items():
        with workspace_transaction(workspace_id):
            rows = Source.objects.filter(archived_at=None, enabled=True, needs_secret=False)
            sources = rows.in_bulk([claim.row_id for claim in some])
        for claim in some:
            if (source := sources.get(claim.row_id)) is not None:
                pulls.append(Pull(claim, source, asked_slot(source, at)))
            else:
                _drop(claim)
    return pulls


def _drop(claim: Claim) -> None:
    try:
        with workspace_transaction(claim.workspace_id):
            finish(claim, next_due_at=None)
    except LeaseLost:
        log.info("source %s was enabled or archived meanwhile", claim.row_id)


async def _pull(pulls: Sequence[Pull], recorder: Executor, ends: float, at: datetime) -> list[Pull]:
    """Fetch every source and record each as its reply comes; return those without one at the end."""
    async with OutboundSession(Policy.from_settings(), limit=SLICE) as session:

        async def one(pull: Pull) -> None:
            reply = await _reply(session, pull)
            await asyncio.get_running_loop().run_in_executor(recorder, lambda: record_run(pull, reply, at=at))

        tasks = {asyncio.create_task(one(pull)): pull for pull in pulls}
        _, late = await asyncio.wait(tasks, timeout=max(ends - time.monotonic(), 0))
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    return [tasks[task] for task in late]


async def _reply(session: OutboundSession, pull: Pull) -> Fetched | PullFailed:
    if pull.claim.attempts > FAILED_AFTER:
        return PullFailed(LOST, permanent=True)
    return await ask_source(session, pull.source, _window(pull.source, pull.slot))


async def ask_source(session: OutboundSession, source: Source, window: Window) -> Fetched | PullFailed:
    """Return what the source says of the window, or why it says nothing. Raises nothing."""
    try:
        return await _fetch(session, source, window)
    except PullFailed as failure:
        return failure
    except Exception:
        log.exception("could not fetch source %s", source.id)
        return PullFailed(OUR_FAULT, permanent=False)


async def _fetch(session: OutboundSession, source: Source, window: Window) -> Fetched:
    secret = open_sealed(bytes(source.secret)) if source.secret is not None else None
    return await CONNECTORS[source.type].fetch(source.config, secret, window, session)


def _window(source: Source, until: datetime) -> Window:
    """Return the time before `until` that the source looks back on."""
    return Window(until - lookback_of(source.config, CONNECTORS[source.type].lookback), until)


def preview_source(*, source: Source, at: datetime) -> dict[str, Any]:
    """Fetch the source once and return what would be recorded; nothing is stored. Not in a transaction."""

    secret = open_sealed(bytes(source.secret)) if source.secret is not None else ""

    async def fetch() -> Fetched:
        async with OutboundSession(Policy.from_settings()) as session:
            return await _fetch(session, source, _window(source, at))

    try:
        found, documents = read_source(source, asyncio.run(fetch()))
    except PullFailed as failure:
        return {**preview(Extract(), error=str(failure)), "documents": 0, "sample": ""}
    return {**preview(found), "documents": len(documents), "sample": without(_shown(documents[:3]), secret)}


def _shown(documents: list[Any]) -> str:
    """The first documents as JSON, cut short, for those who write mappings."""
    return json.dumps(documents, default=str, ensure_ascii=False)[:SAMPLE_CHARS]
