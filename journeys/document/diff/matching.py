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

Kinds = Mapping[str, str]
"""{element: stage | touchpoint}"""


@dataclass(frozen=True, slots=True)
class Match:
    """An element of one map, the same of the other, and what tells so."""

    source: str
    target: str
    by: Literal["id", "origin", "key"]


def matches(old: Plain, new: Plain, old_origins: Origins, new_origins: Origins) -> tuple[Match, ...]:
    """Return the stages and touchpoints that are the same in two maps, in the new order; each once."""
    before, after = dict(_elements(old)), dict(_elements(new))
    kinds = [{own: kind for own, (kind, _) in side.items()} for side in (before, after)]
    line = by_origin(kinds[0], kinds[1], old_origins, new_origins)
    found = {own: Match(match, own, "id" if match == own else "origin") for own, match in line.items()}
    taken = set(line.values())
    keys = {named: own for own, named in before.items() if named[1] and own not in taken}
    for own, named in after.items():
        if own not in found and named in keys:
            found[own] = Match(keys[named], own, "key")
    return tuple(found[own] for own in after if own in found)


def by_origin(old: Kinds, new: Kinds, old_origins: Origins, new_origins: Origins) -> dict[str, str]:
    """Return {new element: the old one that it descends from, that descends from it, or is of one origin}.

    Each goes once. Of several the nearest is taken, then the one that comes first in `old`.
    """
    lines: dict[tuple[str, str], str] = {}
    depth = max((len(line) for line in old_origins.values()), default=0)
    for generation in range(depth + 1):
        for own, kind in old.items():
            line = (own, *old_origins.get(own, ()))
            if generation < len(line):
                lines.setdefault((kind, line[generation]), own)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for own, kind in new.items():
        for ancestor in (own, *new_origins.get(own, ())):
            match = lines.get((kind, ancestor))
            if match is not None and match not in taken:
                found[own] = match
                taken.add(match)
                break
    return found


def with_element_ids(document: Plain, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the document with other ids on stages and touchpoints, also where transitions name them."""
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
