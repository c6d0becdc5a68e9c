"""The library of personas."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from journeys import queries
from journeys.document.canonical import to_plain
from journeys.document.personas import PersonaEntry
from journeys.models import Persona
from service import resources
from service.errors import Conflict
from service.preconditions import IfMatch

MAX_PERSONAS = 1000
# Columns of their own; everything else of the entry is `content`.
_OWN = ("id", "key", "name", "attributes")


class PersonaInUse(Conflict):
    code, title = "in_use", "Drafts refer to this persona."


@transaction.atomic(savepoint=False)
def create_persona(*, workspace_id: uuid.UUID, entry: PersonaEntry, at: datetime) -> Persona:
    """Add a persona to the library. Raises KeyTaken, LimitReached (`personas`)."""
    rows = queries.personas(workspace_id)
    resources.check_limit(rows, workspace_id=workspace_id, name="personas", default=MAX_PERSONAS)
    row = Persona(workspace_id=workspace_id, created_at=at, updated_at=at, **_columns(entry))
    return resources.add(row)


def change_persona(*, persona: Persona, entry: PersonaEntry, expected: IfMatch, at: datetime) -> Persona:
    """Make the persona say what `entry` says; versions keep the snapshots that they have.

    Raises PreconditionFailed, KeyTaken, NotFound (archived meanwhile).
    """
    return resources.change(persona, _columns(entry), expected=expected, at=at)


@transaction.atomic(savepoint=False)
def archive_persona(*, persona: Persona, expected: IfMatch, at: datetime) -> Persona:
    """Take the persona out of the library. Raises PersonaInUse (names the maps), PreconditionFailed."""
    if users := queries.maps_in_use(persona.workspace_id, persona.pk):
        names = ", ".join(f"{row.name!r} ({row.pk})" for row in users)
        raise PersonaInUse(f"The drafts of these maps refer to it: {names}.")
    return resources.archive(persona, expected=expected, at=at)


def _columns(entry: PersonaEntry) -> dict[str, Any]:
    plain = to_plain(entry)
    content = {name: value for name, value in plain.items() if name not in _OWN}
    own = {"key": entry.key or None, "name": entry.name, "attributes": dict(entry.attributes)}
    return own | {"content": content}
