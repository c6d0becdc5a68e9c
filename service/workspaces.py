"""Workspaces: made by an operator, changed by their administrators."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Min

from service.ids import new_id
from service.models import Event, EventFeed, Workspace
from service.preconditions import IfMatch, etag_of
from service.tenancy import enter_workspace

HISTORY_FROM = datetime(2000, 1, 1, tzinfo=UTC)


@transaction.atomic
def create_workspace(
    *, name: str, at: datetime, zone: str = "UTC", history_from: datetime = HISTORY_FROM
) -> Workspace:
    """Create a tenant and bind the transaction to it."""
    workspace = Workspace.objects.create(
        id=new_id(), name=name, zone=zone, history_from=history_from, created_at=at, updated_at=at
    )
    enter_workspace(workspace.id)
    EventFeed.objects.create(workspace=workspace)
    return workspace


@transaction.atomic
def change_workspace(
    *, workspace_id: uuid.UUID, values: dict[str, Any], expected: IfMatch, at: datetime
) -> Workspace:
    """Raises PreconditionFailed."""
    workspace = Workspace.objects.select_for_update().get(pk=workspace_id)
    expected.check(etag_of(workspace))
    for name, value in values.items():
        setattr(workspace, name, value)
    workspace.row_version += 1
    workspace.updated_at = at
    workspace.save()
    return workspace


def workspace_of(workspace_id: uuid.UUID) -> Workspace:
    return Workspace.objects.get(pk=workspace_id)


def feed_begins(workspace_id: uuid.UUID) -> int:
    """Return the position of the first event that is kept; of an empty feed that of the next one."""
    first = Event.objects.filter(workspace_id=workspace_id).aggregate(at=Min("position"))["at"]
    if first is not None:
        return int(first)
    return EventFeed.objects.values_list("position", flat=True).get(workspace_id=workspace_id) + 1


def events_after(workspace_id: uuid.UUID, position: int, limit: int) -> list[Event]:
    """Return placed events in the order of their positions."""
    rows = Event.objects.filter(workspace_id=workspace_id, position__gt=position)
    return list(rows.order_by(F("position"))[:limit])
