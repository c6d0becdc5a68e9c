"""How long runs of sources and messages of endpoints are kept.

1. The runs of a source go after `source_run_days`, but for its last one.
2. The bytes of a message go after `inbound_body_days`: from then on it cannot be read again.
3. The message itself goes after `inbound_event_days`, and what it claimed with it: until then its id is
   known, so that a repeat is one. It stays for as long as a younger message speaks of the same thing: what
   follows from both must not change because one of them is old. Readings keep naming it, and its address
   says that it is gone.

Nothing goes that waits to be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from kpis.actions.receiving import DUE_KIND
from kpis.models.inbound import InboundEndpoint
from kpis.queries.feeds import MESSAGE_DAYS, MESSAGE_DAYS_LEAST
from kpis.queries.sql import fetch, statement
from service.models import Workspace
from service.retention import ROWS_AT_ONCE, in_slices, kept_from
from service.tenancy import advisory_lock, workspace_transaction

RUN_DAYS, BODY_DAYS = 90, 90
_RUNS = statement("forget_runs")
_EMPTY = statement("empty_messages")
_MESSAGES = statement("forget_messages")


@dataclass(frozen=True, slots=True)
class Gone:
    """How many of each went."""

    runs: int
    bodies: int
    messages: int


def forget_feeds(*, at: datetime) -> None:
    """Delete what workspaces no longer keep of runs, bytes and messages, up to a bound for each."""
    for workspace in Workspace.objects.order_by("id"):
        forget_feeds_of(workspace, at=at)


def forget_feeds_of(workspace: Workspace, *, at: datetime) -> Gone:
    """Delete what one workspace no longer keeps, in transactions of their own."""
    return Gone(_forget_runs(workspace, at), _empty_messages(workspace, at), _forget_messages(workspace, at))


def _forget_runs(workspace: Workspace, at: datetime) -> int:
    before = kept_from(workspace.limits, "source_run_days", default=RUN_DAYS, at=at)
    return in_slices(workspace.id, partial(_some, _RUNS, _values(workspace, before)))


def _empty_messages(workspace: Workspace, at: datetime) -> int:
    before = kept_from(workspace.limits, "inbound_body_days", default=BODY_DAYS, at=at)
    return in_slices(workspace.id, partial(_some, _EMPTY, _values(workspace, before) | {"at": at}))


def _forget_messages(workspace: Workspace, at: datetime) -> int:
    before = kept_from(
        workspace.limits, "inbound_event_days", default=MESSAGE_DAYS, least=MESSAGE_DAYS_LEAST, at=at
    )
    rows = InboundEndpoint.objects.filter(workspace_id=workspace.id)
    with workspace_transaction(workspace.id):
        endpoints = list(rows.values_list("id", flat=True))
    asked = (_values(workspace, before) | {"endpoint": endpoint} for endpoint in endpoints)
    return sum(in_slices(workspace.id, partial(_forget_some, values)) for values in asked)


def _forget_some(values: Mapping[str, Any]) -> int:
    """What speaks of the same thing is looked up while nobody claims anything (inbound_claims)."""
    advisory_lock("claims", values["workspace"], values["endpoint"])
    return _some(_MESSAGES, values)


def _some(sql: str, values: Mapping[str, Any]) -> int:
    return len(fetch(sql, values))


def _values(workspace: Workspace, before: datetime) -> dict[str, Any]:
    return {"workspace": workspace.id, "before": before, "most": ROWS_AT_ONCE, "due": DUE_KIND}
