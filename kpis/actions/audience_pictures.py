"""PNG and PDF for audiences: a worker makes them from the drawing that the view shows anyway.

Of a view that lives a new one is made at most every quarter of an hour, so that an audience that asks all day
keeps no worker busy; of a snapshot, which does not change, it is always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from journeys.actions.renditions import Drawing, Form, request_rendition
from journeys.models import JourneyMap, Rendition
from journeys.render.typeset import size_of
from kpis.queries.audience import Subject

FRESH = timedelta(minutes=15)
SCALE = 2.0
Kind = Literal["png", "pdf"]


def picture_of(
    *,
    journey_map: JourneyMap,
    subject: Subject,
    kind: Kind,
    draw: Callable[[], tuple[bytes, str]],
    at: datetime,
) -> Rendition:
    """Return the picture of a view or snapshot, made or being made. draw: its SVG and its title.

    Raises what `request_rendition` raises.
    """
    # A view that was changed is another subject: no picture outlives what its view may show.
    name = f"seen-{subject.id}-{subject.row_version}"
    if subject.pinned is None:
        rows = Rendition.objects.filter(
            workspace_id=journey_map.workspace_id,
            journey_map_id=journey_map.id,
            subject=name,
            format=kind,
            refusal="",
            created_at__gt=at - FRESH,
        )
        if (recent := rows.order_by("-created_at").first()) is not None:
            return recent
    svg, title = draw()
    form = Form(kind, min(SCALE, size_of(svg).largest_scale()) if kind == "png" else None)
    drawing = Drawing(svg, name, title)
    return request_rendition(journey_map=journey_map, drawing=drawing, form=form, at=at)
