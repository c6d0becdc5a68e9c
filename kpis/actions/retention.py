"""Retention: readings that are older than their workspace keeps them are deleted, a few series at a time.

1. The horizon is the beginning of a calendar month in the workspace's zone, `limits.reading_months` before
   this one. It only moves on: a longer retention brings nothing back. Ingest refuses what lies before it, and
   reads of before it are told 410 with the horizon.
2. Series with older readings are locked in the order of their ids and told, so that nobody goes by points
   that were kept; the owner's function deletes, as the app role may not; what is bound to them is worked out
   anew.
3. A run is bounded and leaves no mark of its own: the next one finds what is left, whoever runs it.

Rollups, dirty days and external ids go with their readings. KPIs of a stock are left alone: today's stock is
all that joined and left since its base.
"""

from __future__ import annotations

import uuid
import zoneinfo
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from kpis.actions.states import refresh_bindings
from kpis.queries.sql import array, fetch, statement
from service.models import Workspace
from service.tenancy import workspace_transaction

LIMIT = "reading_months"
SERIES_AT_ONCE = 20
ROWS_AT_ONCE = 2000
"""Of one series in one transaction."""
TRANSACTIONS = 50
"""Of one workspace in one run."""
_EXPIRED = statement("expired_series")
_TELL = statement("tell_expired")
_EXPIRE = "SELECT sum(expire_readings(id, %(most)s))::bigint FROM unnest(%(series)s::bigint[]) AS id"
_DERIVED = statement("expire_derived")


def horizon_of(*, months: int, zone: str, at: datetime) -> datetime:
    """Return where the readings of a workspace begin that keeps so many whole months before this one."""
    local = at.astimezone(zoneinfo.ZoneInfo(zone))
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    return datetime(year, month + 1, 1, tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC)


def make_coming_partitions(*, at: datetime) -> None:
    """Have the owner make the partitions of this year and the next two; those that are there stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT make_coming_partitions(%s)", [at])


def expire_due(*, at: datetime) -> int:
    """Delete what the workspaces no longer keep, up to a bound for each; return how many readings went."""
    kept = Workspace.objects.filter(limits__has_key=LIMIT).order_by("id")
    return sum(expire_readings(workspace_id=one.id, at=at) for one in kept)


def expire_readings(*, workspace_id: uuid.UUID, at: datetime, transactions: int = TRANSACTIONS) -> int:
    """Move the workspace's horizon on and delete readings before it, in transactions of their own.

    Returns how many went; the rest, if any, is the next run's.
    """
    _move_horizon(workspace_id, at)
    gone = 0
    for _ in range(transactions):
        with workspace_transaction(workspace_id):
            went = _expire_some(workspace_id, at)
        if went is None:
            break
        gone += went
    return gone


def _move_horizon(workspace_id: uuid.UUID, at: datetime) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    horizon = horizon_of(months=int(workspace.limits[LIMIT]), zone=workspace.zone, at=at)
    if workspace.readings_from is None or workspace.readings_from < horizon:
        Workspace.objects.filter(pk=workspace_id).update(readings_from=horizon)


def _expire_some(workspace_id: uuid.UUID, at: datetime) -> int | None:
    """Delete readings of the first series that have old ones; None where no series has."""
    found = fetch(_EXPIRED, {"workspace": workspace_id, "most": SERIES_AT_ONCE})
    series = [series_id for (series_id,) in found]
    if not series:
        return None
    values: dict[str, Any] = {"workspace": workspace_id, "series": array(series), "most": ROWS_AT_ONCE}
    fetch(_TELL, values)
    [(gone,)] = fetch(_EXPIRE, values)
    with connection.cursor() as cursor:
        cursor.execute(_DERIVED, values)
    refresh_bindings(workspace_id=workspace_id, series_ids=series, cause="time", at=at)
    return int(gone)
