"""Improvements: dated changes to the real journey, and what was known of them when.

An improvement is what it says now. Its terms say what it said before, insert-only: of those recorded by k the
last one counts, so a known-at read draws the markers that were known, by the names that they had.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from journeys.models import JourneyMap
from kpis.models.exact_json import ExactDecoder, ExactEncoder
from kpis.series.effect import standing
from service.models import Resource, Workspace, listing_index, resource_constraints


class Improvement(Resource):
    """ "This was changed in the journey then, at these elements, to move these KPIs."

    effective_at: when the real change took effect; ahead of now it is planned. until: when it was taken back.
    elements: ids of this map's. aims: [{"kpi": id, "labels": {}, "direction": "up" | "down" | null, "by":
    number | null}], the change that is hoped for, `by` in the KPI's unit. links: [{"text", "href"}].
    """

    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=4000, default="")
    effective_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    elements = ArrayField(models.UUIDField(), default=list)
    aims = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    links = models.JSONField(default=list)

    class Meta:
        db_table = "improvement"
        constraints: ClassVar = resource_constraints("improvement")
        indexes: ClassVar = [
            listing_index("improvement"),
            # what is marked on a map
            models.Index(fields=["workspace", "journey_map", "effective_at"], name="improvement_of_map"),
        ]

    def status(self, at: datetime) -> str:
        """Return how it stands at an instant."""
        return standing(self.effective_at, self.until, at)


class ImprovementTerm(models.Model):
    """What an improvement said from `recorded_at` on; archived: that it is there no more. Insert-only."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    improvement = models.ForeignKey(Improvement, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    title = models.CharField(max_length=200)
    effective_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    elements = ArrayField(models.UUIDField())
    aims = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    archived = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "improvement_term"
        indexes: ClassVar = [
            # the terms of a map as known at an instant
            models.Index(
                fields=["workspace", "journey_map", "improvement", "recorded_at"],
                name="improvement_term_of_map",
            ),
        ]
