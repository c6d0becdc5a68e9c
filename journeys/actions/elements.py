"""One stage or touchpoint of the draft at a time: add, change, remove, move.

The element's ETag is the hash of its subtree, compared under the draft's lock: whoever edits another
element of the same draft is in nobody's way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from journeys import queries
from journeys.actions.draft_store import save_draft
from journeys.actions.drafts import locked
from journeys.actions.registration import IdentityTaken
from journeys.actions.skeleton import Outcome, changed_alone, edited
from journeys.document import edit
from journeys.document.bodies import Manifest, Placed
from journeys.document.canonical import to_plain
from journeys.document.edit import LAST, After, InvalidPlace, Ref
from journeys.document.patch import apply_merge_patch
from journeys.document.reorder import StageOrder, reordered
from journeys.document.shape import Document
from journeys.models import Draft, JourneyMap
from service.errors import Conflict, Issue, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch

# What an element shows beside its own members; accepted back and passed over.
SHOWN_BESIDE = frozenset({"etag", "stage"})


class AlreadyQuoted(Conflict):
    code, title = "already_quoted", "It is quoted there already."


@dataclass(frozen=True, slots=True)
class Edited:
    """The draft after an edit, as stored (`manifest`), and the id of the element that was edited."""

    draft: Draft
    manifest: Manifest
    id: uuid.UUID


@transaction.atomic(savepoint=False)
def add_stage(
    *, journey_map: JourneyMap, raw: Mapping[str, Any], after: After = LAST, at: datetime
) -> Edited:
    """Raises InvalidDocument, InvalidPlace, IdentityTaken; pointers are into `raw`."""

    def work(document: Document) -> tuple[Document, uuid.UUID]:
        return edit.insert_stage(document, raw, new_id=new_id, after=after)

    draft = locked(journey_map, None)
    before = queries.draft_manifest(draft)
    return _saved(draft, before, edited(before, (), work), at)


@transaction.atomic(savepoint=False)
def add_touchpoint(
    *, journey_map: JourneyMap, stage: Ref, raw: Mapping[str, Any], after: After = LAST, at: datetime
) -> Edited:
    """Raises InvalidDocument, InvalidPlace, IdentityTaken; pointers are into `raw`, or /stage, /after."""

    def work(document: Document) -> tuple[Document, uuid.UUID]:
        return edit.insert_touchpoint(document, stage, raw, new_id=new_id, after=after)

    draft = locked(journey_map, None)
    before = queries.draft_manifest(draft)
    with _stage_for_parent():
        outcome = edited(before, (), work)
    return _saved(draft, before, outcome, at)


@transaction.atomic(savepoint=False)
def change_element(
    *, journey_map: JourneyMap, kind: str, ref: str, patch: Any, expected: IfMatch | None = None, at: datetime
) -> Edited:
    """Apply an RFC 7396 merge patch to a stage or touchpoint.

    Raises NotFound, PreconditionFailed, InvalidDocument, IdentityTaken; pointers are into the element.
    """
    draft, manifest, placed = _found(journey_map, kind, ref, expected)
    if not isinstance(patch, dict):
        raise ValidationProblem([Issue("", "not_an_object", "A merge patch is a JSON object.")])
    home = str(placed.parent) if placed.parent else None
    if patch.get("stage", home) != home:
        raise ValidationProblem([Issue("/stage", "read_only", "Move the touchpoint with POST …/moves.")])

    def work(document: Document) -> tuple[Document, uuid.UUID]:
        raw = apply_merge_patch(to_plain(edit.get_element(document, placed.id)), patch)
        raw = {name: value for name, value in raw.items() if name not in SHOWN_BESIDE}
        return edit.replace_element(document, placed.id, raw, new_id=new_id), placed.id

    outcome = changed_alone(manifest, placed, work) if "touchpoints" not in patch else None
    if outcome is None:
        inner = [p.id for p in manifest.elements if p.parent == placed.id]
        outcome = edited(manifest, (placed.id, *inner), work)
    return _saved(draft, manifest, outcome, at)


@transaction.atomic(savepoint=False)
def add_quote(
    *, journey_map: JourneyMap, touchpoint: str, raw: Mapping[str, Any], expected: IfMatch, at: datetime
) -> tuple[Edited, uuid.UUID]:
    """Put a quote behind those of a touchpoint; return its id, too. expected: of the whole draft.

    Raises PreconditionFailed, NotFound, AlreadyQuoted (of the same source, there), InvalidDocument.
    """
    draft = locked(journey_map, expected)
    manifest = queries.draft_manifest(draft)
    placed = queries.placed(manifest, queries.TOUCHPOINT, touchpoint)
    quote = {**raw, "id": str(new_id())}

    def work(document: Document) -> tuple[Document, uuid.UUID]:
        whole = to_plain(edit.get_element(document, placed.id))
        quotes = whole.get("quotes", [])
        if any(one.get("source") == quote["source"] for one in quotes):
            raise AlreadyQuoted(f"The touchpoint quotes {quote['source']} already.")
        whole["quotes"] = [*quotes, quote]
        return edit.replace_element(document, placed.id, whole, new_id=new_id), placed.id

    outcome = changed_alone(manifest, placed, work) or edited(manifest, (placed.id,), work)
    return _saved(draft, manifest, outcome, at), uuid.UUID(quote["id"])


@transaction.atomic(savepoint=False)
def remove_element(
    *, journey_map: JourneyMap, kind: str, ref: str, expected: IfMatch | None = None, at: datetime
) -> Edited:
    """Take the element, what stands in it and the transitions to it out of the draft. Its identity stays.

    Raises NotFound, PreconditionFailed.
    """
    draft, manifest, placed = _found(journey_map, kind, ref, expected)
    outcome = edited(manifest, (), lambda whole: (edit.remove_element(whole, placed.id), placed.id))
    return _saved(draft, manifest, outcome, at)


@transaction.atomic(savepoint=False)
def move_element(
    *,
    journey_map: JourneyMap,
    kind: str,
    ref: str,
    stage: Ref | None = None,
    after: After = LAST,
    expected: IfMatch | None = None,
    at: datetime,
) -> Edited:
    """Put the element elsewhere; ids stay. `stage` None leaves a touchpoint in its stage.

    Raises NotFound, InvalidPlace, PreconditionFailed.
    """
    draft, manifest, placed = _found(journey_map, kind, ref, expected)

    def work(document: Document) -> tuple[Document, uuid.UUID]:
        return edit.move(document, placed.id, parent=stage, after=after), placed.id

    with _stage_for_parent():
        outcome = edited(manifest, (), work)
    return _saved(draft, manifest, outcome, at)


@transaction.atomic(savepoint=False)
def reorder_draft(
    *, journey_map: JourneyMap, order: Sequence[StageOrder], expected: IfMatch, at: datetime
) -> tuple[Draft, Manifest]:
    """Put all stages and touchpoints in this order; ids and contents stay. Return the draft as stored.

    Raises InvalidOrder, PreconditionFailed.
    """
    draft = locked(journey_map, expected)
    before = queries.draft_manifest(draft)
    keys = {key: p.id for p in before.elements if (key := queries.outline(p.body).key)}
    now = reordered(before, keys, order)
    return save_draft(draft=draft, before=before, now=now, at=at), now


def _found(
    journey_map: JourneyMap, kind: str, ref: str, expected: IfMatch | None
) -> tuple[Draft, Manifest, Placed]:
    """Lock the draft and return the element as `expected` knows it."""
    draft = locked(journey_map, None)
    manifest = queries.draft_manifest(draft)
    placed = queries.placed(manifest, kind, ref)
    if expected is not None:
        expected.check(queries.etag_of_element(manifest, placed.id))
    return draft, manifest, placed


def _saved(draft: Draft, before: Manifest, outcome: Outcome, at: datetime) -> Edited:
    try:
        save_draft(draft=draft, before=before, now=outcome.manifest, at=at)
    except IdentityTaken as refusal:
        raise refusal.within(outcome.pointer) from None
    return Edited(draft, outcome.manifest, outcome.id)


@contextmanager
def _stage_for_parent() -> Iterator[None]:
    """Say `/stage` where the document says parent: that is what clients send."""
    try:
        yield
    except InvalidPlace as refusal:
        raise InvalidPlace(
            [Issue(i.pointer.replace("/parent", "/stage"), i.code, i.detail) for i in refusal.issues]
        ) from None
