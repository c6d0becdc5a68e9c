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
from journeys.actions.registration import NO_ORIGINS, Origins, register_elements
from journeys.document.bodies import Body, Manifest
from journeys.models import Draft, JourneyMap
from service.errors import PreconditionFailed

_SQL = Path(__file__).parent / "sql"
_INSERT = (_SQL / "draft_insert.sql").read_text()
_SAVE = (_SQL / "draft_save.sql").read_text()

Parts = Mapping[tuple[str, uuid.UUID], Body]
_LINKS = (b'"continues":', b'"parent_touchpoint":')


def insert_draft(
    *, journey_map: JourneyMap, now: Manifest, origins: Origins = NO_ORIGINS, at: datetime
) -> Draft:
    """Give a new map its draft. Raises IdentityTaken, LimitReached."""
    numbers = register_elements(journey_map=journey_map, now=now, held={}, origins=origins, at=at)
    draft = Draft(journey_map=journey_map, workspace_id=journey_map.workspace_id, updated_at=at)
    return write_draft(draft=draft, now=now, numbers=numbers)


def write_draft(*, draft: Draft, now: Manifest, numbers: Mapping[uuid.UUID, int]) -> Draft:
    """Store a map's first draft; `numbers` are those of its elements, which are registered."""
    _take(draft, now)
    values = _values(draft) | _order(now) | _columns(parts_of(draft, now), numbers)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
    return draft


def save_draft(
    *, draft: Draft, before: Manifest, now: Manifest, origins: Origins = NO_ORIGINS, at: datetime
) -> Draft:
    """Make `now` the content of a locked draft that holds `before`; what changes nothing writes nothing.

    Raises IdentityTaken, LimitReached, PreconditionFailed.
    """
    if now.digest == draft.digest:
        return draft
    held = queries.kinds(before)
    numbers = register_elements(journey_map=draft.journey_map, now=now, held=held, origins=origins, at=at)
    old, new = parts_of(draft, before), parts_of(draft, now)
    changed = {own: body for own, body in new.items() if own not in old or old[own].digest != body.digest}
    gone = [own for own in old if own not in new]
    _take(draft, now)
    draft.updated_at = at
    values = _values(draft) | _columns(changed, numbers)
    values |= {"gone_parts": [part for part, _ in gone], "gone_ids": [own for _, own in gone]}
    # An order that stays is not sent.
    values |= _order(now) if list(old) != list(new) else {"personas": None, "elements": None}
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, values)
        row = cursor.fetchone()
    if row is None:
        raise PreconditionFailed("The map changed meanwhile.")
    draft.revision = row[0]
    return draft


def _take(draft: Draft, now: Manifest) -> None:
    root = queries.outline(now.root)
    draft.digest, draft.format, draft.journey_map.name = now.digest, root.format, root.name
    draft.references = queries.library_references(now)
    draft.links = any(link in body.content for body in now.bodies() for link in _LINKS)


def parts_of(draft: Draft, manifest: Manifest) -> Parts:
    """Return {(part, id): body}; the root goes by the map's id."""
    parts = {("root", draft.journey_map_id): manifest.root}
    parts |= {("persona", placed.id): placed.body for placed in manifest.personas}
    for placed in manifest.elements:
        parts["stage" if placed.parent is None else "touchpoint", placed.id] = placed.body
    return parts


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "workspace": draft.workspace_id,
        "map": draft.journey_map_id,
        "name": draft.journey_map.name,
        "revision": draft.revision,
        "digest": draft.digest,
        "format": draft.format,
        "references": draft.references,
        "links": draft.links,
        "at": draft.updated_at,
    }


def _order(manifest: Manifest) -> dict[str, Any]:
    return {
        "personas": [placed.id for placed in manifest.personas],
        "elements": [placed.id for placed in manifest.elements],
    }


def _columns(parts: Parts, numbers: Mapping[uuid.UUID, int]) -> dict[str, Any]:
    return {
        "parts": [part for part, _ in parts],
        "ids": [own for _, own in parts],
        "numbers": [numbers.get(own) for _, own in parts],
        "digests": [body.digest for body in parts.values()],
        "contents": [body.content for body in parts.values()],
    }
