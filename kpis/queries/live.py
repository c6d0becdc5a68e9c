"""Reads of the live map: its head, and what stands at its elements now."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from kpis.queries.live_json import Standing
from kpis.queries.sql import fetch, statement
from service.errors import NotFound

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEAD = """
SELECT id, last_version, live_revision, archived_at, erasures,
       EXISTS (SELECT FROM journey_map AS below
               WHERE below.workspace_id = map.workspace_id AND below.parent_map_id = map.id
                 AND below.archived_at IS NULL)
FROM journey_map AS map
WHERE workspace_id = %(workspace)s AND"""
_BY_ID = f"{_HEAD} id = %(ref)s::uuid"
_BY_KEY = f"{_HEAD} key = %(ref)s AND archived_at IS NULL"
_STANDINGS = statement("live_standings")
_SHOWN = statement("standings_shown")
_REFRESHED = """
SELECT max(refreshed_at) FROM binding_state
WHERE workspace_id = %(workspace)s AND journey_map_id = ANY(%(maps)s)
"""


@dataclass(frozen=True, slots=True)
class Head:
    """What a conditional request needs to know of a map.

    erasures: how often something was taken out of its versions, which change by nothing else. detailed:
    whether maps below it show touchpoints of it in detail.
    """

    id: uuid.UUID
    last_version: int
    live_revision: int
    archived_at: datetime | None
    erasures: int
    detailed: bool


def head_of(workspace_id: uuid.UUID, ref: str) -> Head:
    """Return the head of the map that an id or key names, by one index read. Raises NotFound."""
    rows = fetch(_BY_ID if _UUID.fullmatch(ref) else _BY_KEY, {"workspace": workspace_id, "ref": ref})
    if not rows:
        raise NotFound(f"There is no journey map {ref!r} here.")
    return Head(*rows[0])


def standings_now(workspace_id: uuid.UUID, map_id: uuid.UUID) -> dict[uuid.UUID | None, Standing]:
    """Return what stands at the map's elements now. One statement, one index range; entries stay text."""
    return {
        element: Standing(entries, list(zip(statuses, freshness, strict=True)), emotions or [])
        for element, entries, statuses, freshness, emotions in fetch(
            _STANDINGS, {"workspace": workspace_id, "map": map_id}
        )
    }


def standings_shown(
    workspace_id: uuid.UUID, map_id: uuid.UUID, kpis: Sequence[uuid.UUID] | None
) -> tuple[dict[uuid.UUID | None, Standing], dict[uuid.UUID | None, datetime]]:
    """Return what stands at the map's elements of these KPIs (None: all), and when it changed last there."""
    standings: dict[uuid.UUID | None, Standing] = {}
    refreshed: dict[uuid.UUID | None, datetime] = {}
    with connection.cursor() as cursor:
        values = {"workspace": workspace_id, "map": map_id, "kpis": None if kpis is None else list(kpis)}
        cursor.execute(_SHOWN, values)
        for element, entries, statuses, freshness, emotions, at in cursor.fetchall():
            standings[element] = Standing(
                entries, list(zip(statuses, freshness, strict=True)), emotions or []
            )
            refreshed[element] = at
    return standings, refreshed


def refreshed_at(workspace_id: uuid.UUID, map_ids: Sequence[uuid.UUID]) -> datetime | None:
    """Return when the state of any binding of the maps was last worked out."""
    found: datetime | None
    with connection.cursor() as cursor:
        cursor.execute(_REFRESHED, {"workspace": workspace_id, "maps": list(map_ids)})
        (found,) = cursor.fetchone()
    return found
