"""Appointments of the freshness sweep: per map, when time alone next changes something on it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from kpis.queries.sql import statement
from kpis.queries.state_judged import Judged

KIND = "freshness"
_APPOINT = statement("appoint_sweeps")


def appoint_sweep(*, workspace_id: uuid.UUID, states: Iterable[Judged]) -> None:
    """Make the maps due when the first of these states changes by time, or earlier if they were already.

    One statement; an appointment that is early enough is not even locked, as writers must not queue for it.
    """
    earliest: dict[uuid.UUID, datetime] = {}
    for one in states:
        change_at = one.state.next_change_at
        if change_at is not None:
            found = earliest.get(one.term.journey_map_id)
            earliest[one.term.journey_map_id] = change_at if found is None else min(found, change_at)
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
