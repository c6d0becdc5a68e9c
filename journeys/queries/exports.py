"""What an export shows: a moment of a map, by default what was published last."""

from __future__ import annotations

from datetime import datetime

from journeys.models import JourneyMap
from journeys.queries.moments import NOTHING, Moment, draft_moment, latest_moment, moment
from service.errors import Issue, ValidationProblem


def exported(journey_map: JourneyMap, ref: str, *, at: datetime) -> Moment:
    """Return what `ref` names of this map (see `moments`); "" is the latest version, or the draft of a map
    that was never published. Raises NotFound, ValidationProblem."""
    if not ref:
        found = latest_moment(journey_map)
        return found if found.version else draft_moment(journey_map)
    if "@" in ref or ref == NOTHING:
        detail = "Use a version's number or id, latest, draft, or an instant such as 2026-11-21T09:00:00Z."
        raise ValidationProblem([Issue("/version", "invalid_moment", detail)])
    return moment(journey_map, ref, at=at, pointer="/version")
