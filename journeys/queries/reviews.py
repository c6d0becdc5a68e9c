"""What was said of drafts, and what versions are called."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from journeys.models import Draft, JourneyMap, Review, Version, VersionLabels


def reviews_of(journey_map: JourneyMap) -> QuerySet[Review, Review]:
    """Return the reviews of a map's drafts."""
    return Review.objects.filter(workspace_id=journey_map.workspace_id, journey_map=journey_map)


def last_reviews(journey_map: JourneyMap, digest: bytes) -> list[Review]:
    """Return the last review of a content by each credential."""
    rows = reviews_of(journey_map).filter(digest=digest).order_by("created_at", "id")
    return list({row.author_id: row for row in rows}.values())


def hands_before(journey_map: JourneyMap, version: Version) -> frozenset[uuid.UUID]:
    """Return the credentials that changed the draft between the version before the latest and that one."""
    rows = Draft.objects.filter(workspace_id=journey_map.workspace_id, journey_map_id=journey_map.pk)
    hands, since = rows.values_list("hands", "hands_since").get()
    return frozenset(hands if since == version.number - 1 else ())


def labels_of(version: Version, *, lock: bool = False) -> VersionLabels:
    """Return the labels of a version; one that was never labelled has none, at row version 0."""
    rows = VersionLabels.objects.filter(
        workspace_id=version.workspace_id, journey_map_id=version.journey_map_id, number=version.number
    )
    return (rows.select_for_update() if lock else rows).first() or no_labels(version)


def no_labels(version: Version) -> VersionLabels:
    """Return the labels of a version that was never labelled; not stored."""
    return VersionLabels(
        workspace_id=version.workspace_id,
        journey_map_id=version.journey_map_id,
        number=version.number,
        labels=[],
    )


def labelled(journey_map: JourneyMap, label: str) -> QuerySet[VersionLabels, VersionLabels]:
    """Return the labels of those versions of a map that have this one."""
    rows = VersionLabels.objects.filter(workspace_id=journey_map.workspace_id, journey_map=journey_map)
    return rows.filter(labels__contains=[label])
