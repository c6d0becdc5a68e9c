"""Redaction: one entry of a document is replaced by a tombstone, everything else stays as it was.

A tombstone keeps id and place, so that diffs, opportunities that address it and readers who know it still
find it; what it said, who said so, when and about whom is gone. It is a valid entry of its lane.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from .bodies import Body, Manifest, Placed, assemble, split
from .canonical import encode
from .elements import LANES
from .validate import parse

Plain = dict[str, Any]
REDACTED = "[redacted]"
NOWHERE = "https://redacted.invalid/"
PERSONA, EMOTION, LINK, ITEM = "persona", "emotion", "link", "item"
_FIRST_FORMAT = 1
# Identities, and words of vocabularies: they say nothing of their own.
_NO_TEXT = frozenset({"id", "key", "persona", "evidence", "scale", "kind", "cluster", "status", "addresses"})


@dataclass(frozen=True, slots=True)
class Redacted:
    """manifest: with the tombstone. kind: of what was found, None where nothing was. texts: what it said.

    A manifest that holds the tombstone already comes back unchanged.
    """

    manifest: Manifest
    kind: str | None
    texts: frozenset[str]


def redact(manifest: Manifest, name: UUID) -> Redacted:
    """Return the document with the entry (or the persona's snapshot) of that id tombstoned."""
    kinds: list[str] = []
    texts: set[str] = set()

    def taken(kind: str, entry: Mapping[str, Any], tombstone: Plain) -> Plain:
        kinds.append(kind)
        if tombstone != entry:
            texts.update(texts_of(entry))
        return tombstone

    def persona(placed: Placed) -> Placed:
        if placed.id != name:
            return placed
        entry = _content(placed.body)
        if "name" not in entry:  # a reference: the library's is what it says
            kinds.append(PERSONA)
            return placed
        kept = {"key": entry["key"]} if "key" in entry else {}
        return _with(placed, taken(PERSONA, entry, {**kept, "name": REDACTED}))

    mark = mark_of(name)

    def element(placed: Placed) -> Placed:
        if mark not in placed.body.content:
            return placed
        plain = _content(placed.body)
        for entries, kind in _lanes(plain):
            for index, entry in enumerate(entries):
                if entry["id"] == str(name):
                    entries[index] = taken(kind, entry, _tombstone(kind, entry["id"]))
        return _with(placed, plain)

    found = Manifest(
        manifest.root, tuple(map(persona, manifest.personas)), tuple(map(element, manifest.elements))
    )
    if found.digest == manifest.digest:
        return Redacted(manifest, kinds[0] if kinds else None, frozenset())
    return Redacted(_in_least_format(found), kinds[0], frozenset(texts) - {REDACTED})


def mark_of(name: UUID) -> bytes:
    """Return the bytes by which canonical JSON gives an entry its id."""
    return b'"id":"%s"' % str(name).encode()


def texts_of(value: Any) -> Iterator[str]:
    """Yield what a part of a document says in its own words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if name not in _NO_TEXT:
                yield from texts_of(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts_of(member)


def _tombstone(kind: str, own: str) -> Plain:
    if kind == EMOTION:  # it must feel somehow: not at all, and so without a sign on any curve
        return {"id": own, "intensity": 0.0, "label": REDACTED}
    return {"id": own, "text": REDACTED} | ({"href": NOWHERE} if kind == LINK else {})


def _lanes(plain: Plain) -> Iterator[tuple[list[Plain], str]]:
    for lane in LANES:
        yield plain.get(lane, []), LINK if lane == "links" else ITEM
    for entries in plain.get("lane_items", {}).values():
        yield entries, ITEM
    yield plain.get("emotions", []), EMOTION


def _in_least_format(manifest: Manifest) -> Manifest:
    """A document says the lowest format that its members need, and there are fewer of them now."""
    if _content(manifest.root).get("format", _FIRST_FORMAT) == _FIRST_FORMAT:
        return manifest
    return split(parse(msgspec.json.decode(assemble(manifest))))


def _with(placed: Placed, plain: Plain) -> Placed:
    content = encode(plain)
    return Placed(placed.id, placed.parent, Body(content, sha256(content).digest()))


def _content(body: Body) -> Plain:
    return msgspec.json.decode(body.content, type=dict[str, Any])
