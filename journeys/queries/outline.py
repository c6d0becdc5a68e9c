"""The outline of a stored document: who goes by which key, read from the bodies without the rest."""

from __future__ import annotations

import uuid

import msgspec

from journeys.document.bodies import Body, Manifest


class Outline(msgspec.Struct):
    """Of the content of an element, a persona or a root: what the store needs to know."""

    name: str = ""
    key: str = ""
    format: int = 1
    continues: tuple[uuid.UUID, ...] = ()
    parent_touchpoint: uuid.UUID | None = None


_decoder = msgspec.json.Decoder(Outline)


def outline(body: Body) -> Outline:
    """Return the outline of one body."""
    return _decoder.decode(body.content)


def kinds(manifest: Manifest) -> dict[uuid.UUID, str]:
    """Return {element id: stage | touchpoint} in the order drawn."""
    return {p.id: "stage" if p.parent is None else "touchpoint" for p in manifest.elements}


def named(manifest: Manifest, key: str) -> uuid.UUID | None:
    """Return the id of the element with this key, None where there is none."""
    return next((p.id for p in manifest.elements if outline(p.body).key == key), None) if key else None


def library_references(manifest: Manifest) -> list[uuid.UUID]:
    """Return the personas that only name one of the library, in their order."""
    return [p.id for p in manifest.personas if not outline(p.body).name]


def continuations(manifest: Manifest) -> dict[uuid.UUID, tuple[uuid.UUID, ...]]:
    """Return {earlier element: the elements that continue it, in the order drawn}."""
    found: dict[uuid.UUID, tuple[uuid.UUID, ...]] = {}
    for placed in manifest.elements:
        for earlier in outline(placed.body).continues:
            found[earlier] = (*found.get(earlier, ()), placed.id)
    return found
