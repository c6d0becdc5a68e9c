"""Stored messages are read by their endpoints' rules, in a worker (kpis.actions.receiving is how they came).

Rules → readings, all in one transaction with the end of the lease, so a killed worker repeats it and the
readings count once. A request that was held for want of a secret is verified first and becomes its messages.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kpis.actions.readings import Feed
from kpis.actions.receiving import DUE_KIND, awaits_secret, held_exchange, opened, store
from kpis.actions.recording import record_extract
from kpis.connectors.mapping import Extract, extract
from kpis.models.feeds import InboundEndpoint, InboundEvent
from kpis.queries.definitions import accepting
from kpis.series.intake import MOST_KEY
from service.backoff import next_attempt_at
from service.due import Claim, LeaseLost, claim_due, finish, postpone, release, set_due
from service.errors import Problem
from service.signing import InvalidSignature
from service.strict_json import loads
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


@transaction.atomic
def replay_event(*, event: InboundEvent, at: datetime) -> InboundEvent:
    """Read a stored message again, with the rules of now: the same readings correct, they do not double."""
    event.state = "received" if event.request is None else "held"
    event.attempts, event.error = 0, ""
    event.save(update_fields=["state", "attempts", "error"])
    set_due(workspace_id=event.workspace_id, kind=DUE_KIND, row_id=event.id, due_at=at)
    return event


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
        _guarded(claim, lambda held: _process(held, at))
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


def _process(claim: Claim, at: datetime) -> None:
    event = InboundEvent.objects.select_related("endpoint").filter(pk=claim.row_id).first()
    if event is None:
        finish(claim, next_due_at=None)
        return
    if event.request is not None:
        _release_held(event, claim, at)
        return
    endpoint = event.endpoint
    found = extract(endpoint.rules, loads(bytes(event.body), exact=True))
    _tell_apart(found, event)
    feed = Feed(id=endpoint.id, cause=event.id, name=endpoint.name)
    recorded = record_extract(found, workspace_id=event.workspace_id, feed=feed, at=at)
    event.attempts = claim.attempts
    event.rules_version = endpoint.rules_version
    event.counts, event.issues, event.error = recorded.counts, recorded.issues, ""
    event.state = _state(found.items, recorded.refused)
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


def _tell_apart(found: Extract, event: InboundEvent) -> None:
    """Name events that have no id of their own by their message and their place in it.

    The place is that of the item in the body, not of the reading among the others: a replay by changed rules
    corrects what it recorded before, instead of recording it again under another name.
    """
    bare = [
        (place, item)
        for place, item in zip(found.places, found.items, strict=True)
        if "external_id" not in item
    ]
    takers = accepting(event.workspace_id, {item["kpi"] for _, item in bare})
    told: Counter[tuple[Any, ...]] = Counter()
    for place, item in bare:
        if item["kpi"] in takers and takers[item["kpi"]].kpi.definition.holds == "events":
            one = (item["kpi"], place, *sorted(item["labels"].items()))
            item["external_id"] = _short(f"{event.message_id}:{place}" + f".{told[one]}" * bool(told[one]))
            told[one] += 1


def _short(name: str) -> str:
    """Return an external id that fits its column; what is longer goes by its hash."""
    return name if len(name) <= MOST_KEY else hashlib.sha256(name.encode()).hexdigest()


def _state(items: list[dict[str, Any]], refused: int) -> str:
    if refused:
        return "failed"  # the issues say why; a replay after a change of rules reads it again
    return "processed" if items else "ignored"


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
