"""The draft: written whole, by patch, or discarded. One writer at a time, and never over what it did not see.

Every change happens under the draft's row lock and is a conditional update besides: revision n becomes
n + 1 or nothing happens. What changes nothing writes nothing and keeps the ETag.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from journeys import queries
from journeys.actions.registration import register_elements
from journeys.document.canonical import canonical
from journeys.document.format import lost_by
from journeys.document.minting import persona_references, with_ids
from journeys.document.patch import apply_json_patch, apply_merge_patch
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.models import Draft, JourneyMap
from service.errors import Conflict, Issue, PreconditionFailed, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch

_SAVE = """
WITH saved AS (
  UPDATE draft SET document = %(document)s, personas = %(personas)s::uuid[], based_on = %(based_on)s,
         revision = revision + 1, updated_at = %(at)s
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND revision = %(revision)s
  RETURNING revision
)
UPDATE journey_map SET name = %(name)s, row_version = row_version + 1, updated_at = %(at)s
FROM saved WHERE workspace_id = %(workspace)s AND id = %(map)s
RETURNING saved.revision
"""


class FormatTooOld(Conflict):
    """409: the writer's format lacks members that the stored draft fills; `issues` names them."""

    code, title = "format_too_old", "The draft holds what this format does not know."


class NeverPublished(Conflict):
    code, title = "never_published", "The map has no version to go back to."


def representation(draft: Draft) -> bytes:
    """Return the draft as it is shown: the canonical document with a read-only `etag` before the rest."""
    etag = msgspec.json.encode(queries.etag_of_draft(draft))
    return b'{"etag":' + etag + b"," + bytes(draft.document)[1:]


@transaction.atomic(savepoint=False)
def replace_draft(
    *, journey_map: JourneyMap, raw: Mapping[str, Any], expected: IfMatch | None = None, at: datetime
) -> Draft:
    """Make `raw` the document, ids minted where it has none; `etag` in it is passed over.

    Raises InvalidDocument, FormatTooOld, IdentityTaken, PreconditionFailed.
    """
    draft = locked(journey_map, expected)
    return _write(draft, raw, at=at)


@transaction.atomic(savepoint=False)
def merge_draft(
    *, journey_map: JourneyMap, patch: Any, expected: IfMatch | None = None, at: datetime
) -> Draft:
    """Apply an RFC 7396 merge patch to what `representation` shows. Raises as `replace_draft`."""
    draft = locked(journey_map, expected)
    if not isinstance(patch, dict):
        raise ValidationProblem([Issue("", "not_an_object", "A merge patch is a JSON object.")])
    return _write(draft, apply_merge_patch(_shown(draft), patch), at=at)


@transaction.atomic(savepoint=False)
def patch_draft(
    *, journey_map: JourneyMap, operations: Any, expected: IfMatch | None = None, at: datetime
) -> Draft:
    """Apply an RFC 6902 patch, all or nothing, to what `representation` shows.

    Raises InvalidPatch, TestFailed, TooLarge, and as `replace_draft`.
    """
    draft = locked(journey_map, expected)
    return _write(draft, apply_json_patch(_shown(draft), operations), at=at)


@transaction.atomic(savepoint=False)
def discard_draft(*, journey_map: JourneyMap, expected: IfMatch | None = None, at: datetime) -> Draft:
    """Go back to the version published last. Personas that the library still has are referred to again.

    Raises NeverPublished, PreconditionFailed.
    """
    draft = locked(journey_map, expected)
    version = queries.latest_version(draft.journey_map)
    if version is None:
        raise NeverPublished
    document = parse(queries.version_bytes(version))
    known = queries.personas(journey_map.workspace_id).filter(id__in=version.persona_ids)
    library = set(known.values_list("id", flat=True))
    entries = tuple(PersonaEntry(id=p.id) if p.id in library else p for p in document.personas)
    draft.based_on = version.number
    return save_draft(draft=draft, document=document.model_copy(update={"personas": entries}), at=at)


def save_draft(*, draft: Draft, document: Document, at: datetime) -> Draft:
    """Write a valid document with ids into a locked draft; the caller's transaction ends the lock.

    Raises IdentityTaken, PreconditionFailed.
    """
    content = canonical(document)
    stored = bytes(draft.document)
    if content == stored:
        return draft
    now = queries.outline(content)
    before = queries.outline(stored)
    register_elements(journey_map=draft.journey_map, before=before, now=now, at=at)
    personas = list(persona_references(document))
    values = {
        "document": content,
        "personas": personas,
        "based_on": draft.based_on,
        "at": at,
        "workspace": draft.workspace_id,
        "map": draft.journey_map_id,
        "revision": draft.revision,
        "name": document.name,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, values)
        row = cursor.fetchone()
    if row is None:
        raise PreconditionFailed("The draft changed meanwhile.")
    draft.document, draft.personas, draft.revision, draft.updated_at = content, personas, row[0], at
    draft.journey_map.name = document.name
    return draft


def locked(journey_map: JourneyMap, expected: IfMatch | None) -> Draft:
    """Return the draft under its lock, as `expected` knows it. Raises PreconditionFailed, NotFound."""
    draft = queries.locked_draft(journey_map)
    if expected is not None:
        expected.check(queries.etag_of_draft(draft))
    return draft


def minted(raw: Mapping[str, Any]) -> Document:
    """Return the document of raw JSON with an id on everything. Raises InvalidDocument."""
    plain = {name: value for name, value in raw.items() if name != "etag"}
    return with_ids(parse(plain), new_id)


def _write(draft: Draft, raw: Any, *, at: datetime) -> Draft:
    if not isinstance(raw, Mapping):
        raise ValidationProblem([Issue("", "not_an_object", "A document is a JSON object.")])
    document = minted(raw)
    _refuse_loss(draft, document.format)
    return save_draft(draft=draft, document=document, at=at)


def _refuse_loss(draft: Draft, sent_format: int) -> None:
    """Refuse a writer that could not know all that it would overwrite."""
    if queries.outline(bytes(draft.document)).format <= sent_format:
        return
    lost = lost_by(parse(bytes(draft.document)), sent_format)
    issues = [Issue(where, "newer_format", f"Needs format {needed}.") for where, needed in lost.items()]
    if issues:
        raise FormatTooOld(f"You sent format {sent_format}.", issues=issues)


def _shown(draft: Draft) -> dict[str, Any]:
    return msgspec.json.decode(representation(draft), type=dict[str, Any])
