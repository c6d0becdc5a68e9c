"""What share must be judged for a stage or map to have a status: settled for a map, or for the workspace."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from journeys import queries as journeys
from journeys.actions.maps import bump_maps
from kpis.models.judgement import WHOLE, CoverageFloor
from kpis.queries.floors import floor_row
from service.preconditions import IfMatch
from service.tenancy import advisory_lock


def etag_of_floor(row: CoverageFloor | None) -> str:
    """Return the ETag of what is settled; None: nothing yet."""
    return f'"r{row.number if row else 0}"'


@transaction.atomic(savepoint=False)
def settle_floor(
    *,
    workspace_id: uuid.UUID,
    map_id: uuid.UUID | None,
    floor: Decimal | None,
    expected: IfMatch,
    at: datetime,
) -> CoverageFloor | None:
    """Settle a share, 0 to 1, from now on; None takes it back. The same again changes nothing.

    Raises PreconditionFailed. map_id: None is all maps that settle nothing of their own.
    """
    advisory_lock("coverage_floor", workspace_id)
    row = floor_row(workspace_id, map_id)
    expected.check(etag_of_floor(row))
    stored = None if floor is None else round(floor * WHOLE)
    if stored == (row.floor if row else None):
        return row
    number = row.number + 1 if row else 1
    changed = CoverageFloor.objects.create(
        workspace_id=workspace_id, journey_map_id=map_id, floor=stored, number=number, created_at=at
    )
    maps = [map_id] if map_id else journeys.journey_maps(workspace_id).values_list("id", flat=True)
    bump_maps(workspace_id=workspace_id, map_ids=maps)
    return changed
