"""Runs of sources: what a pull came to, with its lease and the next slot, in one transaction."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from kpis.actions.readings import Feed
from kpis.actions.recording import record_extract
from kpis.actions.sources import next_slot
from kpis.actions.states import refresh_feed
from kpis.connectors import CONNECTORS, Fetched, PullFailed
from kpis.connectors.mapping import Extract, extract
from kpis.models.feeds import Source, SourceRun
from service.backoff import next_attempt_at, parse_retry_after
from service.due import Claim, LeaseLost, finish, release
from service.ids import new_id
from service.telemetry import counter
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
_pulls = counter("pulls", "Sources pulled.", ("status",))
# So many failed runs in a row make the source, and the figures that it feeds, broken, and open its circuit.
BROKEN_AFTER = 3
# The first wait after a failure, doubled with each: of a source as it is, and of one whose circuit is open.
WAIT_S, OPEN_WAIT_S, LONGEST_WAIT_S = 10, 60, 3600
MAX_NOTES = 20
OUR_FAULT = "The service failed at this run; its log says why."


@dataclass(frozen=True, slots=True)
class Pull:
    """A claimed source under way, asked about the time up to `slot`; `began` is of the monotonic clock."""

    claim: Claim
    source: Source
    slot: datetime
    began: float = field(default_factory=time.monotonic)


def record_run(pull: Pull, reply: Fetched | PullFailed, *, at: datetime) -> None:
    """Record the run. Raises nothing: what fails here fails for this source alone."""
    source = pull.source
    try:
        found = read_reply(source, reply)
        with workspace_transaction(source.workspace_id):
            if isinstance(found, PullFailed):
                _failed(pull, found, at)
            else:
                _succeeded(pull, found, at)
    except LeaseLost:
        log.info("lease of source %s ran out; whoever holds it now records", source.id)
    except OperationalError:
        # The lease ends by itself and the slot is pulled again.
        log.exception("could not record source %s", source.id)
    except Exception:
        log.exception("could not record source %s", source.id)
        if not isinstance(reply, PullFailed):
            record_run(pull, PullFailed(OUR_FAULT, permanent=False), at=at)


def give_back(claim: Claim) -> None:
    """Return a claim that nobody got to: it is due as it was."""
    try:
        release(claim)
    except LeaseLost:
        log.info("source %s was recorded, or changed, meanwhile", claim.row_id)


def read_source(source: Source, fetched: Fetched) -> tuple[Extract, list[Any]]:
    """Return what the source's mappings find in what was fetched, and its documents. Raises PullFailed."""
    documents = CONNECTORS[source.type].read(source.config, fetched)
    found = extract(source.mappings, *documents)
    found.issues[:0] = fetched.notes[:MAX_NOTES]
    return found, documents


def read_reply(source: Source, reply: Fetched | PullFailed) -> Extract | PullFailed:
    """Return what the source's mappings find in its reply, or why there is nothing to be read."""
    if isinstance(reply, PullFailed):
        return reply
    try:
        return read_source(source, reply)[0]
    except PullFailed as failure:
        return failure


def _succeeded(pull: Pull, found: Extract, at: datetime) -> None:
    source, run = pull.source, _run(pull, at)
    feed = Feed(id=source.id, cause=run.id, name=source.name)
    recorded = record_extract(found, workspace_id=source.workspace_id, feed=feed, at=at)
    run.status, run.counts, run.issues = "succeeded", recorded.counts, recorded.issues
    store_run(run)
    Source.objects.filter(pk=source.pk).update(
        failures=0,
        circuit_opened_at=None,
        broken=False,
        pulled_to=pull.slot,
        last_run_at=at,
        last_success_at=at,
        last_error="",
    )
    if source.broken:  # as it was loaded: only runs change that, and the lease keeps them apart
        refresh_feed(workspace_id=source.workspace_id, feed_id=source.id, at=at)
    finish(pull.claim, next_due_at=next_slot(source, pull.slot))


def _failed(pull: Pull, failure: PullFailed, at: datetime) -> None:
    source, run = pull.source, _run(pull, at)
    run.status, run.error = "failed", str(failure)[:1000]
    store_run(run)
    failures = source.failures + 1
    hopeless = failure.permanent or failures >= BROKEN_AFTER
    broken = source.broken or hopeless
    opened_at = source.circuit_opened_at or (at if hopeless else None)
    Source.objects.filter(pk=source.pk).update(
        failures=failures,
        circuit_opened_at=opened_at,
        broken=broken,
        last_run_at=at,
        last_error=run.error,
    )
    if broken and not source.broken:
        refresh_feed(workspace_id=source.workspace_id, feed_id=source.id, at=at)
    first_s = WAIT_S if opened_at is None else OPEN_WAIT_S
    again = wait_after(failure, failures, seed=str(source.id), first_s=first_s, at=at)
    # What will not heal by itself keeps to its slots.
    finish(pull.claim, next_due_at=max(again, next_slot(source, at)) if failure.permanent else again)


def wait_after(
    failure: PullFailed, failures: int, *, seed: str, at: datetime, first_s: int = WAIT_S
) -> datetime:
    """Return when to try again after `failures` in a row: soon and then later, never before Retry-After."""
    wait = parse_retry_after(failure.retry_after, at) if failure.retry_after else None
    return next_attempt_at(at, failures, seed=seed, base_s=first_s, cap_s=LONGEST_WAIT_S, retry_after_s=wait)


def store_run(run: SourceRun) -> None:
    """Store a run that came to its end, and count it."""
    run.save(force_insert=True)
    transaction.on_commit(_pulls.labels(run.status).inc)


def _run(pull: Pull, at: datetime) -> SourceRun:
    return SourceRun(
        id=new_id(),
        workspace_id=pull.source.workspace_id,
        source=pull.source,
        slot_at=pull.claim.due_at if pull.source.catch_up == "latest" else pull.slot,
        created_at=at,
        finished_at=at + timedelta(seconds=time.monotonic() - pull.began),
    )
