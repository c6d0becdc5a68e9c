"""The workspace's library of personas."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.db.models import QuerySet

from journeys.document.bodies import Manifest, split
from journeys.document.canonical import to_plain
from journeys.document.format import needs_format
from journeys.document.personas import PersonaEntry
from journeys.document.validate import parse_persona
from journeys.models import JourneyMap, Persona
from service.errors import NotFound
from service.resources import by_ref


def personas(workspace_id: uuid.UUID, *, key: str = "", q: str = "") -> QuerySet[Persona, Persona]:
    """Return the unarchived personas; `key` is exact, `q` is part of the name in any case."""
    rows = Persona.objects.filter(workspace_id=workspace_id, archived_at=None)
    if key:
        rows = rows.filter(key=key)
    return rows.filter(name__icontains=q) if q else rows


def persona(workspace_id: uuid.UUID, ref: str) -> Persona:
    """Return the persona that an id or key names; an id finds an archived one too. Raises NotFound."""
    return by_ref(Persona.objects.filter(workspace_id=workspace_id), ref)


def open_persona(workspace_id: uuid.UUID, ref: str) -> Persona:
    """Return an unarchived persona, which alone may change. Raises NotFound."""
    row = persona(workspace_id, ref)
    if row.archived_at is not None:
        raise NotFound(f"The persona was archived at {row.archived_at.isoformat()}.")
    return row


def snapshots(workspace_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, PersonaEntry]:
    """Return those of the unarchived personas as they are now, by id, as a document holds them."""
    rows = personas(workspace_id).filter(id__in=list(ids))
    return {row.id: parse_persona(plain_persona(row)) for row in rows}


def plain_persona(row: Persona) -> dict[str, Any]:
    """Return the persona as a plain entry of a document; what is empty is left out."""
    own = {"id": str(row.id), "key": row.key, "name": row.name, "attributes": row.attributes}
    return {**row.content, **{name: value for name, value in own.items() if value}}


def with_snapshots(manifest: Manifest, library: Mapping[uuid.UUID, PersonaEntry]) -> Manifest:
    """Return a draft with references to these personas replaced by what the library holds."""
    if not library:
        return manifest
    plain: dict[str, Any] = msgspec.json.decode(manifest.root.content)
    needed = [number for entry in library.values() for number in needs_format(entry).values()]
    plain["format"] = max([plain["format"], *needed])
    plain["personas"] = [
        to_plain(library[placed.id])
        if placed.id in library
        else {**msgspec.json.decode(placed.body.content), "id": str(placed.id)}
        for placed in manifest.personas
    ]
    head = split(plain)
    return Manifest(head.root, head.personas, manifest.elements)


def with_references(document: Mapping[str, Any], workspace_id: uuid.UUID) -> dict[str, Any]:
    """Return a plain document as a draft has it: personas that the library still has are only referred to."""
    entries = document.get("personas", ())
    rows = personas(workspace_id).filter(id__in=[entry["id"] for entry in entries])
    known = {str(own) for own in rows.values_list("id", flat=True)} if entries else set()
    found = [{"id": entry["id"]} if entry["id"] in known else entry for entry in entries]
    return {**document, "personas": found} if entries else dict(document)


def maps_in_use(workspace_id: uuid.UUID, persona_id: uuid.UUID) -> list[JourneyMap]:
    """Return the unarchived maps whose drafts refer to the persona."""
    rows = JourneyMap.objects.filter(workspace_id=workspace_id, archived_at=None)
    return list(rows.filter(draft__references__contains=[persona_id]).order_by("created_at", "id")[:10])
