"""A document taken apart for content-addressed storage, and put together again.

A body is the content of an element without its id, place and children; the root's body is the document
without stages and personas; a persona's snapshot is its body. Equal bodies have equal bytes, in one map or
in many, and are stored once. The digest is a Merkle tree over ids, bodies and order:

    touchpoint   H("t" id body)
    stage        H("s" id body touchpoint…)
    persona      H("p" id body)
    document     H("d" root number-of-personas persona… stage…)

H is sha256; ids are 16 bytes, bodies stand by their own sha256, numbers are 4 bytes, big-endian.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from .canonical import encode, to_plain
from .elements import Element
from .shape import Document


@dataclass(frozen=True, slots=True)
class Body:
    """Canonical JSON of some content, and its sha256 (32 bytes)."""

    content: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """A body in its place: the element or persona whose it is, and the stage of a touchpoint (else None)."""

    id: UUID
    parent: UUID | None
    body: Body


@dataclass(frozen=True)
class Manifest:
    """A document as a list of bodies: each stage is followed by its touchpoints, in the order drawn."""

    root: Body
    personas: tuple[Placed, ...]
    elements: tuple[Placed, ...]

    def bodies(self) -> Iterator[Body]:
        """Yield every body once for each place in which it stands."""
        yield self.root
        for placed in (*self.personas, *self.elements):
            yield placed.body

    @cached_property
    def digest(self) -> bytes:
        """The sha256 (32 bytes) that covers the root, the personas and all elements in their order."""
        personas = [sha256(b"p" + p.id.bytes + p.body.digest).digest() for p in self.personas]
        stages = list(_stage_digests(self.elements).values())
        count = len(personas).to_bytes(4, "big")
        return sha256(b"".join([b"d", self.root.digest, count, *personas, *stages])).digest()


EMPTY = Manifest(Body(b"{}", sha256(b"{}").digest()), (), ())
"""What stands before the first version: no document yet, as it has no name."""


_members: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, msgspec.Raw])


def split(source: Document | Mapping[str, Any]) -> Manifest:
    """Take a document apart. `source` is a Document or the plain value of one (`to_plain`, parsed canonical
    bytes): the second spares a publish the typed objects. Every element and persona must have its id
    (`with_ids`); raises KeyError("id") otherwise. The source is left as it was."""
    plain = to_plain(source) if isinstance(source, Document) else source
    root = {name: value for name, value in plain.items() if name not in ("stages", "personas")}
    elements = []
    for stage in plain.get("stages", ()):
        own = UUID(stage["id"])
        elements.append(Placed(own, None, _body(stage)))
        for touchpoint in stage.get("touchpoints", ()):
            elements.append(Placed(UUID(touchpoint["id"]), own, _body(touchpoint)))
    personas = tuple(Placed(UUID(p["id"]), None, _body(p)) for p in plain.get("personas", ()))
    return Manifest(_body(root), personas, tuple(elements))


def assemble(manifest: Manifest) -> bytes:
    """Put the canonical document together: `parse(assemble(split(d))) == d`, byte for byte `canonical(d)`.

    Raises KeyError with an element's id where its parent does not stand before it.
    """
    document = _content(manifest.root)
    if manifest.personas:
        document["personas"] = [_content(p.body) | {"id": str(p.id)} for p in manifest.personas]
    stages: dict[UUID, dict[str, Any]] = {}
    for placed in manifest.elements:
        element = _content(placed.body)
        element["id"] = str(placed.id)
        if placed.parent is None:
            stages[placed.id] = element
        else:
            stages[placed.parent].setdefault("touchpoints", []).append(element)
    if stages:
        document["stages"] = list(stages.values())
    return encode(document)


def digest(document: Document) -> bytes:
    """Return the document's sha256 (32 bytes); equal for equal documents, and only for them."""
    return split(document).digest


def element_digest(element: Element) -> str:
    """Return the hash of an element with its subtree (64 hex digits): what its ETag stands on.

    The element and its touchpoints must have ids.
    """
    plain = to_plain(element)
    own = UUID(plain["id"])
    if "touchpoints" not in type(element).model_fields:
        return _touchpoint_digest(Placed(own, own, _body(plain))).hex()
    inner = [Placed(UUID(t["id"]), own, _body(t)) for t in plain.get("touchpoints", ())]
    return _stage_digests((Placed(own, None, _body(plain)), *inner))[own].hex()


def subtree_digests(manifest: Manifest) -> dict[UUID, str]:
    """Return {element id: what `element_digest` says} for all elements at once."""
    found = {p.id: _touchpoint_digest(p).hex() for p in manifest.elements if p.parent is not None}
    return found | {name: value.hex() for name, value in _stage_digests(manifest.elements).items()}


def _body(plain: Mapping[str, Any]) -> Body:
    content = encode({name: value for name, value in plain.items() if name not in ("id", "touchpoints")})
    return Body(content, sha256(content).digest())


def _content(body: Body) -> dict[str, Any]:
    """Return the members, each as it is spelled: what is canonical need not be read to be put together."""
    return _members.decode(body.content)


def _touchpoint_digest(placed: Placed) -> bytes:
    return sha256(b"t" + placed.id.bytes + placed.body.digest).digest()


def _stage_digests(elements: tuple[Placed, ...]) -> dict[UUID, bytes]:
    parts: dict[UUID, list[bytes]] = {}
    for placed in elements:
        if placed.parent is None:
            parts[placed.id] = [b"s", placed.id.bytes, placed.body.digest]
        else:
            parts[placed.parent].append(_touchpoint_digest(placed))
    return {name: sha256(b"".join(found)).digest() for name, found in parts.items()}
