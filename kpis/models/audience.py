"""What audiences see of a map, or of many side by side: a saved projection with what it may be asked, and
pinned moments of it.

Its tokens are credentials (kind view_token) whose target is the view.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from journeys.models import JourneyMap
from service.ids import new_id
from service.models import Resource, Workspace, listing_index, resource_constraints


class AudienceView(Resource):
    """`journey_map`: the one that it shows; None: a view of the overview. `shows`: the projection, as
    kpis.queries.audience_shows reads it. `history`: whether as_of, known_at and version may be asked.
    `embed_origins`: whose pages may frame it."""

    journey_map = models.ForeignKey(
        JourneyMap, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    name = models.CharField(max_length=200)
    shows = models.JSONField()
    history = models.BooleanField(default=False)
    embed_origins = models.JSONField(default=list)

    class Meta:
        db_table = "audience_view"
        constraints: ClassVar = resource_constraints("audience_view")
        indexes: ClassVar = [listing_index("audience_view")]


class Snapshot(models.Model):
    """A moment of a view: version, both instants and what the view showed then. Insert-only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    view = models.ForeignKey(AudienceView, models.PROTECT, db_constraint=False, db_index=False)
    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    as_of = models.DateTimeField()
    known_at = models.DateTimeField()
    shows = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "snapshot"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "view", "created_at", "id"], name="snapshot_listing"),
        ]
