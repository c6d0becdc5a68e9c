"""Claimed messages in groups to be read at one stroke: of one endpoint, bounded, in the order they came."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kpis.actions.inbound_reading import found_in
from kpis.connectors.mapping import Extract
from kpis.models.inbound import InboundEndpoint, InboundEvent
from kpis.queries.sql import array, execute, fetch, statement
from kpis.series.exact import encode
from service.due import Claim
from service.tenancy import workspace_transaction

MOST_TOGETHER = 50
# As much as one message may have: what a group holds in memory, and its transaction, are bounded by it.
MOST_BYTES = 1024 * 1024
_CLAIMED = statement("claimed_events")
_WRITE = statement("write_events")


@dataclass(frozen=True, slots=True)
class Group:
    """Messages to be read together, all at the same attempt. held: one request that awaits a secret.

    lost: how many attempts before this one came to no end of their own.
    """

    workspace_id: uuid.UUID
    endpoint_id: uuid.UUID | None
    claims: Sequence[Claim]
    held: bool = False
    lost: int = 0

    @property
    def attempts(self) -> int:
        return self.claims[0].attempts

    def without(self, events: Container[uuid.UUID]) -> Group:
        left = [claim for claim in self.claims if claim.row_id not in events]
        return Group(self.workspace_id, self.endpoint_id, left)

    def one_by_one(self) -> list[Group]:
        return [Group(self.workspace_id, self.endpoint_id, [claim]) for claim in self.claims]


@dataclass(frozen=True, slots=True)
class Opened:
    """A group's endpoint as its rules are now, and its messages with what the rules find in them."""

    endpoint: InboundEndpoint
    events: list[tuple[InboundEvent, Extract]]

    def without(self, events: Container[uuid.UUID]) -> Opened:
        return Opened(self.endpoint, [one for one in self.events if one[0].id not in events])


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A claimed message. attempts: those that came to an end."""

    claim: Claim
    endpoint_id: uuid.UUID
    held: bool
    size: int
    attempts: int


def groups_of(claims: Iterable[Claim]) -> list[Group]:
    """Return what is to be read together, workspaces in turn; what failed before comes after that, alone."""
    first: list[Group] = []
    again: list[Group] = []
    by_workspace: defaultdict[uuid.UUID, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_workspace[claim.workspace_id].append(claim)
    for workspace_id, mine in by_workspace.items():
        for group in _groups_in(workspace_id, mine):
            (first if group.attempts == 1 else again).append(group)
    return [*first, *sorted(again, key=lambda group: (group.lost, group.attempts))]


def _groups_in(workspace_id: uuid.UUID, claims: Sequence[Claim]) -> Iterator[Group]:
    by_event = {claim.row_id: claim for claim in claims}
    with workspace_transaction(workspace_id):
        rows = fetch(_CLAIMED, {"workspace": workspace_id, "events": array(by_event)})
    found = [_Claimed(by_event.pop(id), *rest) for id, *rest in rows]
    for claim in by_event.values():  # the message is no more
        yield Group(workspace_id, None, [claim])
    together: defaultdict[uuid.UUID, list[_Claimed]] = defaultdict(list)
    for one in found:
        if one.held or one.claim.attempts > 1:
            lost = one.claim.attempts - 1 - one.attempts
            yield Group(workspace_id, one.endpoint_id, [one.claim], one.held, lost)
        else:
            together[one.endpoint_id].append(one)
    for endpoint_id, messages in together.items():
        for some in _bounded(messages):
            yield Group(workspace_id, endpoint_id, some)


def _bounded(messages: Sequence[_Claimed]) -> Iterator[list[Claim]]:
    some: list[Claim] = []
    size = 0
    for one in messages:
        if some and (len(some) == MOST_TOGETHER or size + one.size > MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(one.claim)
        size += one.size
    if some:
        yield some


def open_group(group: Group) -> Opened:
    """Return the messages of a group with what the rules of now find in them, in the order they came."""
    ids = [claim.row_id for claim in group.claims]
    with workspace_transaction(group.workspace_id):
        endpoint = InboundEndpoint.objects.get(id__in=[group.endpoint_id])
        rows = InboundEvent.objects.filter(id__in=ids, request__isnull=True)
        events = list(rows.order_by("created_at", "id"))
    return Opened(endpoint, [(event, found_in(event, endpoint, endpoint.rules)) for event in events])


def hold_events(events: Sequence[InboundEvent]) -> None:
    """Lock the rows of messages, in one order, before anything that is recorded because of them."""
    mine = InboundEvent.objects.filter(id__in=[event.id for event in events])
    list(mine.order_by("id").select_for_update().values_list("id", flat=True))


def write_reads(workspace_id: uuid.UUID, events: Sequence[InboundEvent]) -> None:
    """Write what reading messages came to, by one statement."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "ids": [event.id for event in events],
        "attempts": [event.attempts for event in events],
        "rules_versions": [event.rules_version for event in events],
        "states": [event.state for event in events],
        "counts": [encode(event.counts).decode() for event in events],
        "repeats": [encode(event.repeats).decode() for event in events],
        "issues": [encode(event.issues).decode() for event in events],
        "processed": [event.processed_at for event in events],
    }
    execute(_WRITE, values)
