"""Snapshots of a view: pinned, taken away; never changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kpis.models.audience import AudienceView, Snapshot
from kpis.queries import audience
from kpis.queries.horizon import refuse_beyond
from kpis.queries.live_asked import Asked, version_asked
from service.resources import check_limit

MAX_SNAPSHOTS = 10_000


@transaction.atomic(savepoint=False)
def pin_snapshot(*, view: AudienceView, name: str, asked: Asked, at: datetime) -> Snapshot:
    """Pin what the view shows at an instant as known at another (`asked`; `at` where it names none).

    Raises NotFound: no such version, or not published by then; BeyondRetention; LimitReached (`snapshots`).
    """
    workspace_id = view.workspace_id
    rows = Snapshot.objects.filter(workspace_id=workspace_id)
    check_limit(rows, workspace_id=workspace_id, name="snapshots", default=MAX_SNAPSHOTS)
    known_at = asked.known_at or at
    as_of = asked.as_of or known_at
    refuse_beyond(workspace_id, as_of, known_at)
    head = audience.opened(workspace_id, view.id).head
    found = version_asked(workspace_id, head, Asked(as_of, known_at, asked.version))
    return Snapshot.objects.create(
        workspace_id=workspace_id,
        view=view,
        name=name,
        version=found.number,
        as_of=as_of,
        known_at=known_at,
        shows=view.shows,
        created_at=at,
    )


@transaction.atomic(savepoint=False)
def remove_snapshot(*, snapshot: Snapshot) -> None:
    """Take the snapshot away: its address answers nobody any more."""
    snapshot.delete()
