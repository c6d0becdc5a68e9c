"""Vocabularies: the shipped ones, and the workspace's own, which go before a shipped one of the same key."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from journeys.document.bodies import Manifest, split
from journeys.document.canonical import canonical, to_plain
from journeys.document.shape import WORDING_FORMAT
from journeys.document.shipped import SHIPPED
from journeys.document.used import words_used
from journeys.document.wording import STAGES, VocabularyEntry, kept
from journeys.models import Vocabulary
from service.errors import NotFound
from service.preconditions import etag_of


@dataclass(frozen=True, slots=True)
class Effective:
    """A vocabulary as it holds in a workspace; `row` is None where it is shipped and nobody changed it."""

    entry: VocabularyEntry
    row: Vocabulary | None

    @property
    def origin(self) -> str:
        if self.row is None:
            return "shipped"
        return "overridden" if self.entry.key in SHIPPED else "own"

    @property
    def etag(self) -> str:
        if self.row is not None:
            return etag_of(self.row)
        return f'"s{sha256(canonical(self.entry)).hexdigest()[:16]}"'


def vocabularies(workspace_id: uuid.UUID, *, kind: str = "") -> list[Effective]:
    """Return all that hold: the shipped in their order, changed ones in place, then the workspace's own."""
    rows = {str(row.key): row for row in _rows(workspace_id).order_by("created_at", "id")}
    shipped = [
        Effective(_entry(rows[key]) if key in rows else SHIPPED[key], rows.get(key)) for key in SHIPPED
    ]
    own = [Effective(_entry(row), row) for key, row in rows.items() if key not in SHIPPED]
    return [found for found in (*shipped, *own) if kind in ("", found.entry.kind)]


def vocabulary(workspace_id: uuid.UUID, ref: str) -> Effective:
    """Return the one of that key (or id). Raises NotFound."""
    for found in vocabularies(workspace_id):
        if ref in (found.entry.key, str(found.row.id) if found.row else ""):
            return found
    raise NotFound(f"There is no vocabulary {ref!r} here.")


def stage_words(workspace_id: uuid.UUID, key: str) -> dict[str, str]:
    """Return {word: label} of a vocabulary of stages, in its order; of one that nobody defined, nothing."""
    for found in vocabularies(workspace_id, kind=STAGES):
        if found.entry.key == key:
            return {term.key: term.label for term in found.entry.words}
    return {}


def stages_then(
    workspace_id: uuid.UUID, at: datetime, kept_then: Mapping[str, tuple[datetime, VocabularyEntry]]
) -> dict[str, VocabularyEntry]:
    """Return the vocabularies of stages that held at an instant, by key. One statement.

    No history of them is kept. One that was changed since reads as the version that named it last by then
    kept it; where none did since it was made, as it reads now. kept_then: when that was published, and how
    it reads there.
    """
    found = {key: entry for key, entry in SHIPPED.items() if entry.kind == STAGES}
    rows = Vocabulary.objects.filter(workspace_id=workspace_id, kind=STAGES, created_at__lte=at)
    for row in rows.filter(Q(archived_at=None) | Q(archived_at__gt=at)):
        key = str(row.key)
        found[key] = _entry(row)
        if row.updated_at > at and key in kept_then and kept_then[key][0] >= row.created_at:
            found[key] = kept_then[key][1]
    return found


def own_vocabularies(workspace_id: uuid.UUID) -> dict[str, VocabularyEntry]:
    """Return the workspace's own and changed ones by key."""
    return {str(row.key): _entry(row) for row in _rows(workspace_id)}


def with_wording(manifest: Manifest, own: Mapping[str, VocabularyEntry]) -> Manifest:
    """Return a draft with those of the workspace's words that it uses, as a version keeps them.

    The same object where that changes nothing.
    """
    plain: dict[str, Any] = msgspec.json.decode(manifest.root.content)
    said = tuple(VocabularyEntry.model_validate(entry) for entry in plain.pop("wording", ()))
    words = kept(words_used(manifest), own, SHIPPED, said)
    if words == said:
        return manifest
    if words:
        plain["wording"] = [to_plain(entry) for entry in words]
        plain["format"] = max(plain["format"], WORDING_FORMAT)
    return Manifest(split(plain).root, manifest.personas, manifest.elements)


def _rows(workspace_id: uuid.UUID) -> QuerySet[Vocabulary, Vocabulary]:
    return Vocabulary.objects.filter(workspace_id=workspace_id, archived_at=None)


def _entry(row: Vocabulary) -> VocabularyEntry:
    return VocabularyEntry.model_validate({**row.content, "key": row.key, "kind": row.kind})
