"""The draft: written whole, by patch, or discarded. One writer at a time, and never over what it did not see.

What changes nothing writes nothing and keeps the ETag, so a GET's bytes can always be sent back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from journeys import queries
from journeys.actions.draft_store import save_draft
from journeys.document.bodies import Manifest, assemble, split
from journeys.document.format import lost_by
from journeys.document.minting import with_ids
from journeys.document.patch import apply_json_patch, apply_merge_patch
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.models import Draft, JourneyMap, Version
from service.errors import Conflict, Issue, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch


class FormatTooOld(Conflict):
    """409: the writer's format lacks members that the stored draft fills; `issues` names them."""

    code, title = "format_too_old", "The draft holds what this format does not know."


class NeverPublished(Conflict):
    code, title = "never_published", "The map has no version to go back to."


def representation(draft: Draft) -> bytes:
    """Return the draft as it is shown: the canonical document with a read-only `etag` before the rest."""
    content = queries.draft_bytes(draft)
    return b'{"etag":' + msgspec.json.encode(queries.etag_of_draft(draft)) + b"," + content[1:]


@transaction.atomic(savepoint=False)
def replace_draft(
    *, journey_map: JourneyMap, raw: Mapping[str, Any], expected: IfMatch | None = None, at: datetime
) -> Draft:
    """Make `raw` the document, ids minted where it has none; `etag` in it is passed over.

    Raises InvalidDocument, FormatTooOld, IdentityTaken, PreconditionFailed.
    """
    document = _document(raw)
    return _write(locked(journey_map, expected), document, at=at)


@transaction.atomic(savepoint=False)
def merge_draft(
    *, journey_map: JourneyMap, patch: Any, expected: IfMatch | None = None, at: datetime
) -> Draft:
    """Apply an RFC 7396 merge patch to what `representation` shows. Raises as `replace_draft`."""
    draft = locked(journey_map, expected)
    if not isinstance(patch, dict):
        raise ValidationProblem([Issue("", "not_an_object", "A merge patch is a JSON object.")])
    shown = msgspec.json.decode(representation(draft))
    return _write(draft, _document(apply_merge_patch(shown, patch)), at=at)


@transaction.atomic(savepoint=False)
def patch_draft(
    *, journey_map: JourneyMap, operations: Any, expected: IfMatch | None = None, at: datetime
) -> Draft:
    """Apply an RFC 6902 patch, all or nothing, to what `representation` shows.

    Raises InvalidPatch, TestFailed, TooLarge, and as `replace_draft`.
    """
    draft = locked(journey_map, expected)
    shown = msgspec.json.decode(representation(draft))
    return _write(draft, _document(apply_json_patch(shown, operations)), at=at)


@transaction.atomic(savepoint=False)
def discard_draft(*, journey_map: JourneyMap, expected: IfMatch | None = None, at: datetime) -> Draft:
    """Go back to the version published last. Personas that the library still has are referred to again.

    Raises NeverPublished, PreconditionFailed.
    """
    draft = locked(journey_map, expected)
    version = queries.latest_version(draft.journey_map)
    if version is None:
        raise NeverPublished
    return draw_back(draft, version, at=at)


def draw_back(draft: Draft, version: Version, *, at: datetime) -> Draft:
    """Make a version of its map the content of a locked draft, personas of the library by reference."""
    plain = msgspec.json.decode(queries.version_bytes(version))
    now = split(parse(queries.with_references(plain, draft.workspace_id)))
    return save_draft(draft=draft, before=queries.draft_manifest(draft), now=now, at=at)


def locked(journey_map: JourneyMap, expected: IfMatch | None) -> Draft:
    """Return the draft under its lock, as `expected` knows it. Raises PreconditionFailed, NotFound."""
    draft = queries.locked_draft(journey_map)
    if expected is not None:
        expected.check(queries.etag_of_draft(draft))
    return draft


def _document(raw: Any) -> Document:
    if not isinstance(raw, Mapping):
        raise ValidationProblem([Issue("", "not_an_object", "A document is a JSON object.")])
    return with_ids(parse({name: value for name, value in raw.items() if name != "etag"}), new_id)


def _write(draft: Draft, document: Document, *, at: datetime) -> Draft:
    before = queries.draft_manifest(draft)
    refuse_loss(before, document)
    return save_draft(draft=draft, before=before, now=split(document), at=at)


def refuse_loss(before: Manifest, sent: Document) -> None:
    """Refuse a writer that could not know all that it would overwrite."""
    if queries.outline(before.root).format <= sent.format:
        return
    lost = lost_by(parse(assemble(before)), sent.format)
    if lost:
        issues = [Issue(where, "newer_format", f"Needs format {needed}.") for where, needed in lost.items()]
        raise FormatTooOld(f"You sent format {sent.format}.", issues=issues)
