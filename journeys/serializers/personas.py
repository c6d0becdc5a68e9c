"""Personas of the library."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from journeys.document.patch import apply_merge_patch
from journeys.document.personas import PersonaEntry, PersonaProfile
from journeys.document.validate import parse_persona
from journeys.document.words import Key, Name
from journeys.models import Persona as Row
from journeys.queries import plain_persona
from journeys.serializers.shapes import (
    Etag,
    ShownId,
    ShownInstant,
    ShownInstantOrNull,
    members,
    page_shape,
    read,
)
from service.errors import Issue, ValidationProblem
from service.fields import Slug, StrictChar
from service.resources import shown_resource
from service.serializers import READ_ONLY, PageQuery


class PersonaQuery(PageQuery):
    key = Slug(required=False, help_text="Just the persona with this key.")
    q = StrictChar(required=False, max_length=200, help_text="Part of the name, in any case.")


class Persona(PersonaProfile):
    """An archetype in the workspace's library; drafts refer to it by id, versions hold a snapshot."""

    id: ShownId = None
    key: Annotated[Key, Field(description="Unique in the workspace; accepted wherever an id is.")] = ""
    name: Name = Field(description="What the persona is called: 1 to 200 characters.")
    etag: Etag = ""
    created_at: ShownInstant = None
    updated_at: ShownInstant = None
    archived_at: ShownInstantOrNull = None


PersonaPage = page_shape(Persona)


def persona_in(raw: Any) -> PersonaEntry:
    """Return the entry that a body describes. Raises ValidationProblem with every issue."""
    read(Persona, raw)
    return parse_persona({name: value for name, value in members(raw).items() if name not in READ_ONLY})


def persona_change_in(row: Row, patch: Any) -> PersonaEntry:
    """Return the entry after a merge patch. Raises ValidationProblem."""
    if not isinstance(patch, dict):
        raise ValidationProblem([Issue("", "not_an_object", "A merge patch is a JSON object.")])
    return persona_in(apply_merge_patch(plain_persona(row), patch))


def persona_out(row: Row) -> dict[str, Any]:
    """Return the persona; of its own members what is empty is left out, as in a document."""
    shown = {**plain_persona(row), **shown_resource(row)}
    return shown if row.key else {name: value for name, value in shown.items() if name != "key"}
