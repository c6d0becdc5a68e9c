"""How long what passes through is kept: days in `workspace.limits`, or a default where they say nothing.

Whatever is deleted goes oldest first, some rows a transaction and some transactions a run; the next run finds
what is left.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from service.models import Workspace
from service.sql import fetch
from service.tenancy import workspace_transaction

EVENT_DAYS = 400
TRANSACTIONS = 50
"""Of one workspace and kind of rows in one run."""
ROWS_AT_ONCE = 1000
# The feed loses its beginning and nothing else: what comes after an event that is kept stays, too.
_FORGET = """
WITH first AS MATERIALIZED (
  SELECT position, occurred_at FROM event
  WHERE workspace_id = %(workspace)s AND position IS NOT NULL ORDER BY position LIMIT %(most)s
)
DELETE FROM event USING first
WHERE event.workspace_id = %(workspace)s AND event.position = first.position
  AND first.position < coalesce(
    (SELECT min(position) FROM first WHERE occurred_at >= %(before)s), first.position + 1)
RETURNING event.position
"""


def kept_from(
    limits: Mapping[str, Any], name: str, *, default: int, least: int = 1, at: datetime
) -> datetime:
    """Return since when rows are kept of which `limits[name]` says for how many days."""
    return at - timedelta(days=max(int(limits.get(name, default)), least))


def in_slices(workspace_id: uuid.UUID, work: Callable[[], int]) -> int:
    """Do `work`, which says how many rows it had, in transactions of the workspace, while there may be more.

    At most TRANSACTIONS of them. Returns the sum.
    """
    done = 0
    for _ in range(TRANSACTIONS):
        with workspace_transaction(workspace_id):
            some = work()
        done += some
        if some < ROWS_AT_ONCE:
            break
    return done


def forget_events(*, at: datetime) -> None:
    """Delete what the feeds of workspaces no longer keep."""
    for workspace in Workspace.objects.order_by("id"):
        forget_events_of(workspace, at=at)


def forget_events_of(workspace: Workspace, *, at: datetime) -> int:
    """Delete what the feed of a workspace no longer keeps (`event_days`); return how many events went."""
    before = kept_from(workspace.limits, "event_days", default=EVENT_DAYS, at=at)
    values = {"workspace": workspace.id, "before": before, "most": ROWS_AT_ONCE}
    return in_slices(workspace.id, lambda: len(fetch(_FORGET, values)))
