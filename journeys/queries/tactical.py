"""The maps below one: each shows a touchpoint of it in detail, or one of a map that is below it.

Now by the link that publishing writes beside a map; then by what the version said that was the latest.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.sql import array, fetch

_SQL = Path(__file__).parent / "sql"
_NOW = (_SQL / "maps_below.sql").read_text()
_THEN = (_SQL / "hung_as_of.sql").read_text()
_OF = """
SELECT id, journey_map_id FROM element WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Below:
    """A map below another: `touchpoint` of that one is shown by `top`, which is this one or above it."""

    id: uuid.UUID
    top: uuid.UUID
    touchpoint: uuid.UUID


def maps_below(workspace_id: uuid.UUID, map_id: uuid.UUID, *, at: datetime | None = None) -> list[Below]:
    """Return the maps below one now, or as they hung at an instant, in the order of touchpoint and id.

    One statement, or two.
    """
    if at is None:
        return [Below(*row) for row in fetch(_NOW, {"workspace": workspace_id, "map": map_id})]
    hung: dict[uuid.UUID, uuid.UUID] = dict(fetch(_THEN, {"workspace": workspace_id, "at": at}))
    if not hung:
        return []
    touchpoints = {"workspace": workspace_id, "ids": array(set(hung.values()))}
    return hanging(map_id, hung, dict(fetch(_OF, touchpoints)))


def hanging(
    map_id: uuid.UUID, hung: Mapping[uuid.UUID, uuid.UUID], map_of: Mapping[uuid.UUID, uuid.UUID]
) -> list[Below]:
    """Return what is below a map. hung: map → touchpoint above it; map_of: touchpoint → its map."""
    lower: dict[uuid.UUID, list[uuid.UUID]] = {}
    for own, touchpoint in hung.items():
        if touchpoint in map_of:
            lower.setdefault(map_of[touchpoint], []).append(own)
    found = [
        Below(own, top, hung[top]) for top in lower.get(map_id, ()) for own in _under(top, lower, {map_id})
    ]
    return sorted(found, key=lambda one: (one.touchpoint, one.top, one.id))


def _under(
    top: uuid.UUID, lower: Mapping[uuid.UUID, Sequence[uuid.UUID]], seen: set[uuid.UUID]
) -> Iterator[uuid.UUID]:
    """Yield a map and what is below it, each once."""
    waiting = [top]
    while waiting:
        own = waiting.pop()
        if own not in seen:
            seen.add(own)
            yield own
            waiting += lower.get(own, ())
