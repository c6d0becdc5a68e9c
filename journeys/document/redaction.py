"""Redaction: one thing of a document is replaced by a tombstone, everything else stays as it was.

A tombstone keeps id (or key) and place, so that diffs, opportunities that address it and readers who know it
still find it; what it said, who said so, when and about whom is gone. It is valid where it stands. A stage or
touchpoint keeps what stands in it, as that has ids of its own; a cluster loses its notes, which have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from .bodies import Body, Manifest, Placed, assemble, split
from .canonical import encode
from .elements import LANES
from .redaction_map import REDACTED, without_words
from .validate import parse

Plain = dict[str, Any]
NOWHERE = "https://redacted.invalid/"
PERSONA, EMOTION, LINK, ITEM = "persona", "emotion", "link", "item"
STAGE, TOUCHPOINT, CLUSTER, MAP = "stage", "touchpoint", "cluster", "map"
_FIRST_FORMAT = 1
# Identities, and words of vocabularies: they say nothing of their own.
_NO_TEXT = frozenset(
    {"id", "key", "persona", "evidence", "scale", "kind", "cluster", "status", "addresses", "start", "end"}
)
# What a stage or touchpoint says of itself in words; the rest are figures, choices and names of other things.
WORDS = ("description", "owner", "performance_standard", "customer_goal", "attributes")


@dataclass(frozen=True, slots=True)
class Target:
    """What is to go: whatever has one of these ids (an element goes by one id in each copy), a cluster, or
    what the map says of itself: all of it (`whole`), or those words alone that `words` names.
    """

    ids: frozenset[UUID] = frozenset()
    cluster: str = ""
    whole: bool = False
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Redacted:
    """manifest: with the tombstone. kind: of what was found, None where nothing was. texts: what it said.

    A manifest that holds the tombstone already comes back unchanged.
    """

    manifest: Manifest
    kind: str | None
    texts: frozenset[str]


@dataclass
class _Taken:
    """Things met on the way: of which kind, and what they said."""

    kinds: list[str] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)

    def in_place_of(self, kind: str, entry: Plain, tombstone: Plain) -> Plain:
        self.kinds.append(kind)
        if tombstone != entry:
            self.texts.update(texts_of({n: v for n, v in entry.items() if tombstone.get(n) != v}))
        return tombstone


def redact(manifest: Manifest, target: Target) -> Redacted:
    """Return the document with what `target` names tombstoned."""
    taken = _Taken()
    found = Manifest(
        _root(manifest.root, target, taken),
        tuple(_persona(p, taken) if p.id in target.ids else p for p in manifest.personas),
        tuple(_element(p, target.ids, taken) for p in manifest.elements),
    )
    kind = taken.kinds[0] if taken.kinds else None
    if found.digest == manifest.digest:
        return Redacted(manifest, kind, frozenset())
    return Redacted(_in_least_format(found), kind, frozenset(taken.texts) - {REDACTED})


def _root(body: Body, target: Target, taken: _Taken) -> Body:
    if target.whole or target.words:
        return _own_words(body, target, taken)
    if target.cluster and mark_of_key(target.cluster) in body.content:
        return _without_cluster(body, target.cluster, taken)
    return body


def _own_words(body: Body, target: Target, taken: _Taken) -> Body:
    said: set[str] = set()

    def goes(text: str) -> bool:
        if target.whole or text in target.words:
            said.add(text)
        return text in said

    kept = without_words(_content(body), goes)
    if said:
        taken.kinds.append(MAP)
        taken.texts |= said
    return _body(kept)


def _without_cluster(body: Body, cluster: str, taken: _Taken) -> Body:
    plain = _content(body)
    clusters: list[Plain] = plain.get("clusters", [])
    for index, entry in enumerate(clusters):
        if entry["key"] == cluster:
            clusters[index] = taken.in_place_of(CLUSTER, entry, {"key": cluster, "label": REDACTED})
    return _body(plain)


def _persona(placed: Placed, taken: _Taken) -> Placed:
    entry = _content(placed.body)
    if "name" not in entry:  # a reference: the library's is what it says
        taken.kinds.append(PERSONA)
        return placed
    kept = {"key": entry["key"]} if "key" in entry else {}
    return _with(placed, taken.in_place_of(PERSONA, entry, {**kept, "name": REDACTED}))


def _element(placed: Placed, ids: frozenset[UUID], taken: _Taken) -> Placed:
    if placed.id in ids:
        entry = _content(placed.body)
        kept = {name: value for name, value in entry.items() if name not in WORDS}
        window = {n: v for n, v in kept.pop("time_window", {}).items() if n != "label"}
        tombstone = {**kept, "name": REDACTED} | ({"time_window": window} if window else {})
        kind = STAGE if placed.parent is None else TOUCHPOINT
        return _with(placed, taken.in_place_of(kind, entry, tombstone))
    named = {str(own) for own in ids if mark_of(own) in placed.body.content}
    if not named:
        return placed
    plain = _content(placed.body)
    for entries, kind in _lanes(plain):
        for index, entry in enumerate(entries):
            if entry["id"] in named:
                entries[index] = taken.in_place_of(kind, entry, _tombstone(kind, entry["id"]))
    return _with(placed, plain)


def mark_of(name: UUID) -> bytes:
    """Return the bytes by which canonical JSON gives an entry its id."""
    return b'"id":"%s"' % str(name).encode()


def mark_of_key(key: str) -> bytes:
    """Return the bytes by which canonical JSON gives a cluster (or a lane, an element) its key."""
    return b'"key":"%s"' % key.encode()


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
    return Placed(placed.id, placed.parent, _body(plain))


def _body(plain: Plain) -> Body:
    content = encode(plain)
    return Body(content, sha256(content).digest())


def _content(body: Body) -> Plain:
    return msgspec.json.decode(body.content, type=dict[str, Any])
