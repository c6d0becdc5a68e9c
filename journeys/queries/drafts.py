"""The draft of a map: read as it is, or locked for a change."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from journeys.models import Draft, JourneyMap
from service.errors import NotFound

_LOCK = (Path(__file__).parent / "sql" / "draft_lock.sql").read_text()


def draft_of(journey_map: JourneyMap) -> Draft:
    """Return the draft; `draft_bytes` and `draft_manifest` have its content."""
    return Draft.objects.get(workspace_id=journey_map.workspace_id, journey_map_id=journey_map.pk)


def locked_draft(journey_map: JourneyMap) -> Draft:
    """Return the draft under its row lock; `draft_manifest` knows its personas and elements.

    Whether the map is archived by now is asked when the draft is written. Raises NotFound: it was purged.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"workspace": journey_map.workspace_id, "map": journey_map.pk})
        row = cursor.fetchone()
    if row is None:
        raise NotFound("The map was purged.")
    revision, digest, format, references, links, updated_at = row
    return Draft(
        journey_map=journey_map,
        workspace_id=journey_map.workspace_id,
        revision=revision,
        digest=bytes(digest),
        format=format,
        references=references,
        links=links,
        updated_at=updated_at,
    )


def etag_of_draft(draft: Draft) -> str:
    """Return the ETag of the draft; `Draft.revision` grows with every change."""
    return etag_of_revision(draft.revision)


def etag_of_revision(revision: int) -> str:
    return f'"r{revision}"'
