"""Appointments of the freshness sweep: per map, when time alone next changes something on it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from kpis.queries.sql import statement

KIND = "freshness"
_APPOINT = statement("appoint_sweeps")


def appoint_sweeps(*, workspace_id: uuid.UUID, changes: Iterable[tuple[uuid.UUID, datetime | None]]) -> None:
    """Make maps due at the first of their changes (map, instant), or earlier if they were already.

    One statement; an appointment that is early enough is not even locked, as writers must not queue for it.
    """
    earliest: dict[uuid.UUID, datetime] = {}
    for map_id, change_at in changes:
        if change_at is not None:
            earliest[map_id] = min(earliest.get(map_id, change_at), change_at)
    if earliest:
        maps = sorted(earliest)
        values: dict[str, Any] = {
            "workspace": workspace_id,
            "kind": KIND,
            "maps": maps,
            "ats": [earliest[one] for one in maps],
        }
        with connection.cursor() as cursor:
            cursor.execute(_APPOINT, values)
