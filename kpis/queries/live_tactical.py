"""How the tactical maps fare that show touchpoints of a map in detail: in short, at those touchpoints.

Nothing of their content: who sees the map above need not see those below. Now from the states that are kept;
then, or for a persona, from figures that are judged anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from journeys.queries import Below
from kpis.queries.sql import array, fetch, statement
from kpis.series.exact import encode
from kpis.series.freshness import Freshness
from kpis.series.rollup import roll_up
from kpis.series.status import Status

Tactical = Mapping[uuid.UUID, str]
"""By touchpoint, the members `"tactical": […]` as JSON text."""

NO_TACTICAL: Tactical = {}
_TACTICAL = statement("live_tactical")


class Parts(Protocol):
    """What stands at one element."""

    parts: list[tuple[Status, Freshness]]


def tactical_now(
    workspace_id: uuid.UUID,
    map_id: uuid.UUID,
    floor: Decimal,
    *,
    kpis: Sequence[uuid.UUID] | None = None,
    named: bool = True,
) -> Tactical:
    """Return what is said now of the maps below, each with all that hangs below itself. One statement.

    kpis: those whose figures count (None: all). named: whether the maps' ids are told.
    """
    values = {"workspace": workspace_id, "map": map_id, "kpis": None if kpis is None else array(kpis)}
    rows = fetch(_TACTICAL, values)
    told = (
        (touchpoint, own, zip(statuses or (), freshness or (), strict=True))
        for touchpoint, own, statuses, freshness in rows
    )
    return _told(told, floor, named)


def tactical_judged(
    below: Sequence[Below],
    standings: Mapping[uuid.UUID, Mapping[uuid.UUID | None, Parts]],
    floor: Decimal,
    *,
    named: bool,
) -> Tactical:
    """Return what is said of the maps `below` by what stands on each, by map and element."""
    trees: dict[tuple[uuid.UUID, uuid.UUID], list[tuple[Status, Freshness]]] = {}
    for one in below:
        parts = trees.setdefault((one.touchpoint, one.top), [])
        for standing in standings.get(one.id, {}).values():
            parts += standing.parts
    return _told(((touchpoint, top, parts) for (touchpoint, top), parts in trees.items()), floor, named)


def _told(
    trees: Iterable[tuple[uuid.UUID, uuid.UUID, Iterable[tuple[Status, Freshness]]]],
    floor: Decimal,
    named: bool,
) -> Tactical:
    found: dict[uuid.UUID, list[str]] = {}
    for touchpoint, own, parts in trees:
        rolled = roll_up(parts, floor)
        said = {
            "journey_map": str(own) if named else None,
            "status": rolled.status,
            "worst": rolled.worst,
            "coverage": rolled.coverage,
        }
        found.setdefault(touchpoint, []).append(encode(said).decode())
    return {touchpoint: f'"tactical":[{",".join(maps)}]' for touchpoint, maps in found.items()}
