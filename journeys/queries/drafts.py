"""The draft of a map: read as it is, or locked for a change."""

from __future__ import annotations

from django.db.models import QuerySet

from journeys.models import Draft, JourneyMap


def draft_of(journey_map: JourneyMap) -> Draft:
    """Return the draft; `draft_bytes` and `draft_manifest` have its content."""
    return _rows(journey_map).get()


def locked_draft(journey_map: JourneyMap) -> Draft:
    """Return the draft under its row lock. Whether the map is archived now is asked when it is written."""
    draft = _rows(journey_map).select_for_update().get()
    draft.digest = bytes(draft.digest)
    draft.journey_map = journey_map
    return draft


def etag_of_draft(draft: Draft) -> str:
    """Return the ETag of the draft; `Draft.revision` grows with every change."""
    return f'"r{draft.revision}"'


def _rows(journey_map: JourneyMap) -> QuerySet[Draft, Draft]:
    return Draft.objects.filter(workspace_id=journey_map.workspace_id, journey_map_id=journey_map.pk)
