"""Reads of renditions: never the picture itself where only its state is asked for."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import IntegerField
from django.db.models.functions import Length

from journeys.models import JourneyMap, Rendition
from service.errors import NotFound


def rendition(journey_map: JourneyMap, rendition_id: uuid.UUID, at: datetime) -> Rendition:
    """Return a rendition that is not over at `at`, with `size` in place of its content. Raises NotFound."""
    rows = Rendition.objects.filter(
        workspace_id=journey_map.workspace_id, journey_map_id=journey_map.id, expires_at__gt=at
    )
    found = (
        rows.filter(pk=rendition_id)
        .annotate(size=Length("content", output_field=IntegerField()))
        .defer("content", "drawing")
        .first()
    )
    if found is None:
        raise NotFound("There is no such rendition; they are kept for a day. Ask for a new one.")
    return found
