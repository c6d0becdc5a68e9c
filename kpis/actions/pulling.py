"""Pulling: claim due sources, fetch them side by side, record each with its lease in one transaction.

1. `claim_due` leases a slice of due sources, workspaces taking turns.
2. Their settings are read, workspace by workspace.
3. One asyncio fan-out fetches all bodies; nothing is held in the database meanwhile.
4. Each reply is recorded in a transaction of its own together with the run and the next slot. Who
   lost the lease rolls back: the readings count once. After an hour down a slot runs once, not sixty
   times, as the next slot comes from the clock.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction

from kpis.actions.readings import Feed
from kpis.actions.recording import Recorded, preview, record_extract
from kpis.actions.sources import DUE_KIND, next_slot
from kpis.actions.states import refresh_feed
from kpis.connectors import CONNECTORS, PullFailed
from kpis.connectors.mapping import Extract, extract
from kpis.models.feeds import Source, SourceRun
from service.backoff import next_attempt_at, parse_retry_after
from service.due import Claim, LeaseLost, claim_due, finish, postpone
from service.ids import new_id
from service.outbound import OutboundSession, Policy
from service.telemetry import counter
from service.tenancy import workspace_transaction
from service.vault import open_sealed

log = logging.getLogger(__name__)
_pulls = counter("pulls", "Sources pulled.", ("status",))
LEASE = timedelta(minutes=2)
SLICE = 100
IN_FLIGHT = 50
# So many failed runs in a row make the source, and the figures that it feeds, broken.
BROKEN_AFTER = 3


@dataclass(frozen=True)
class Pull:
    """A claimed source and what its fetch brought: a parsed body or the failure."""

    claim: Claim
    source: Source
    body: Any = None
    failure: PullFailed | None = None


def pull_due_sources(*, at: datetime, limit: int = SLICE) -> int:
    """Pull up to `limit` due sources and return how many were claimed."""
    claims = claim_due(kind=DUE_KIND, limit=limit, lease=LEASE, at=at)
    pulls = [pull for claim in claims if (pull := _load(claim)) is not None]
    for pull in asyncio.run(fetch_all(pulls)):
        _record(pull, at=at)
    return len(claims)


def _load(claim: Claim) -> Pull | None:
    """Return the source of a claim; one that was archived or disabled meanwhile is dropped."""
    with workspace_transaction(claim.workspace_id):
        source = Source.objects.filter(pk=claim.row_id, archived_at=None, enabled=True).first()
        if source is None:
            finish(claim, next_due_at=None)
            return None
    return Pull(claim, source)


async def fetch_all(pulls: list[Pull]) -> list[Pull]:
    """Fetch every source, at most IN_FLIGHT at once; a failure is carried, never raised."""
    gate = asyncio.Semaphore(IN_FLIGHT)
    async with OutboundSession(Policy.from_settings()) as session:

        async def one(pull: Pull) -> Pull:
            async with gate:
                try:
                    return Pull(pull.claim, pull.source, body=await fetch_source(session, pull.source))
                except PullFailed as failure:
                    return Pull(pull.claim, pull.source, failure=failure)

        return await asyncio.gather(*(one(pull) for pull in pulls))


async def fetch_source(session: OutboundSession, source: Source) -> Any:
    """Return the source's parsed body. Raises PullFailed."""
    secret = open_sealed(bytes(source.secret)) if source.secret is not None else None
    return await CONNECTORS[source.type](session, source.config, secret)


def _record(pull: Pull, *, at: datetime) -> None:
    source = pull.source
    try:
        with workspace_transaction(source.workspace_id):
            run = SourceRun(
                id=new_id(), workspace_id=source.workspace_id, source=source, slot_at=pull.claim.due_at
            )
            if pull.failure is None:
                _succeeded(pull, run, at)
            else:
                _failed(pull, run, at)
    except LeaseLost:
        log.info("lease of source %s ran out; whoever holds it now records", source.id)
    except DatabaseError:
        # The lease ends by itself and the slot is pulled again; the others of the slice go on.
        log.exception("could not record source %s", source.id)


def _succeeded(pull: Pull, run: SourceRun, at: datetime) -> None:
    source = pull.source
    feed = Feed(id=source.id, cause=run.id, name=source.name)
    recorded = record_extract(
        extract(source.mappings, pull.body), workspace_id=source.workspace_id, feed=feed, at=at
    )
    _store_run(run, at, status="succeeded", recorded=recorded)
    was_broken = Source.objects.filter(pk=source.pk, broken=True).exists()
    Source.objects.filter(pk=source.pk).update(
        failures=0, broken=False, last_run_at=at, last_success_at=at, last_error=""
    )
    if was_broken:
        refresh_feed(workspace_id=source.workspace_id, feed_id=source.id, at=at)
    finish(pull.claim, next_due_at=next_slot(source, at))


def _failed(pull: Pull, run: SourceRun, at: datetime) -> None:
    source, failure = pull.source, pull.failure
    if failure is None:
        raise ValueError("a failed pull carries its failure")
    failures = source.failures + 1
    broken = failure.permanent or failures >= BROKEN_AFTER
    _store_run(run, at, status="failed", error=str(failure))
    Source.objects.filter(pk=source.pk).update(
        failures=failures, broken=broken, last_run_at=at, last_error=str(failure)[:1000]
    )
    if broken and not source.broken:
        refresh_feed(workspace_id=source.workspace_id, feed_id=source.id, at=at)
    wait = parse_retry_after(failure.retry_after, at) if failure.retry_after else None
    again = next_attempt_at(at, failures, seed=str(source.id), base_s=10, cap_s=3600, retry_after_s=wait)
    postpone(pull.claim, due_at=again)


def _store_run(
    run: SourceRun, at: datetime, *, status: str, recorded: Recorded | None = None, error: str = ""
) -> None:
    run.created_at = run.finished_at = at
    run.status, run.error = status, error[:1000]
    if recorded:
        run.counts, run.issues = recorded.counts, recorded.issues
    run.save(force_insert=True)
    transaction.on_commit(_pulls.labels(status).inc)


def preview_source(*, source: Source) -> dict[str, Any]:
    """Fetch the source once and return what would be recorded; nothing is stored."""

    async def fetch() -> Any:
        async with OutboundSession(Policy.from_settings()) as session:
            return await fetch_source(session, source)

    try:
        return preview(extract(source.mappings, asyncio.run(fetch())))
    except PullFailed as failure:
        return preview(Extract(), error=str(failure))
