"""How far ahead the partitions of tables reach: read from the catalogue, whatever they hold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Of tables that are partitioned by ranges of instants; the first may have no beginning.
_BOUNDS = r"""
SELECT parent.relname, bounds[1]::timestamptz, bounds[2]::timestamptz
FROM pg_partitioned_table
JOIN pg_class parent ON parent.oid = partrelid
JOIN pg_inherits ON inhparent = partrelid
JOIN pg_class child ON child.oid = inhrelid
CROSS JOIN LATERAL regexp_match(
  pg_get_expr(child.relpartbound, child.oid),
  '^FOR VALUES FROM \((?:MINVALUE|''([^'']+)'')\) TO \(''([0-9-]{10} [^'']+)''\)$') AS bounds
WHERE parent.relnamespace = 'public'::regnamespace AND bounds IS NOT NULL
ORDER BY 1, 3
"""


@dataclass(frozen=True, slots=True)
class Room:
    """Rows of `table` have a place up to `until` without a gap; None where they have none even now.

    ahead: whether the period after the running one has its partition.
    """

    table: str
    until: datetime | None
    ahead: bool


def rooms(cursor: Any, *, at: datetime) -> list[Room]:
    """Return how far ahead the cursor's database has room, by table."""
    cursor.execute(_BOUNDS)
    found: defaultdict[str, list[tuple[datetime | None, datetime]]] = defaultdict(list)
    for table, lower, upper in cursor.fetchall():
        found[table].append((lower, upper))
    return [_room(table, bounds, at) for table, bounds in found.items()]


def _room(table: str, bounds: list[tuple[datetime | None, datetime]], at: datetime) -> Room:
    """bounds: in the order of their ends."""
    until, partitions = at, 0
    for lower, upper in bounds:
        if upper > until and (lower is None or lower <= until):
            until, partitions = upper, partitions + 1
    return Room(table, until if partitions else None, partitions > 1)
