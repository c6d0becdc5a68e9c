"""How the tactical maps fare that show touchpoints of a map in detail: in short, at those touchpoints.

Nothing of their content: who sees the map above need not see those below.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal

from kpis.queries.sql import fetch, statement
from kpis.series.exact import encode
from kpis.series.rollup import roll_up

Tactical = Mapping[uuid.UUID, str]
"""By touchpoint, the members `"tactical": […]` as JSON text."""

_TACTICAL = statement("live_tactical")


def tactical_now(workspace_id: uuid.UUID, map_id: uuid.UUID, floor: Decimal) -> Tactical:
    """Return what is said now of the maps below, each with all that hangs below itself. One statement."""
    found: dict[uuid.UUID, list[str]] = {}
    for touchpoint, own, statuses, freshness in fetch(_TACTICAL, {"workspace": workspace_id, "map": map_id}):
        rolled = roll_up(zip(statuses or (), freshness or (), strict=True), floor)
        said = {
            "journey_map": str(own),
            "status": rolled.status,
            "worst": rolled.worst,
            "coverage": rolled.coverage,
        }
        found.setdefault(touchpoint, []).append(encode(said).decode())
    return {touchpoint: f'"tactical":[{",".join(maps)}]' for touchpoint, maps in found.items()}
