"""Rules on what names something by key or id beside elements: clusters, words, what opportunities address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.errors import Issue

from .elements import LANES
from .survey import Found, Survey, as_id, objects, strings
from .wording import check_words


def clusters(raw: Mapping[str, Any], seen: Survey) -> Iterator[Issue]:
    """Keys of clusters are unique, and entries name those that there are."""
    known: set[object] = set()
    for where, cluster in objects(raw, "clusters"):
        key = cluster.get("key")
        if isinstance(key, str) and key in known:
            yield Issue(f"{where}/key", "duplicate_key", "Another cluster has this key.")
        known.add(key if isinstance(key, str) else None)
    for entry in seen.entries:
        named = entry.raw.get("cluster")
        if isinstance(named, str) and named and named not in known:
            detail = "There is no cluster of this key in /clusters."
            yield Issue(f"{entry.pointer}/cluster", "unknown_reference", detail)


def wording(raw: Mapping[str, Any]) -> Iterator[Issue]:
    """A vocabulary is there once, and so is each of its words."""
    known: set[object] = set()
    for where, vocabulary in objects(raw, "wording"):
        key = vocabulary.get("key")
        if isinstance(key, str) and key in known:
            yield Issue(f"{where}/key", "duplicate_key", "Another vocabulary has this key.")
        known.add(key if isinstance(key, str) else None)
        yield from check_words(vocabulary, where)


def addresses(touchpoint: Found) -> Iterator[Issue]:
    """What an opportunity would settle stands at the same touchpoint, in another lane."""
    for where, opportunity in objects(touchpoint.raw, "opportunities", touchpoint.pointer):
        named = [as_id(value) for value in strings(opportunity, "addresses")]
        there = {as_id(entry.get("id")) for entry in _entries_of(touchpoint)} if named else set()
        for index, name in enumerate(named):
            if name is None:
                continue
            if name in named[:index]:
                yield Issue(f"{where}/addresses/{index}", "duplicate", "This id is already named here.")
            elif name not in there:
                detail = "No pain, need or other entry of this touchpoint has this id."
                yield Issue(f"{where}/addresses/{index}", "unknown_reference", detail)


def _entries_of(touchpoint: Found) -> Iterator[Mapping[str, Any]]:
    for lane in LANES:
        if lane != "opportunities":
            yield from (entry for _, entry in objects(touchpoint.raw, lane))
    custom = touchpoint.raw.get("lane_items")
    if isinstance(custom, Mapping):
        for lane in custom:
            yield from (entry for _, entry in objects(custom, str(lane)))
