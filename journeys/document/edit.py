"""Edits of one element at a time. Each takes a valid document and returns a valid one, or refuses.

Refusals carry pointers into what the client sent (the element), not into the document around it.
An element is named by its id or its key. Places are told by `after`: the sibling that goes before,
None for the first place, LAST for the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from uuid import UUID

from service.errors import Issue, NotFound, ValidationProblem

from .canonical import to_plain
from .elements import Element, Stage, Touchpoint
from .minting import NewId, with_ids
from .pointers import pointer
from .shape import Document
from .survey import as_id
from .validate import InvalidDocument, parse

Ref = UUID | str


class _Last(Enum):
    LAST = "last"


LAST: Final = _Last.LAST
After = Ref | None | _Last


class ElementNotFound(NotFound):
    """The document has no stage or touchpoint of this id or key."""

    title = "There is no such element in the document."


class InvalidPlace(ValidationProblem):
    """The element cannot stand there; pointers are /parent and /after."""

    code, title = "invalid_place", "The element cannot stand there."


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands: index of its stage, and of the touchpoint within it (None for a stage)."""

    stage: int
    touchpoint: int | None = None

    @property
    def pointer(self) -> str:
        if self.touchpoint is None:
            return pointer("stages", self.stage)
        return pointer("stages", self.stage, "touchpoints", self.touchpoint)


def locate(document: Document, ref: Ref) -> Place:
    """Return the place of a stage or touchpoint. Raises ElementNotFound."""
    for s, stage in enumerate(document.stages):
        if _goes_by(stage, ref):
            return Place(s)
        for t, touchpoint in enumerate(stage.touchpoints):
            if _goes_by(touchpoint, ref):
                return Place(s, t)
    raise ElementNotFound(f"No stage or touchpoint goes by {str(ref)!r} here.")


def get_element(document: Document, ref: Ref) -> Stage | Touchpoint:
    """Return a stage or touchpoint. Raises ElementNotFound."""
    place = locate(document, ref)
    stage = document.stages[place.stage]
    return stage if place.touchpoint is None else stage.touchpoints[place.touchpoint]


def insert_stage(
    document: Document, raw: Mapping[str, Any], *, new_id: NewId, after: After = LAST
) -> tuple[Document, UUID]:
    """Return the document with one more stage, and the stage's id (minted where `raw` has none).

    Raises InvalidDocument, InvalidPlace.
    """
    raw, own = _named(raw, new_id)
    plain = to_plain(document)
    stages = plain.setdefault("stages", [])
    index = _index(document.stages, after)
    stages.insert(index, raw)
    return _checked(plain, Place(index), new_id), own


def insert_touchpoint(
    document: Document, stage: Ref, raw: Mapping[str, Any], *, new_id: NewId, after: After = LAST
) -> tuple[Document, UUID]:
    """Return the document with one more touchpoint in that stage, and its id (minted where `raw` has none).

    Raises InvalidDocument, InvalidPlace.
    """
    parent = _parent(document, stage)
    raw, own = _named(raw, new_id)
    plain = to_plain(document)
    index = _index(document.stages[parent].touchpoints, after)
    plain["stages"][parent].setdefault("touchpoints", []).insert(index, raw)
    return _checked(plain, Place(parent, index), new_id), own


def replace_element(document: Document, ref: Ref, raw: Mapping[str, Any], *, new_id: NewId) -> Document:
    """Return the document with the element's content replaced, a stage's touchpoints included.

    `raw` may leave the id out, but not name another. Raises ElementNotFound, InvalidDocument.
    """
    place = locate(document, ref)
    own = get_element(document, ref).id
    if raw.get("id") is not None and as_id(raw["id"]) != str(own):
        raise InvalidDocument([Issue("/id", "id_mismatch", f"The element's id is {own} and stays so.")])
    plain = to_plain(document)
    siblings, index = _siblings(plain, place)
    siblings[index] = {**raw, "id": str(own)}
    return _checked(plain, place, new_id)


def remove_element(document: Document, ref: Ref) -> Document:
    """Return the document without the element, its touchpoints, and the transitions from and to them.

    Raises ElementNotFound.
    """
    place = locate(document, ref)
    gone = get_element(document, ref)
    lost = {str(e.id) for e in (gone, *(gone.touchpoints if isinstance(gone, Stage) else ()))}
    plain = to_plain(document)
    siblings, index = _siblings(plain, place)
    del siblings[index]
    ways = plain.pop("transitions", [])
    plain["transitions"] = [way for way in ways if not {way["from"], way["to"]} & lost]
    return parse(plain)


def move(document: Document, ref: Ref, *, parent: Ref | None = None, after: After = LAST) -> Document:
    """Return the document with the element elsewhere: a stage among the stages, a touchpoint within its
    stage or (with `parent`) in another. Ids stay. Raises ElementNotFound, InvalidPlace, InvalidDocument."""
    place = locate(document, ref)
    own = get_element(document, ref).id
    if place.touchpoint is None:
        if parent is not None:
            raise InvalidPlace([Issue("/parent", "not_allowed", "A stage stands in no other element.")])
        home: tuple[Element, ...] = document.stages
    else:
        target = place.stage if parent is None else _parent(document, parent)
        home = document.stages[target].touchpoints
    index = _index([element for element in home if element.id != own], after)
    plain = to_plain(document)
    siblings, old = _siblings(plain, place)
    moved = siblings.pop(old)
    if place.touchpoint is None:
        siblings.insert(index, moved)
    else:
        plain["stages"][target].setdefault("touchpoints", []).insert(index, moved)
    return parse(plain)


def _goes_by(element: Element, ref: Ref) -> bool:
    if element.key and element.key == ref:
        return True
    return element.id is not None and str(element.id) == as_id(ref)


def _named(raw: Mapping[str, Any], new_id: NewId) -> tuple[Mapping[str, Any], UUID]:
    """Return the raw element with an id, and that id. A broken id stays, for `parse` to refuse."""
    if raw.get("id") is None:
        own = new_id()
        return {**raw, "id": str(own)}, own
    try:
        return raw, UUID(str(raw["id"]))
    except ValueError:
        raise InvalidDocument([Issue("/id", "invalid_id", "Must be a UUID.")]) from None


def _parent(document: Document, ref: Ref) -> int:
    for index, stage in enumerate(document.stages):
        if _goes_by(stage, ref):
            return index
    raise InvalidPlace([Issue("/parent", "unknown_reference", "There is no stage of this id or key.")])


def _index(siblings: tuple[Element, ...] | list[Element], after: After) -> int:
    if after is LAST:
        return len(siblings)
    if after is None:
        return 0
    for index, element in enumerate(siblings):
        if not isinstance(after, _Last) and _goes_by(element, after):
            return index + 1
    raise InvalidPlace([Issue("/after", "unknown_reference", "No other element of this id or key is there.")])


def _siblings(plain: dict[str, Any], place: Place) -> tuple[list[dict[str, Any]], int]:
    if place.touchpoint is None:
        return plain["stages"], place.stage
    return plain["stages"][place.stage]["touchpoints"], place.touchpoint


def _checked(plain: dict[str, Any], place: Place, new_id: NewId) -> Document:
    try:
        return with_ids(parse(plain), new_id)
    except InvalidDocument as refusal:
        raise refusal.under(place.pointer) from None
