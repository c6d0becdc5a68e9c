"""Stored messages are read by their endpoints' rules, in a worker (kpis.actions.receiving is how they came).

Rules → readings, all in one transaction with the end of the lease, so a killed worker repeats it and the
readings count once. A request that was held for want of a secret is verified first and becomes its messages.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from kpis.actions.inbound_reading import read_event
from kpis.actions.inbound_said import Said, record_said
from kpis.actions.receiving import DUE_KIND, awaits_secret, held_exchange, opened, store
from kpis.models.feeds import InboundEndpoint, InboundEvent
from service.backoff import next_attempt_at
from service.due import Claim, LeaseLost, claim_due, finish, postpone, release
from service.errors import Problem
from service.signing import InvalidSignature
from service.telemetry import counter
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
_events = counter("inbound_events", "Messages read by rules.", ("state",))
LEASE = timedelta(minutes=2)
SLICE = 100
# Well inside the task's time limit: what is not read by then is given back untouched.
SLICE_S = 30.0
MAX_ATTEMPTS = 8
# From this attempt on a message is read alone: it may be the one that its worker was lost to.
ALONE_AFTER = 2
OUR_FAULT = "The service failed at this message; its log says why. It is tried again up to 8 times."


def process_due_events(*, at: datetime, limit: int = SLICE) -> int:
    """Read up to `limit` stored messages by their endpoints' rules; return how many were claimed."""
    claims = claim_due(kind=DUE_KIND, limit=limit, lease=LEASE, at=at)
    suspects = [claim for claim in claims if claim.attempts > ALONE_AFTER]
    for claim in suspects[1:]:
        _guarded(claim, release)
    ends = time.monotonic() + SLICE_S
    for claim in [*(claim for claim in claims if claim.attempts <= ALONE_AFTER), *suspects[:1]]:
        if time.monotonic() < ends:
            _read(claim, at)
        else:
            _guarded(claim, release)
    return len(claims)


def _read(claim: Claim, at: datetime) -> None:
    if claim.attempts > MAX_ATTEMPTS:
        # No attempt came to an end of its own: each was lost with its worker.
        _guarded(claim, lambda held: _give_back(held, at))
        return
    try:
        said = Said()
        _guarded(claim, lambda held: _record_said(held, said, at))
        _guarded(claim, lambda held: _process(held, said, at))
    except Exception:
        # Whatever it is, the message is kept, tried again, and at last shown as dead.
        log.exception("inbound event %s failed", claim.row_id)
        _guarded(claim, lambda held: _give_back(held, at))


def _guarded(claim: Claim, work: Callable[[Claim], None]) -> None:
    """Do `work` in the claim's workspace and transaction; nothing when somebody else holds the claim now."""
    try:
        with workspace_transaction(claim.workspace_id):
            work(claim)
    except LeaseLost:
        log.info("lease of inbound event %s ran out", claim.row_id)


def _record_said(claim: Claim, said: Said, at: datetime) -> None:
    """Record what people said in a message, in a transaction of its own.

    It is known by its id if the message is read again; and whoever records feedback holds the workspace's
    lock of it, which must not be waited for with series locked.
    """
    event = InboundEvent.objects.select_related("endpoint").filter(pk=claim.row_id).first()
    if event is not None and event.request is None:
        record_said(event, event.endpoint.rules, said, at=at)


def _process(claim: Claim, said: Said, at: datetime) -> None:
    event = InboundEvent.objects.select_related("endpoint").filter(pk=claim.row_id).first()
    if event is None:
        finish(claim, next_due_at=None)
        return
    if event.request is not None:
        _release_held(event, claim, at)
        return
    endpoint = event.endpoint
    read = read_event(event, endpoint.rules, rules_version=endpoint.rules_version, at=at)
    event.attempts = claim.attempts
    event.rules_version = endpoint.rules_version
    event.state, event.error = "failed" if said.issues else read.state, ""
    event.counts, event.issues = read.counts | said.counts, read.issues + said.issues
    event.processed_at = at
    event.save(
        update_fields=["attempts", "rules_version", "counts", "issues", "error", "state", "processed_at"]
    )
    transaction.on_commit(_events.labels(event.state).inc)
    InboundEndpoint.objects.filter(pk=endpoint.pk).update(last_event_at=at)
    finish(claim, next_due_at=None)


def _release_held(event: InboundEvent, claim: Claim, at: datetime) -> None:
    """Verify a held request as of when it came; its messages take its place, or it is kept as rejected."""
    finish(claim, next_due_at=None)
    if awaits_secret(event.endpoint):
        return
    try:
        verdict, messages = opened(event.endpoint, held_exchange(event), event.created_at)
    except Problem as problem:
        event.state, event.attempts, event.processed_at = "rejected", claim.attempts, at
        event.error = problem.reason if isinstance(problem, InvalidSignature) else str(problem)[:1000]
        event.save(update_fields=["state", "attempts", "processed_at", "error"])
        return
    event.delete()
    store(event.endpoint, messages, verdict, at=event.created_at, due_at=at)


def _give_back(claim: Claim, at: datetime) -> None:
    """Try again later, or never. The sender's data may stand in the error: the log has it, not the event."""
    dead = claim.attempts >= MAX_ATTEMPTS
    InboundEvent.objects.filter(pk=claim.row_id).update(
        state="dead" if dead else "failed", attempts=claim.attempts, error=OUR_FAULT
    )
    if dead:
        finish(claim, next_due_at=None)
    else:
        again = next_attempt_at(at, claim.attempts, seed=str(claim.row_id), base_s=5, cap_s=3600)
        postpone(claim, due_at=again)
