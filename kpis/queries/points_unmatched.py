"""How many numerators wait for their denominators: of rates whose sides are told by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kpis.models.definitions import Kpi
from kpis.queries.points_kpi import Course, Question
from kpis.queries.points_plan import FOREVER
from kpis.queries.sql import fetch, statement

_UNMATCHED = statement("unmatched_sides")
_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


def unmatched(row: Kpi, course: Course, question: Question) -> int:
    """Return how many were told since the first of the points, in whichever label set. One statement."""
    first = course.points[0] if course.points else None
    values: dict[str, Any] = {
        "workspace": row.workspace_id,
        "kpi": row.id,
        "measure": course.measure,
        "since": (first.start or first.end) if first else _BEGINNING,
        "as_of": question.as_of,
        "known_at": question.known_at or FOREVER,
    }
    [(count,)] = fetch(_UNMATCHED, values)
    return int(count)
