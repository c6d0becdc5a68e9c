"""One stage or touchpoint of the draft at a time: add, change, remove, move.

The element's ETag is the hash of its subtree, compared under the draft's lock: whoever edits another
element of the same draft is in nobody's way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from journeys.actions.drafts import locked, save_draft
from journeys.actions.registration import IdentityTaken
from journeys.document import edit
from journeys.document.bodies import element_digest
from journeys.document.canonical import to_plain
from journeys.document.edit import LAST, After, InvalidPlace
from journeys.document.elements import Stage, Touchpoint
from journeys.document.patch import apply_merge_patch
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.models import Draft, JourneyMap
from service.errors import Issue, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch

Kind = type[Stage] | type[Touchpoint]
# What an element shows beside its own members; accepted back and passed over.
SHOWN_BESIDE = frozenset({"etag", "stage"})


@dataclass(frozen=True, slots=True)
class Edited:
    """The draft after an edit, and the id of the element that was edited."""

    draft: Draft
    id: uuid.UUID


def etag_of_element(element: Stage | Touchpoint) -> str:
    """Return the ETag of an element: its content with all that stands in it, wherever it stands itself."""
    return f'"{element_digest(element)}"'


@transaction.atomic(savepoint=False)
def add_stage(
    *, journey_map: JourneyMap, raw: Mapping[str, Any], after: After = LAST, at: datetime
) -> Edited:
    """Raises InvalidDocument, InvalidPlace, IdentityTaken; pointers are into `raw`."""
    draft = locked(journey_map, None)
    document, own = edit.insert_stage(parse(bytes(draft.document)), raw, new_id=new_id, after=after)
    return _saved(draft, document, own, at)


@transaction.atomic(savepoint=False)
def add_touchpoint(
    *,
    journey_map: JourneyMap,
    stage: edit.Ref,
    raw: Mapping[str, Any],
    after: After = LAST,
    at: datetime,
) -> Edited:
    """Raises InvalidDocument, InvalidPlace, IdentityTaken; pointers are into `raw`, or /stage, /after."""
    draft = locked(journey_map, None)
    with _stage_for_parent():
        document, own = edit.insert_touchpoint(
            parse(bytes(draft.document)), stage, raw, new_id=new_id, after=after
        )
    return _saved(draft, document, own, at)


@transaction.atomic(savepoint=False)
def change_element(
    *, journey_map: JourneyMap, kind: Kind, ref: str, patch: Any, expected: IfMatch, at: datetime
) -> Edited:
    """Apply an RFC 7396 merge patch to the element.

    Raises ElementNotFound, PreconditionFailed, InvalidDocument, IdentityTaken.
    """
    draft, document, element = _found(journey_map, kind, ref, expected)
    if not isinstance(patch, dict):
        raise ValidationProblem([Issue("", "not_an_object", "A merge patch is a JSON object.")])
    raw = apply_merge_patch(to_plain(element), patch)
    home = _home(document, element)
    if raw.get("stage", home) != home:
        raise ValidationProblem([Issue("/stage", "read_only", "Move the touchpoint with POST …/moves.")])
    raw = {name: value for name, value in raw.items() if name not in SHOWN_BESIDE}
    changed = edit.replace_element(document, _id(element), raw, new_id=new_id)
    return _saved(draft, changed, _id(element), at)


@transaction.atomic(savepoint=False)
def remove_element(
    *, journey_map: JourneyMap, kind: Kind, ref: str, expected: IfMatch, at: datetime
) -> Edited:
    """Take the element, what stands in it and the transitions to it out of the draft.

    Its identity stays. Raises ElementNotFound, PreconditionFailed.
    """
    draft, document, element = _found(journey_map, kind, ref, expected)
    return _saved(draft, edit.remove_element(document, _id(element)), _id(element), at)


@transaction.atomic(savepoint=False)
def move_element(
    *,
    journey_map: JourneyMap,
    kind: Kind,
    ref: str,
    stage: edit.Ref | None = None,
    after: After = LAST,
    expected: IfMatch,
    at: datetime,
) -> Edited:
    """Put the element elsewhere; ids stay. `stage` None leaves a touchpoint in its stage.

    Raises ElementNotFound, InvalidPlace, PreconditionFailed.
    """
    draft, document, element = _found(journey_map, kind, ref, expected)
    with _stage_for_parent():
        moved = edit.move(document, _id(element), parent=stage, after=after)
    return _saved(draft, moved, _id(element), at)


def _found(
    journey_map: JourneyMap, kind: Kind, ref: str, expected: IfMatch
) -> tuple[Draft, Document, Stage | Touchpoint]:
    """Lock the draft and return the element as `expected` knows it."""
    draft = locked(journey_map, None)
    document = parse(bytes(draft.document))
    element = edit.get_element(document, ref)
    if not isinstance(element, kind):
        raise edit.ElementNotFound(f"{ref!r} is no {kind.__name__.lower()}.")
    expected.check(etag_of_element(element))
    return draft, document, element


def _saved(draft: Draft, document: Document, own: uuid.UUID, at: datetime) -> Edited:
    try:
        return Edited(save_draft(draft=draft, document=document, at=at), own)
    except IdentityTaken as refusal:
        raise refusal.within(edit.locate(document, own).pointer) from None


@contextmanager
def _stage_for_parent() -> Iterator[None]:
    """Say `/stage` where the document says parent: that is what clients send."""
    try:
        yield
    except InvalidPlace as refusal:
        raise InvalidPlace(
            [Issue(i.pointer.replace("/parent", "/stage"), i.code, i.detail) for i in refusal.issues]
        ) from None


def _home(document: Document, element: Stage | Touchpoint) -> str | None:
    if isinstance(element, Stage):
        return None
    return str(document.stages[edit.locate(document, _id(element)).stage].id)


def _id(element: Stage | Touchpoint) -> uuid.UUID:
    if element.id is None:
        raise LookupError("A stored element has an id.")
    return element.id
