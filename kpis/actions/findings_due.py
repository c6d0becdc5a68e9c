"""What time brings to findings: snoozes and silences that run out, replays that have come to their end."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError

from kpis.actions.findings_care import DUE_KIND as SNOOZED
from kpis.actions.findings_care import wake_finding
from kpis.actions.findings_silenced import DUE_KIND as SILENCED
from kpis.actions.findings_silenced import silence_ends, tell_silenced
from kpis.actions.findings_states import settle_workspace
from kpis.queries.feeds import backfills_pending, replays_pending
from service.due import Claim, LeaseLost, claim_due, finish, postpone, pull_forward
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
SETTLING = "settling"
LEASE = timedelta(minutes=2)
_LOOK_AGAIN = timedelta(seconds=5)
# For an hour: what takes longer is told in parts.
_MOST_LOOKS = 720


def appoint_settling(*, workspace_id: uuid.UUID, at: datetime) -> None:
    """Have the findings of a workspace settled when what is read again has all been read.

    For whoever records with `Feed.backfill`: findings follow from the net change, once, not from each part.
    """
    pull_forward(workspace_id=workspace_id, kind=SETTLING, row_id=workspace_id, due_at=at)


def tend_due(*, at: datetime, limit: int) -> int:
    """Wake what was snoozed, tell what was silenced, settle what was replayed; return the number claimed."""
    kinds = ((SNOOZED, _wake), (SILENCED, _unsilence), (SETTLING, _settle))
    return sum(_each(kind, work, at, limit) for kind, work in kinds)


def _each(kind: str, work: Callable[[Claim, datetime], None], at: datetime, limit: int) -> int:
    claims = claim_due(kind=kind, limit=limit, lease=LEASE, at=at)
    for claim in claims:
        try:
            with workspace_transaction(claim.workspace_id):
                work(claim, at)
        except LeaseLost:
            log.info("lease of %s %s ran out; whoever holds it now goes on", kind, claim.row_id)
        except DatabaseError:
            # The lease ends by itself and it is tried again; the others of the slice go on.
            log.exception("could not tend %s %s", kind, claim.row_id)
    return len(claims)


def _wake(claim: Claim, at: datetime) -> None:
    finish(claim, next_due_at=None)
    wake_finding(workspace_id=claim.workspace_id, finding_id=claim.row_id, at=at)


def _unsilence(claim: Claim, at: datetime) -> None:
    finish(claim, next_due_at=silence_ends(claim.workspace_id, claim.row_id, at))
    tell_silenced(workspace_id=claim.workspace_id, at=at)


def _settle(claim: Claim, at: datetime) -> None:
    pending = replays_pending(claim.workspace_id) or backfills_pending(claim.workspace_id)
    if claim.attempts < _MOST_LOOKS and pending:
        postpone(claim, due_at=at + _LOOK_AGAIN)
        return
    finish(claim, next_due_at=None)
    settle_workspace(workspace_id=claim.workspace_id, at=at)
