"""What may be asked of a rendition of the live map, and its drawing."""

from __future__ import annotations

import uuid

from journeys.actions.renditions import Drawing
from journeys.document.validate import parse
from journeys.serializers.renditions import FormIn
from kpis.queries.live import Head, refreshed_at
from kpis.queries.live_asked import Asked
from kpis.queries.live_map import live_map
from kpis.serializers.live import LiveQuery
from kpis.serializers.live_pages import SVG, draw


class LiveRenditionIn(FormIn, LiveQuery):
    """The form of the rendition, and which live map: now, or as of an instant."""


def live_drawing(workspace_id: uuid.UUID, head: Head, asked: Asked) -> Drawing:
    """Return the picture of the live map at this moment. Raises NotFound as `live_map` does."""
    live = live_map(workspace_id, head, asked)
    updated_at = None if asked.instant is not None else refreshed_at(workspace_id, [head.id])
    return Drawing(draw(live, SVG, updated_at=updated_at), "live", parse(live.document).name)
