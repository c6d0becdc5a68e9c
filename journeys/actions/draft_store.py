"""How a draft is written: only the bodies that differ, and the order of all.

Under the draft's row lock, and a conditional update besides: revision n becomes n + 1 or nothing happens.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from journeys import queries
from journeys.actions.registration import register_elements
from journeys.document.bodies import Body, Manifest
from journeys.models import Draft, JourneyMap
from service.errors import PreconditionFailed

_SQL = Path(__file__).parent / "sql"
_INSERT = (_SQL / "draft_insert.sql").read_text()
_SAVE = (_SQL / "draft_save.sql").read_text()

Parts = Mapping[uuid.UUID, tuple[str, Body]]


def insert_draft(*, journey_map: JourneyMap, now: Manifest, at: datetime) -> Draft:
    """Give a new map its draft. Raises IdentityTaken, LimitReached."""
    register_elements(journey_map=journey_map, before=None, now=now, at=at)
    draft = Draft(journey_map=journey_map, workspace_id=journey_map.workspace_id, updated_at=at)
    _take(draft, now)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, _values(draft) | _columns(_parts(journey_map.pk, now)))
    return draft


def save_draft(*, draft: Draft, before: Manifest, now: Manifest, at: datetime) -> Draft:
    """Make `now` the content of a locked draft that holds `before`; what changes nothing writes nothing.

    Raises IdentityTaken, LimitReached, PreconditionFailed.
    """
    if now.digest == before.digest:
        return draft
    register_elements(journey_map=draft.journey_map, before=before, now=now, at=at)
    old, new = _parts(draft.journey_map_id, before), _parts(draft.journey_map_id, now)
    changed = {own: part for own, part in new.items() if old.get(own) != part}
    _take(draft, now)
    draft.updated_at = at
    values = _values(draft) | _columns(changed) | {"gone": [own for own in old if own not in new]}
    draft.journey_map.name = values["name"] = queries.outline(now.root).name
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, values)
        row = cursor.fetchone()
    if row is None:
        raise PreconditionFailed("The draft changed meanwhile.")
    draft.revision = row[0]
    return draft


def _take(draft: Draft, now: Manifest) -> None:
    draft.digest = now.digest
    draft.personas = [placed.id for placed in now.personas]
    draft.elements = [placed.id for placed in now.elements]
    draft.references = queries.library_references(now)


def _parts(map_id: uuid.UUID, manifest: Manifest) -> Parts:
    """Return {id: (part, body)}; the root goes by the map's id."""
    parts = {map_id: ("root", manifest.root)}
    parts |= {placed.id: ("persona", placed.body) for placed in manifest.personas}
    for placed in manifest.elements:
        parts[placed.id] = "stage" if placed.parent is None else "touchpoint", placed.body
    return parts


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "workspace": draft.workspace_id,
        "map": draft.journey_map_id,
        "revision": draft.revision,
        "digest": draft.digest,
        "personas": draft.personas,
        "elements": draft.elements,
        "references": draft.references,
        "based_on": draft.based_on,
        "at": draft.updated_at,
    }


def _columns(parts: Parts) -> dict[str, Any]:
    return {
        "ids": list(parts),
        "parts": [part for part, _ in parts.values()],
        "digests": [body.digest for _, body in parts.values()],
        "contents": [body.content for _, body in parts.values()],
    }
