"""What a team settled about how maps are judged as a whole."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from journeys.models import JourneyMap
from service.ids import new_id
from service.models import Workspace

WHOLE = 10_000


class CoverageFloor(models.Model):
    """The share of figures with rules that must be judged for a stage or map to have a status. Insert-only:
    the last row of a map counts, and what was seen before it was settled stays as it was.

    journey_map: None is all maps that settled nothing of their own. floor: in ten-thousandths, None takes it
    back. number: counts from 1 for each map, and for all.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(
        JourneyMap, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    floor = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "coverage_floor"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "journey_map", "number"],
                name="coverage_floor_number",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(floor__lte=WHOLE), name="coverage_floor_share"),
        ]
