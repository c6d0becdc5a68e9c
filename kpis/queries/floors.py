"""How much must be judged for a stage or map to have a status: as settled for a map, else for all maps."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kpis.models.judgement import WHOLE, CoverageFloor
from kpis.queries.sql import fetch, statement
from kpis.series.exact import plain
from kpis.series.rollup import FLOOR

_FLOORS = statement("coverage_floors")


@dataclass(frozen=True, slots=True)
class Floors:
    """settled: by map, None is the workspace; a floor that was taken back is None. Shares, 0 to 1."""

    settled: Mapping[uuid.UUID | None, Decimal | None]

    def of(self, map_id: uuid.UUID | None) -> Decimal:
        """Return the floor in force for a map; None: where a map settled none."""
        found = (self.settled.get(place) for place in (map_id, None))
        return next((floor for floor in found if floor is not None), FLOOR)


def floors(workspace_id: uuid.UUID, *, at: datetime | None = None) -> Floors:
    """Return what is settled, or was by an instant. One statement."""
    rows = fetch(_FLOORS, {"workspace": workspace_id, "at": at})
    return Floors({map_id: share_of(floor) for map_id, floor in rows})


def share_of(floor: int | None) -> Decimal | None:
    """Return a stored floor as a share, 0 to 1."""
    return None if floor is None else plain(Decimal(floor) / WHOLE)


def floor_row(workspace_id: uuid.UUID, map_id: uuid.UUID | None) -> CoverageFloor | None:
    """Return what was settled last for a map, or for the workspace (None)."""
    rows = CoverageFloor.objects.filter(workspace_id=workspace_id, journey_map_id=map_id)
    return rows.order_by("-number").first()
