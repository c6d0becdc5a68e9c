"""A draft with little more than its bones, so that an edit of one element does not read all the others.

The skeleton is a document in which every element but those of `whole` is cut down to id, key and a name
that stands for all that it holds. The rules of the document that span elements see ids, keys and order only,
so what they say of the skeleton they would say of the whole, but for the ids of entries: `whole` must
bring no entry whose id stands in another element (`borrows_entries`).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

import msgspec

from journeys.document.bodies import Manifest, Placed, split
from journeys.document.shape import Document
from journeys.queries import outline

_CUT = "…"


def skeleton(manifest: Manifest, *, whole: Collection[uuid.UUID]) -> dict[str, Any]:
    """Return the raw document of the manifest's bones, with the elements of `whole` in full."""
    raw: dict[str, Any] = msgspec.json.decode(manifest.root.content)
    raw["personas"] = [msgspec.json.decode(p.body.content) | {"id": str(p.id)} for p in manifest.personas]
    stages: dict[uuid.UUID, dict[str, Any]] = {}
    for placed in manifest.elements:
        bone = _whole(placed) if placed.id in whole else _cut(placed)
        if placed.parent is None:
            stages[placed.id] = bone
        else:
            stages[placed.parent].setdefault("touchpoints", []).append(bone)
    raw["stages"] = list(stages.values())
    return raw


def alone(manifest: Manifest, own: Placed) -> dict[str, Any]:
    """Return a skeleton for a change of one element's own content, which alters no order.

    Of the others it has what goes by a key, and all where transitions name touchpoints. What is refused
    here is refused in the whole document, too, though at another pointer.
    """
    if b'"transitions":' in manifest.root.content:
        return skeleton(manifest, whole={own.id})
    home = own.parent or own.id
    elements = tuple(p for p in manifest.elements if p.id in (own.id, home) or b'"key":' in p.body.content)
    stages = {p.id if p.parent is None else p.parent for p in elements}
    kept = {p.id for p in elements} | stages
    small = Manifest(manifest.root, manifest.personas, tuple(p for p in manifest.elements if p.id in kept))
    return skeleton(small, whole={own.id})


def fleshed(document: Document, manifest: Manifest, *, whole: Collection[uuid.UUID]) -> Manifest:
    """Return an edited skeleton as a manifest: what was cut has the body that it had.

    `whole` are the elements that the skeleton, or the edit, has in full.
    """
    now = split(document)
    before = {placed.id: placed.body for placed in manifest.elements}
    return Manifest(
        now.root,
        now.personas,
        tuple(p if p.id in whole else Placed(p.id, p.parent, before[p.id]) for p in now.elements),
    )


def borrows_entries(document: Document, manifest: Manifest, *, whole: Collection[uuid.UUID]) -> bool:
    """Tell whether an id of an entry of `whole` may stand in another element, too."""
    rest = b"\n".join(placed.body.content for placed in manifest.elements if placed.id not in whole)
    for touchpoint in document.touchpoints():
        for _, entries in touchpoint.lanes() if touchpoint.id in whole else ():
            if any(str(entry.id).encode() in rest for entry in entries):
                return True
    return False


def _whole(placed: Placed) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.json.decode(placed.body.content)
    return content | {"id": str(placed.id)}


def _cut(placed: Placed) -> dict[str, Any]:
    bone = {"id": str(placed.id), "name": _CUT}
    if key := outline(placed.body).key:
        bone["key"] = key
    return bone
