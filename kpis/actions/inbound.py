"""Stored messages are read by their endpoints' rules, in a worker (kpis.actions.receiving is how they came).

1. `claim_due` leases a slice of messages; those of one endpoint make groups.
2. What rules find in a group is worked out; nothing is locked meanwhile.
3. Messages that lead to documents which are not here wait until these have been fetched, after all others.
4. What people said is recorded, then the readings, each in one transaction for the whole group. The latter
   ends the leases too, so a killed worker repeats it and the readings count once.

A group that fails is rolled back and its messages are read one by one: one that cannot be read is dead alone.
A request that was held for want of a secret is verified first and becomes its messages.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta

from django.db import transaction

from kpis.actions.inbound_groups import Group, Opened, groups_of, hold_events, open_group, write_reads
from kpis.actions.inbound_leases import MAX_ATTEMPTS, end_for_good, give_back, guarded
from kpis.actions.inbound_ledger import lock_claims
from kpis.actions.inbound_reading import read_events
from kpis.actions.inbound_said import Said, record_said
from kpis.actions.inbound_waiting import Waiting, followed
from kpis.actions.receiving import DUE_KIND, awaits_secret, held_exchange, opened, store
from kpis.models.inbound import InboundEndpoint, InboundEvent
from service.due import Claim, LeaseLost, claim_due, finish, release
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
# After so many attempts that came to no end one such message is read, after all others: the workers may have
# been lost to it.
SUSPECT_AFTER = 2


def process_due_events(*, at: datetime, limit: int = SLICE) -> int:
    """Read up to `limit` stored messages by their endpoints' rules; return how many were claimed."""
    claims = claim_due(kind=DUE_KIND, limit=limit, lease=LEASE, at=at)
    groups = groups_of(claims)
    suspects = [group for group in groups if group.lost >= SUSPECT_AFTER]
    for group in suspects[1:]:
        _release(group)
    ends = time.monotonic() + SLICE_S
    waiting: list[Waiting] = []
    for group in [*(one for one in groups if one.lost < SUSPECT_AFTER), *suspects[:1]]:
        _read(group, at, ends, waiting)
    if waiting:
        left_s = ends - time.monotonic()
        for group in followed(waiting, at, left_s=left_s):
            _read(group, at, ends, [])
    return len(claims)


def _read(group: Group, at: datetime, ends: float, waiting: list[Waiting]) -> None:
    """Read a group, or its messages one by one when that fails; give back what there is no time for.

    waiting: gets what leads to documents that are not here.
    """
    if time.monotonic() > ends:
        _release(group)
        return
    if group.attempts > MAX_ATTEMPTS:
        # No attempt came to an end of its own: each was lost with its worker.
        give_back(group.claims[0], at)
        return
    try:
        _process(group, at, waiting)
    except Exception as error:
        if len(group.claims) > 1:
            log.info("%s inbound events are read one by one: %s", len(group.claims), type(error).__name__)
            there = {one.claim.row_id for one in waiting}
            for alone in group.without(there).one_by_one():
                _read(alone, at, ends, waiting)
        elif isinstance(error, LeaseLost):
            log.info("lease of inbound event %s ran out", group.claims[0].row_id)
        else:
            # Whatever it is, the message is kept, tried again, and at last shown as dead.
            log.exception("inbound event %s failed", group.claims[0].row_id)
            give_back(group.claims[0], at)


def _release(group: Group) -> None:
    for claim in group.claims:
        guarded(claim, release)


def _process(group: Group, at: datetime, waiting: list[Waiting]) -> None:
    if group.held:
        with workspace_transaction(group.workspace_id):
            _release_held(group.claims[0], at)
        return
    if group.endpoint_id is None:
        with workspace_transaction(group.workspace_id):
            end_for_good(group.claims)
        return
    found = open_group(group)
    if leading := [(event, each.leads) for event, each in found.events if each.leads]:
        ids = {event.id for event, _ in leading}
        waiting += [
            Waiting(claim, found.endpoint, event, each)
            for event, each in leading
            for claim in group.claims
            if claim.row_id == event.id
        ]
        group, found = group.without(ids), found.without(ids)
        if not group.claims:
            return
    said = _record_said(found, at)
    with workspace_transaction(group.workspace_id):
        _record(group, found, said, at)


def _record_said(found: Opened, at: datetime) -> dict[uuid.UUID, Said]:
    """Record what people said in messages, in a transaction of its own.

    It is known by its id if a message is read again; and whoever records feedback holds the workspace's
    lock of it, which must not be waited for with series locked.
    """
    if not any(each.said for _, each in found.events):
        return {}
    with workspace_transaction(found.endpoint.workspace_id):
        return record_said(found.events, endpoint_id=found.endpoint.id, at=at)


def _record(group: Group, found: Opened, said: dict[uuid.UUID, Said], at: datetime) -> None:
    """Record a group's readings and end its leases, in the caller's transaction. Raises LeaseLost."""
    endpoint = found.endpoint
    lock_claims(endpoint.workspace_id, endpoint.id)
    hold_events([event for event, _ in found.events])
    reads = read_events(endpoint=endpoint, events=found.events, rules_version=endpoint.rules_version, at=at)
    for (event, _), read in zip(found.events, reads, strict=True):
        more = said.get(event.id, Said())
        event.attempts, event.rules_version = group.attempts, endpoint.rules_version
        event.state, event.error = "failed" if more.issues else read.state, ""
        event.counts, event.issues = read.counts | more.counts, read.issues + more.issues
        if event.processed_at is None:  # what it told itself it does not tell again when it is read anew
            event.repeats = read.repeats
        event.processed_at = at
        transaction.on_commit(_events.labels(event.state).inc)
    write_reads(group.workspace_id, [event for event, _ in found.events])
    InboundEndpoint.objects.filter(pk=endpoint.pk).update(last_event_at=at)
    end_for_good(group.claims)


def _release_held(claim: Claim, at: datetime) -> None:
    """Verify a held request as of when it came; its messages take its place, or it is kept as rejected."""
    event = InboundEvent.objects.select_related("endpoint").get(pk=claim.row_id)
    finish(claim, next_due_at=None)
    if event.request is None or awaits_secret(event.endpoint):
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
