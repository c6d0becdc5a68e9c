"""Published versions: by number, by id, the latest, and the one as of an instant."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from django.db.models import F, Q, QuerySet

from journeys.models import JourneyMap, Version
from service.errors import NotFound
from service.sql import fetch

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LATEST = "latest"
_COLUMNS = tuple(
    field.attname
    for field in Version._meta.concrete_fields
    if field.attname not in ("elements", "bodies", "personas", "persona_ids", "root_body")
)
_FROM = (
    f"SELECT {', '.join(_COLUMNS)} FROM version "  # noqa: S608 (names of columns)
    "WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s "
)
_NUMBERED = _FROM + "AND number = %(number)s::int"
_BY_ID = _FROM + "AND id = %(id)s"
_LAST = _FROM + "ORDER BY number DESC LIMIT 1"


def versions_of(journey_map: JourneyMap) -> QuerySet[Version, Version]:
    """Return the map's versions without their manifests; `created_at` stands for `published_at` in lists."""
    return _versions(journey_map.workspace_id, journey_map.pk).annotate(created_at=F("published_at"))


def version_of(journey_map: JourneyMap, ref: str) -> Version:
    """Return the version that a number, an id or `latest` names. Raises NotFound."""
    if ref == LATEST:
        found = latest_version(journey_map)
    elif _NUMBER.fullmatch(ref):
        found = _one(journey_map, _NUMBERED, number=int(ref))
    elif _UUID.fullmatch(ref):
        found = _one(journey_map, _BY_ID, id=uuid.UUID(ref))
    else:
        found = None
    if found is None:
        raise NotFound(f"The map has no version {ref!r}.")
    return found


def version_at(journey_map: JourneyMap, ref: str, at: datetime) -> Version:
    """Return the version that a number, an id or `latest` named at an instant. Raises NotFound."""
    if ref == LATEST:
        found = version_as_of(journey_map.workspace_id, journey_map.pk, at)
    else:
        found = version_of(journey_map, ref)
    archived = journey_map.archived_at is not None and journey_map.archived_at <= at
    if found is None or found.published_at > at or archived:
        raise NotFound(f"The map had no version {ref!r} then.")
    return found


def latest_version(journey_map: JourneyMap) -> Version | None:
    """Return the version published last, None for a map that never was."""
    return _one(journey_map, _LAST)


def version_numbered(version: Version, number: int) -> Version:
    """Return another version of the same map, without its manifest."""
    return _versions(version.workspace_id, version.journey_map_id).get(number=number)


def version_as_of(workspace_id: uuid.UUID, map_id: uuid.UUID, at: datetime) -> Version | None:
    """Return the version that was the latest at that instant.

    None before the first one, and from the instant on at which the map was archived.
    """
    alive = Q(journey_map__archived_at=None) | Q(journey_map__archived_at__gt=at)
    rows = _versions(workspace_id, map_id).filter(alive, published_at__lte=at)
    return rows.order_by("-published_at", "-number").first()


def _one(journey_map: JourneyMap, sql: str, **values: object) -> Version | None:
    """Return a version without its manifest; the way of reads that are made most, past the ORM's planning."""
    rows = fetch(sql, {"workspace": journey_map.workspace_id, "map": journey_map.pk, **values})
    return Version.from_db("default", _COLUMNS, rows[0]) if rows else None


def _versions(workspace_id: uuid.UUID, map_id: uuid.UUID) -> QuerySet[Version, Version]:
    rows = Version.objects.filter(workspace_id=workspace_id, journey_map_id=map_id)
    return rows.defer("elements", "bodies", "personas", "persona_ids", "root_body")
