"""Days whose rollups no longer say what the readings say: marked by the write that made them so."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from kpis.queries.sql import statement
from service.due import pull_forward
from service.models import Due

DUE_KIND = "rollup"
_MARK = statement("mark_dirty")
_WAIT = timedelta(seconds=5)


def mark_dirty(
    *, workspace_id: uuid.UUID, days: Mapping[int, set[tuple[datetime, datetime]]], at: datetime
) -> None:
    """Mark days [start, end) of series whose lock the transaction holds, and appoint their rebuild."""
    marks = sorted((series_id, *day) for series_id, spans in days.items() for day in spans)
    if not marks:
        return
    series, starts, ends = zip(*marks, strict=True)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "series": list(series),
        "starts": list(starts),
        "ends": list(ends),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MARK, values)
    _wake(workspace_id, max(at, min(ends)) + _WAIT)


def _wake(workspace_id: uuid.UUID, due_at: datetime) -> None:
    """Appoint a rebuild; one that is early enough is only looked at, as writers must not queue for it."""
    rows = Due.objects.filter(workspace_id=workspace_id, kind=DUE_KIND, row_id=workspace_id)
    if not rows.filter(due_at__lte=due_at).exists():
        pull_forward(workspace_id=workspace_id, kind=DUE_KIND, row_id=workspace_id, due_at=due_at)
