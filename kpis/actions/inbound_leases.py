"""Leases of stored messages: worked under, given back for later, and ended when there is no later."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from kpis.models.inbound import InboundEvent
from service.backoff import next_attempt_at
from service.due import Claim, LeaseLost, finish, postpone
from service.due_many import finish_all
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
LONGEST_WAIT_S = 3600
OUR_FAULT = "The service failed at this message; its log says why. It is tried again up to 8 times."


def end_for_good(claims: Sequence[Claim]) -> None:
    """End the claims in the caller's transaction.

    Raises LeaseLost when one of them is another's by now; the caller's transaction must roll back.
    """
    ours = finish_all((claim, None) for claim in claims)
    if len(ours) < len(claims):
        raise LeaseLost(f"{len(claims) - len(ours)} of {len(claims)} inbound events")


def guarded(claim: Claim, work: Callable[[Claim], None]) -> None:
    """Do `work` in the claim's workspace and transaction; nothing when somebody else holds the claim now."""
    try:
        with workspace_transaction(claim.workspace_id):
            work(claim)
    except LeaseLost:
        log.info("lease of inbound event %s ran out", claim.row_id)


def give_back(
    claim: Claim,
    at: datetime,
    error: str = OUR_FAULT,
    *,
    wait_s: float = 5,
    retry_after_s: float | None = None,
) -> None:
    """Have the message tried again later, or never; it says why. In no transaction.

    The sender's data may stand in errors of our own: the log has them, not the event. wait_s: the first wait,
    doubled with each attempt.
    """
    dead = claim.attempts >= MAX_ATTEMPTS

    def work(held: Claim) -> None:
        InboundEvent.objects.filter(pk=held.row_id).update(
            state="dead" if dead else "failed", attempts=held.attempts, error=error[:1000]
        )
        if dead:
            finish(held, next_due_at=None)
            return
        again = next_attempt_at(
            at,
            held.attempts,
            seed=str(held.row_id),
            base_s=wait_s,
            cap_s=LONGEST_WAIT_S,
            retry_after_s=retry_after_s,
        )
        postpone(held, due_at=again)

    guarded(claim, work)
