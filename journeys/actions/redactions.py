"""Redaction: a thing becomes a tombstone in every version, draft and template of the workspace that holds it.

Bodies are shared by copies, which keep the ids of items; so what is redacted in one map is in all. New bytes
and digests are worked out here, by the pure code; only an owner's function may put them in the place of the
old ones, and it writes the audit row (journeys/migrations/0010_erasure.py, docs/decisions/0023).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from journeys import queries
from journeys.actions.draft_store import parts_of
from journeys.actions.maps import bump_maps
from journeys.document.bodies import Body, Manifest
from journeys.document.redaction import PERSONA, Target, redact, texts_of
from journeys.document.redaction_map import REDACTED
from journeys.models import Draft, JourneyMap, Persona, Redaction, Rendition, Version
from journeys.queries.erasures import Held, erase_alone, held, target_of
from service.credentials import Caller
from service.errors import Conflict, NotFound
from service.events import emit, strip_events
from service.idempotency import void_answers
from service.ids import new_id
from service.kept import forget_kept

_DRAFT = (Path(__file__).parent / "sql" / "draft_redact.sql").read_text()
_REDACT = """
SELECT redact_versions(
  %(id)s, %(item)s, %(kind)s, %(drafts)s::uuid[], %(reason)s, %(author)s, %(author_name)s, %(at)s,
  %(digests)s::bytea[], %(contents)s::bytea[],
  %(versions)s::uuid[], %(version_digests)s::bytea[], %(version_formats)s::int[],
  %(swap_versions)s::uuid[], %(swap_parts)s::text[], %(swap_places)s::int[], %(swap_digests)s::bytea[]
)
"""

_QUOTES = "SELECT redact_quotes(%(texts)s::text[])"


class AlreadyRedacted(Conflict):
    code, title = "already_redacted", "Only the tombstone is left of it."


@dataclass
class _Found:
    """What was met on the way: the kind of the item, its texts, and what the database is to write."""

    kind: str = ""
    texts: set[str] = field(default_factory=set)
    maps: set[uuid.UUID] = field(default_factory=set)
    drafts: list[uuid.UUID] = field(default_factory=list)
    bodies: dict[bytes, bytes] = field(default_factory=dict)
    versions: list[tuple[uuid.UUID, bytes, int]] = field(default_factory=list)
    swaps: list[tuple[uuid.UUID, str, int, bytes]] = field(default_factory=list)


@transaction.atomic(savepoint=False)
def redact_item(
    *, journey_map: JourneyMap, item: str, reason: str, caller: Caller, at: datetime
) -> Redaction:
    """Tombstone what the map holds of that id (or key, of a cluster) in a version or its draft; what it says
    of itself, where the id is its own.

    Raises NotFound, AlreadyRedacted.
    """
    workspace_id = journey_map.workspace_id
    erase_alone(workspace_id)
    target = target_of(journey_map, item)
    places = held(journey_map, target)
    found = _Found()
    maps = {place.journey_map_id for place in places}
    if journey_map.pk in maps:
        # Locks them, and those above them, in the order in which everybody does.
        bump_maps(workspace_id=workspace_id, map_ids=maps)
        for place in places:
            theirs = target.whole and place.journey_map_id != journey_map.pk
            # A copy has words of its own for itself: it loses those that it has from this map.
            aimed = Target(words=frozenset(found.texts)) if theirs else target
            _redact_place(workspace_id, place, aimed, found, at)
    if not found.kind:
        raise NotFound(f"No version of the map, nor its draft, holds {item}.")
    if found.kind == PERSONA:
        _redact_library(workspace_id, target, found, at)
    if target.whole:
        _redact_attributes(journey_map, found)
    if not found.texts:
        raise AlreadyRedacted
    row_id = _record(found, item=item, reason=reason, caller=caller, at=at)
    _erase_traces(workspace_id, found)
    for map_id in sorted(found.maps):
        told = {"journey_map": str(map_id), "redaction": str(row_id), "item": item, "kind": found.kind}
        emit(workspace_id=workspace_id, type="map.item_redacted", data=told, at=at)
    return queries.redaction(workspace_id, row_id)


def _redact_place(workspace_id: uuid.UUID, place: Held, target: Target, found: _Found, at: datetime) -> None:
    if place.version_id is not None:
        kind = _redact_version(Version(id=place.version_id, workspace_id=workspace_id), target, found)
    else:
        kind = _redact_draft(workspace_id, place.journey_map_id, target, found, at)
    if kind is not None:
        found.kind = found.kind or kind
        found.maps.add(place.journey_map_id)


def _redact_version(version: Version, target: Target, found: _Found) -> str | None:
    was = queries.version_manifest(version)
    done = redact(was, target)
    if done.manifest.digest == was.digest:
        return done.kind
    found.texts |= done.texts
    found.versions.append((version.id, done.manifest.digest, queries.outline(done.manifest.root).format))
    for part, place, body in _swapped(was, done.manifest):
        found.bodies[body.digest] = body.content
        found.swaps.append((version.id, part, place, body.digest))
    return done.kind


def _swapped(was: Manifest, now: Manifest) -> Iterable[tuple[str, int, Body]]:
    """Yield (part, place, new body) of what differs; redaction moves nothing."""
    if was.root.digest != now.root.digest:
        yield "root", 0, now.root
    for part, old, new in (("persona", was.personas, now.personas), ("element", was.elements, now.elements)):
        for place, (before, after) in enumerate(zip(old, new, strict=True), 1):
            if before.body.digest != after.body.digest:
                yield part, place, after.body


def _redact_draft(
    workspace_id: uuid.UUID, map_id: uuid.UUID, target: Target, found: _Found, at: datetime
) -> str | None:
    draft = Draft.objects.get(workspace_id=workspace_id, journey_map_id=map_id)
    was = queries.draft_manifest(draft)
    done = redact(was, target)
    if done.manifest.digest == was.digest:
        return done.kind
    found.texts |= done.texts
    found.drafts.append(map_id)
    old = parts_of(draft, was)
    changed = {
        own: body for own, body in parts_of(draft, done.manifest).items() if body.digest != old[own].digest
    }
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "map": map_id,
        "name": queries.outline(done.manifest.root).name,
        "digest": done.manifest.digest,
        "format": queries.outline(done.manifest.root).format,
        "at": at,
        "parts": [part for part, _ in changed],
        "ids": [own for _, own in changed],
        "digests": [body.digest for body in changed.values()],
        "contents": [body.content for body in changed.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_DRAFT, values)
    return done.kind


def _redact_library(workspace_id: uuid.UUID, target: Target, found: _Found, at: datetime) -> None:
    """The next publish would bring it back: the library's persona loses what its snapshots lose."""
    rows = Persona.objects.select_for_update()
    row = rows.filter(workspace_id=workspace_id, id__in=target.ids).first()
    if row is None or row.name == REDACTED:
        return
    found.texts |= set(texts_of({**queries.plain_persona(row), "id": ""}))
    row.name, row.content, row.attributes = REDACTED, {}, {}
    row.row_version += 1
    row.updated_at = at
    row.save(update_fields=["name", "content", "attributes", "row_version", "updated_at"])


def _redact_attributes(journey_map: JourneyMap, found: _Found) -> None:
    """Labels that clients put at the map itself go with its words; its name follows its draft."""
    rows = JourneyMap.objects.filter(workspace_id=journey_map.workspace_id, pk=journey_map.pk)
    attributes = rows.values_list("attributes", flat=True).get()
    if attributes:
        found.texts |= set(attributes.values())
        found.maps.add(journey_map.pk)
        rows.update(attributes={})


def _record(found: _Found, *, item: str, reason: str, caller: Caller, at: datetime) -> uuid.UUID:
    row_id = new_id()
    values: dict[str, Any] = {
        "id": row_id,
        "item": item,
        "kind": found.kind,
        "drafts": sorted(found.drafts),
        "reason": reason,
        "author": caller.credential_id,
        "author_name": caller.name,
        "at": at,
        "digests": list(found.bodies),
        "contents": list(found.bodies.values()),
        **_columns(found.versions, "versions", "version_digests", "version_formats"),
        **_columns(found.swaps, "swap_versions", "swap_parts", "swap_places", "swap_digests"),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REDACT, values)
        cursor.execute(_QUOTES, {"texts": sorted(found.texts)})
        found.maps.update(map_id for (map_id,) in cursor.fetchall())
    return row_id


def _columns(rows: list[Any], *names: str) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def count_erasure(*, workspace_id: uuid.UUID, map_ids: Iterable[uuid.UUID]) -> None:
    """Say that something that these maps showed is gone for good, from answers about their past as well."""
    rows = JourneyMap.objects.filter(workspace_id=workspace_id, id__in=sorted(map_ids))
    rows.update(erasures=F("erasures") + 1)


def _erase_traces(workspace_id: uuid.UUID, found: _Found) -> None:
    """Erase what was made of it: pictures, answers, events; what is kept here, and what others hold of it."""
    Rendition.objects.filter(workspace_id=workspace_id, journey_map_id__in=found.maps).delete()
    strip_events(workspace_id=workspace_id, texts=found.texts)
    void_answers(workspace_id=workspace_id)
    transaction.on_commit(forget_kept)
    count_erasure(workspace_id=workspace_id, map_ids=found.maps)
    bump_maps(workspace_id=workspace_id, map_ids=found.maps)
