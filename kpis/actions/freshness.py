"""The sweep: what time alone changes on a map is written when due, so nothing changes without a revision.

A period that was running becomes the last complete one, a figure gets late, then stale. Each state says
when that happens next; the earliest of a map is its `due` row of kind `freshness`.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction

from journeys.actions.maps import bump_maps
from kpis.actions.freshness_due import KIND
from kpis.actions.states import refresh_locked
from kpis.queries import state
from service.due import LeaseLost, claim_due, finish
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)


def sweep_due(*, at: datetime, limit: int) -> int:
    """Sweep up to `limit` maps that are due, workspaces taking turns; return how many were claimed."""
    claims = claim_due(kind=KIND, limit=limit, lease=LEASE, at=at)
    for claim in claims:
        try:
            with workspace_transaction(claim.workspace_id):
                maps = _refresh(workspace_id=claim.workspace_id, map_id=claim.row_id, at=at)
                again = state.next_change_at(workspace_id=claim.workspace_id, map_id=claim.row_id)
                finish(claim, next_due_at=again)
                bump_maps(workspace_id=claim.workspace_id, map_ids=maps)
        except LeaseLost:
            log.info("lease of map %s ran out; whoever holds it now sweeps", claim.row_id)
        except DatabaseError:
            # The lease ends by itself and the map is swept again; the others of the slice go on.
            log.exception("could not sweep map %s", claim.row_id)
    return len(claims)


@transaction.atomic(savepoint=False)
def sweep_freshness(*, workspace_id: uuid.UUID, at: datetime) -> int:
    """Write everything that time has changed by `at` in one workspace; return how many maps changed."""
    changed = _refresh(workspace_id=workspace_id, map_id=None, at=at)
    bump_maps(workspace_id=workspace_id, map_ids=changed)
    return len(changed)


def _refresh(*, workspace_id: uuid.UUID, map_id: uuid.UUID | None, at: datetime) -> set[uuid.UUID]:
    due = state.due_bindings(workspace_id=workspace_id, map_id=map_id, at=at)
    if not due:
        return set()
    state.lock_bindings(workspace_id=workspace_id, binding_ids=due)
    before = state.before(workspace_id=workspace_id, binding_ids=due, entries=True)
    return refresh_locked(workspace_id=workspace_id, before=before, cause="time", at=at)
