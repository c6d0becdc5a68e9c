"""Two maps compared element by element: which one of the former is which one of the latter.

By origin first: a copy is its original, and two copies of one are each other. Then by key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .parts import Plain

Origins = Mapping[str, tuple[str, ...]]
"""{element: what it is a copy of, what that is a copy of …}"""

Elements = Mapping[str, tuple[str, str]]
"""{id: (kind, key)}"""


@dataclass(frozen=True, slots=True)
class Match:
    """An element of one map, the same of the other, and what tells so."""

    source: str
    target: str
    by: Literal["id", "origin", "key"]


def matches(old: Plain, new: Plain, old_origins: Origins, new_origins: Origins) -> tuple[Match, ...]:
    """Return the stages and touchpoints that are the same in two maps, in the new order; each once."""
    before, after = dict(_elements(old)), dict(_elements(new))
    lines: dict[tuple[str, str], str] = {}
    for depth in range(max([1, *(len(line) + 1 for line in old_origins.values())])):
        for own, (kind, _) in before.items():
            line = (own, *old_origins.get(own, ()))
            if depth < len(line):
                lines.setdefault((kind, line[depth]), own)
    found: dict[str, Match] = {}
    taken: set[str] = set()
    for own, (kind, _) in after.items():
        for ancestor in (own, *new_origins.get(own, ())):
            match = lines.get((kind, ancestor))
            if match is not None and match not in taken:
                found[own] = Match(match, own, "id" if match == own else "origin")
                taken.add(match)
                break
    keys = {(kind, key): own for own, (kind, key) in before.items() if key and own not in taken}
    for own, (kind, key) in after.items():
        if own not in found and (match := keys.get((kind, key))) is not None:
            found[own] = Match(match, own, "key")
    return tuple(found[own] for own in after if own in found)


def with_element_ids(document: Plain, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the document with other ids on stages and touchpoints, also where transitions name them.

    Two that would have one id in the end are a mistake of the caller.
    """
    found = dict(document)
    if "stages" in found:
        found["stages"] = [_with_ids(stage, ids) for stage in document["stages"]]
    if "transitions" in found:
        found["transitions"] = [
            {**way, "from": ids.get(way["from"], way["from"]), "to": ids.get(way["to"], way["to"])}
            for way in document["transitions"]
        ]
    return found


def _with_ids(stage: Plain, ids: Mapping[str, str]) -> dict[str, Any]:
    found = {**stage, "id": ids.get(stage["id"], stage["id"])}
    if "touchpoints" in stage:
        found["touchpoints"] = [{**t, "id": ids.get(t["id"], t["id"])} for t in stage["touchpoints"]]
    return found


def _elements(document: Plain) -> Iterator[tuple[str, tuple[str, str]]]:
    for stage in document.get("stages", ()):
        yield stage["id"], ("stage", stage.get("key", ""))
        for touchpoint in stage.get("touchpoints", ()):
            yield touchpoint["id"], ("touchpoint", touchpoint.get("key", ""))
