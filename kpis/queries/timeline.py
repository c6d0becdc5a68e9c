"""The life of a map: everything that happened to it and to what it shows, as one list of moments."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from kpis.queries.sql import fetch, statement
from service.pagination import Place

KINDS: Mapping[str, str] = {
    "map": "created, archived",
    "version": "published, restored",
    "binding": "bound, changed (moved, or called otherwise), archived",
    "finding": "of a KPI that the map showed: opened, reopened, worsened, eased, closed, over, acknowledged, "
    "snoozed, woken",
    "source": "that feeds a KPI of the map: broke, recovered",
    "improvement": "made, withdrawn",
    "figure": "of a KPI of the map: restated, i.e. a settled one was told otherwise",
}
"""Kinds of moments and their changes; more may come."""
_TIMELINE = statement("timeline")
_PUBLISHED = """
SELECT min(published_at) FROM version WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
"""
_told = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. told: by kind, what it was about (kpis/queries/sql/timeline.sql)."""

    created_at: datetime
    pk: uuid.UUID
    kind: str
    change: str
    told: Mapping[str, Any] = field(default_factory=dict)


def moments(
    workspace_id: uuid.UUID,
    map_id: uuid.UUID,
    *,
    since: datetime,
    until: datetime,
    known_at: datetime,
    kinds: Collection[str] | None,
    after: Place | None,
    backwards: bool,
    limit: int,
) -> list[Moment]:
    """Return the moments in [since, until] that were known by known_at, after a place in their order; before
    it, and the last of them first, where `backwards`. One statement."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "map": map_id,
        "since": since,
        "until": until,
        "known_at": known_at,
        "kinds": None if kinds is None else sorted(kinds),
        "after_at": after and after.at,
        "after_id": after and after.id,
        "backwards": backwards,
        "limit": limit,
    }
    return [
        Moment(at, own, kind, change, {} if told is None else _told.decode(told))
        for at, own, kind, change, told in fetch(_TIMELINE, values)
    ]


def first_published(workspace_id: uuid.UUID, map_id: uuid.UUID) -> datetime | None:
    """Return since when the map can be seen as of an instant; None: never yet."""
    found: datetime | None
    [(found,)] = fetch(_PUBLISHED, {"workspace": workspace_id, "map": map_id})
    return found
