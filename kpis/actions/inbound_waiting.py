"""Messages that lead to documents which are not here: fetched after all others of a slice were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpis.actions.inbound_following import WAIT_S, Asked, fetch_all, keep
from kpis.actions.inbound_groups import Group
from kpis.actions.inbound_leases import give_back, guarded
from kpis.connectors import PullFailed
from kpis.models.inbound import InboundEndpoint, InboundEvent
from service.backoff import parse_retry_after
from service.due import Claim, release
from service.due_many import defer_all
from service.tenancy import workspace_transaction

# With less time than that nothing is asked for: what was not answered counts as an attempt.
LEAST_S = 2.0
# The first wait, doubled with each attempt: the last of eight is an hour after the message came.
FIRST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claimed message that leads to documents which are not here."""

    claim: Claim
    endpoint: InboundEndpoint
    event: InboundEvent
    urls: Sequence[str]


def followed(waiting: Sequence[Waiting], at: datetime, *, left_s: float) -> list[Group]:
    """Fetch what messages wait for and keep it with them; return those to be read now, alone each.

    The others are given back: to be tried later, and untried those for which there is no time, or whose host
    asked for a pause.
    """
    if left_s < LEAST_S:
        for one in waiting:
            guarded(one.claim, release)
        return []
    asked = [Asked(one.endpoint, one.urls) for one in waiting]
    brought = fetch_all(asked, at=at, wait_s=min(left_s / 2, WAIT_S))
    ready = []
    paused = []
    for one, came in zip(waiting, brought, strict=True):
        if isinstance(came, PullFailed) and came.held_until is not None:
            paused.append((one.claim, came.held_until))
        elif isinstance(came, PullFailed):
            again_s = parse_retry_after(came.retry_after, at) if came.retry_after else None
            give_back(one.claim, at, str(came), wait_s=FIRST_WAIT_S, retry_after_s=again_s)
        else:
            with workspace_transaction(one.claim.workspace_id):
                keep(one.event, came)
            ready.append(Group(one.claim.workspace_id, one.endpoint.id, [one.claim]))
    defer_all(paused)
    return ready
