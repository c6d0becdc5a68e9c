"""Edits of one element that do not read all the others.

A skeleton is a document in which every element but those of `whole` is cut down to id, key and a name
that stands for all that it holds. The rules of the document that span elements see ids, keys and order only,
so what they say of the skeleton they would say of the whole; but for the ids of entries, so that an edit
that brings an entry whose id may stand elsewhere is done on all elements in full.

Pure: manifests in, manifests out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from journeys.document import edit
from journeys.document.bodies import Manifest, Placed, split
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse
from journeys.queries import outline

Work = Callable[[Document], tuple[Document, uuid.UUID]]
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A manifest after an edit, the id of the element that was edited, and where it stands ("" = nowhere)."""

    manifest: Manifest
    id: uuid.UUID
    pointer: str = ""


def edited(before: Manifest, touched: Collection[uuid.UUID], work: Work) -> Outcome:
    """Do the work on a skeleton that has `touched` in full, or on all where that could miss a breach.

    Raises whatever `work` raises, with places of the whole document.
    """
    everything = frozenset(placed.id for placed in before.elements)
    whole = everything if outline(before.root).format > 1 else frozenset(touched)
    document, own = work(parse(skeleton(before, whole=whole)))
    if whole != everything and _borrows(document, before, whole=whole | (_ids(document) - everything)):
        whole = everything
        document, own = work(parse(skeleton(before, whole=whole)))
    now = _fleshed(document, before, whole=whole | (_ids(document) - everything))
    there = own in _ids(document)
    return Outcome(now, own, edit.locate(document, own).pointer if there else "")


def changed_alone(before: Manifest, own: Placed, work: Work) -> Outcome | None:
    """Change one element's own content: the edit that is made most, done on hardly more than that element.

    None where more has to be asked, or anything is wrong: `edited` then finds what, in its place.
    """
    if outline(before.root).format > 1:
        return None
    try:
        document, _ = work(parse(_alone(before, own)))
    except InvalidDocument:
        return None
    now = split(document)
    if _borrows(document, before, whole={own.id}) or outline(now.root).format > 1:
        return None
    body = next(placed.body for placed in now.elements if placed.id == own.id)
    elements = tuple(replace(p, body=body) if p.id == own.id else p for p in before.elements)
    return Outcome(Manifest(before.root, before.personas, elements), own.id)


def skeleton(manifest: Manifest, *, whole: Collection[uuid.UUID]) -> dict[str, Any]:
    """Return the raw document of the manifest's bones, with the elements of `whole` in full."""
    raw: dict[str, Any] = msgspec.json.decode(manifest.root.content)
    raw["personas"] = [_whole(placed) for placed in manifest.personas]
    stages: dict[uuid.UUID, dict[str, Any]] = {}
    for placed in manifest.elements:
        bone = _whole(placed) if placed.id in whole else _cut(placed)
        if placed.parent is None:
            stages[placed.id] = bone
        else:
            stages[placed.parent].setdefault("touchpoints", []).append(bone)
    raw["stages"] = list(stages.values())
    return raw


def _alone(manifest: Manifest, own: Placed) -> dict[str, Any]:
    """Return a skeleton for a change that alters no order: of the others, what goes by a key.

    Where transitions name touchpoints, all are there.
    """
    if b'"transitions":' in manifest.root.content:
        return skeleton(manifest, whole={own.id})
    kept = {p.id for p in manifest.elements if p.id == own.id or b'"key":' in p.body.content}
    homes = {p.parent for p in manifest.elements if p.id in kept}
    elements = tuple(p for p in manifest.elements if p.id in kept or p.id in homes)
    return skeleton(Manifest(manifest.root, manifest.personas, elements), whole={own.id})


def _fleshed(document: Document, manifest: Manifest, *, whole: Collection[uuid.UUID]) -> Manifest:
    """Return an edited skeleton as a manifest: what was cut has the body that it had."""
    now = split(document)
    before = {placed.id: placed.body for placed in manifest.elements}
    elements = tuple(p if p.id in whole else replace(p, body=before[p.id]) for p in now.elements)
    return Manifest(now.root, now.personas, elements)


def _borrows(document: Document, manifest: Manifest, *, whole: Collection[uuid.UUID]) -> bool:
    """Tell whether the id of an entry in `whole` may stand in another element, too."""
    rest = b"\n".join(placed.body.content for placed in manifest.elements if placed.id not in whole)
    for touchpoint in document.touchpoints():
        for _, entries in touchpoint.lanes() if touchpoint.id in whole else ():
            if any(str(entry.id).encode() in rest for entry in entries):
                return True
    return False


def _ids(document: Document) -> set[uuid.UUID]:
    return {element.id for element in document.elements() if element.id is not None}


def _whole(placed: Placed) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.json.decode(placed.body.content)
    return content | {"id": str(placed.id)}


def _cut(placed: Placed) -> dict[str, Any]:
    bone = {"id": str(placed.id), "name": _CUT}
    if key := outline(placed.body).key:
        bone["key"] = key
    return bone
