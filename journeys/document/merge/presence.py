"""What is there in the end: a thing that one side removed and the other works on, or needs, is in dispute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from journeys.document.diff import Key, Part, Place

from .decisions import PLACE, PRESENCE, Decisions, conflict_of
from .members import merged_members

Parts = Mapping[Key, Part]


@dataclass
class Standing:
    """A thing that is there in the end: its members, and its place by one of the sides."""

    part: Part
    own: dict[str, Any]
    place: Place | None
    by: Literal["ours", "theirs", "base"]


class Presence:
    """Decides what stays. `moved_by` has the keys that each side moved against the base."""

    def __init__(
        self, base: Parts, ours: Parts, theirs: Parts, moved_by: Mapping[str, set[Key]], decisions: Decisions
    ) -> None:
        self.base, self.ours, self.theirs = base, ours, theirs
        self.moved_by, self.decisions = moved_by, decisions
        self.standing: dict[Key, Standing] = {}
        self.removed: dict[Key, Literal["ours", "theirs"]] = {}  # by the side that still has it
        self.dropped: set[Key] = set()

    def decide(self) -> dict[Key, Standing]:
        for key in (*self.ours, *(key for key in self.theirs if key not in self.ours)):
            if key in self.ours and key in self.theirs:
                self._of_both(key)
            else:
                self._of_one(key, "ours" if key in self.ours else "theirs")
        self._settle()
        while gone := [key for key, it in self.standing.items() if self._fallen(it)]:
            for key in gone:
                del self.standing[key]
            self.dropped.update(gone)
        return self.standing

    def _of_both(self, key: Key) -> None:
        was = self.base.get(key)
        ours, theirs = self.ours[key], self.theirs[key]
        own = merged_members(was.own if was else {}, ours, theirs, self.decisions.value)
        side = self._side_of_place(key, was, ours, theirs)
        place = {"ours": ours, "theirs": theirs, "base": was or ours}[side].place
        self.standing[key] = Standing(ours, own, place, side)

    def _side_of_place(
        self, key: Key, was: Part | None, ours: Part, theirs: Part
    ) -> Literal["ours", "theirs", "base"]:
        if key not in self.moved_by["theirs"]:
            return "ours"
        if key not in self.moved_by["ours"]:
            return "theirs"
        if ours.place == theirs.place:
            return "ours"
        places = (was.place if was else None, ours.place, theirs.place)
        return self.decisions.side(conflict_of(ours, PLACE, *places))

    def _of_one(self, key: Key, side: Literal["ours", "theirs"]) -> None:
        part = getattr(self, side)[key]
        was = self.base.get(key)
        if was is None:
            self._keep(key, side)
        elif not _touched(was, part):
            self.removed[key] = side
        elif self._goes_with_parent(part, side) or self._is_kept(key):
            self._keep(key, side)
        else:
            self.dropped.add(key)

    def _keep(self, key: Key, side: Literal["ours", "theirs"]) -> None:
        part: Part = getattr(self, side)[key]
        self.standing[key] = Standing(part, dict(part.own), part.place, side)

    def _goes_with_parent(self, part: Part, side: str) -> bool:
        """Tell whether what it stands in was removed by the same side: that is what is in dispute then."""
        parent, other = parent_of(part, part.place), self.theirs if side == "ours" else self.ours
        return parent is not None and parent in self.base and parent not in other

    def _is_kept(self, key: Key) -> bool:
        was, ours, theirs = self.base.get(key), self.ours.get(key), self.theirs.get(key)
        part = ours or theirs or was
        assert part is not None
        values = (was and was.own, ours and ours.own, theirs and theirs.own)
        side = self.decisions.side(conflict_of(part, PRESENCE, *values))
        return side == "base" or key in getattr(self, side)

    def _settle(self) -> None:
        """Ask about everything that was removed and that something which stays needs.

        What was removed with the thing that it stands in goes where that goes.
        """
        inside: dict[Key, list[Key]] = defaultdict(list)
        for key, side in self.removed.items():
            part = getattr(self, side)[key]
            if self._goes_with_parent(part, side) and (parent := parent_of(part, part.place)):
                inside[parent].append(key)
        waiting = list(self.standing)
        while waiting:
            key = waiting.pop()
            for need in needs(self.standing[key]):
                if need not in self.removed:
                    continue
                if self._is_kept(need):
                    self._keep(need, self.removed.pop(need))
                    waiting.append(need)
                else:
                    del self.removed[need]
                    self.dropped.add(need)
            for child in inside[key]:
                if child in self.removed:
                    self._keep(child, self.removed.pop(child))
                    waiting.append(child)

    def _fallen(self, it: Standing) -> bool:
        """Tell whether something that a thing cannot be without is gone; a persona it can be without."""
        if ("persona", it.own.get("persona", "")) in self.dropped:
            del it.own["persona"]
        return any(need in self.dropped for need in needs(it))


def needs(it: Standing) -> Iterator[Key]:
    """Yield the things that have to be there for this one: what it stands in, and what it names."""
    parent = parent_of(it.part, it.place)
    if parent is not None:
        yield parent
    if it.place is not None and it.place.member.startswith("lane_items/"):
        yield "lane", it.place.member.partition("/")[2]
    if it.part.kind == "transition":
        yield "touchpoint", it.own["from"]
        yield "touchpoint", it.own["to"]
    elif "persona" in it.own:
        yield "persona", it.own["persona"]


def parent_of(part: Part, place: Place | None) -> Key | None:
    if place is None or place.parent is None:
        return None
    return ("stage" if part.kind == "touchpoint" else "touchpoint"), place.parent


def _touched(was: Part, now: Part) -> bool:
    """Tell whether a side worked on a thing: its members, or what it stands in."""
    return was.own != now.own or parent_of(was, was.place) != parent_of(now, now.place)
