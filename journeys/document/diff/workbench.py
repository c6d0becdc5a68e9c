"""A document that is edited step by step, each step told as an operation of RFC 6902.

Places are told as they shall be in the end. While the work goes on, a list still holds what will leave it:
what has not found its place does not count when the index of another is looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from journeys.document.canonical import encode
from journeys.document.pointers import escaped

from .fields import members_named
from .parts import Key, Place, Plain, lists_of, parts_of

Home = tuple[str | None, str]
Operation = dict[str, Any]


class Workbench:
    """A copy of a document, and the operations that made it what it is now."""

    def __init__(self, document: Plain) -> None:
        self.document: dict[str, Any] = _copy(document)
        self.operations: list[Operation] = []
        self._order: dict[Home, list[str]] = defaultdict(list)  # ids, parallel to the lists of the document
        self._leaving: dict[Home, set[str]] = defaultdict(set)
        self._stage_of: dict[str, str] = {}
        for part in parts_of(self.document).values():
            if part.place is not None:
                self._note(part.id, part.place, len(self._order[_home(part.place)]))

    def expect_to_leave(self, own: str, place: Place) -> None:
        """Say that a thing will be taken from its place, or moved."""
        self._leaving[_home(place)].add(own)

    def insert(self, own: str, place: Place, content: Plain) -> None:
        """Put a new thing at its place; what stands in it comes along."""
        siblings, where = self._list(_home(place))
        at, value = self._position(place), _copy(content)
        siblings.insert(at, value)
        self._note(own, place, at)
        self._say("add", f"{where}/{at}", content)
        if place.member == "touchpoints":
            for member, entries in lists_of(value):
                self._order[own, member] = [str(entry["id"]) for entry in entries]

    def move(self, own: str, source: Place, target: Place) -> None:
        """Put a thing elsewhere."""
        siblings, where = self._list(_home(target))
        thing, start = self._taken(own, source)
        at = self._position(target)
        siblings.insert(at, thing)
        self._note(own, target, at)
        if start != f"{where}/{at}":
            self.operations.append({"op": "move", "from": start, "path": f"{where}/{at}"})

    def remove(self, own: str, place: Place) -> None:
        """Take a thing out."""
        self._say("remove", self._taken(own, place)[1])

    def drop_empty(self) -> None:
        """Take away the lists that lost all that stood in them: the canonical form has none."""
        for home in [home for home, order in self._order.items() if not order]:
            parent, (name, _, lane) = home[0], home[1].partition("/")
            if parent is not None and not self._stands(home):
                continue
            holder, where = self._holder(home)
            if name not in holder or (lane and lane not in holder[name]):
                continue
            if lane and len(holder[name]) > 1:
                del holder[name][lane]
                self._say("remove", f"{where}/{home[1]}")
            else:
                del holder[name]
                self._say("remove", f"{where}/{name}")

    def set_fields(self, values: Iterable[tuple[Key, str, Any]]) -> None:
        """Give members their values (None takes one away); the things that have them must stand still."""
        parts = parts_of(self.document)
        for key, field, value in values:
            place, where = parts[key].place, ""
            if place is not None:
                where = f"{self._holder(_home(place))[1]}/{place.member}/{place.index}"
            self._set(parts[key].whole, where, members_named(field), value)

    def _set(self, thing: Any, where: str, names: list[str], value: Any) -> None:
        name, rest = names[0], names[1:]
        path = f"{where}/{escaped(name)}"
        held = thing.get(name)
        if rest and held and (value is not None or held.keys() != set(rest)):
            self._set(held, path, rest, value)
        elif value is None:
            del thing[name]
            self._say("remove", path)
        else:
            thing[name] = {rest[0]: value} if rest else value
            self._say("add" if held is None else "replace", path, thing[name])

    def _note(self, own: str, place: Place, at: int) -> None:
        self._order[_home(place)].insert(at, own)
        if place.member == "touchpoints":
            self._stage_of[own] = str(place.parent)

    def _taken(self, own: str, place: Place) -> tuple[Any, str]:
        """Take a thing from where it stands; return it, and the pointer to where it stood."""
        home = _home(place)
        siblings, where = self._list(home)
        at = self._order[home].index(own)
        del self._order[home][at]
        self._leaving[home].discard(own)
        return siblings.pop(at), f"{where}/{at}"

    def _list(self, home: Home) -> tuple[list[Any], str]:
        """Return a list of things and the pointer to it; one that is not there is made."""
        holder, where = self._holder(home)
        name, _, lane = home[1].partition("/")
        if lane:
            if name not in holder:
                holder[name] = {}
                self._say("add", f"{where}/{name}", {})
            holder, where, name = holder[name], f"{where}/{name}", lane
        if name not in holder:
            holder[name] = []
            self._say("add", f"{where}/{name}", [])
        return holder[name], f"{where}/{name}"

    def _holder(self, home: Home) -> tuple[dict[str, Any], str]:
        """Return what has the list in it, and the pointer to it."""
        parent, member = home
        if parent is None:
            return self.document, ""
        stage = parent if member == "touchpoints" else self._stage_of[parent]
        s = self._order[None, "stages"].index(stage)
        holder, where = self.document["stages"][s], f"/stages/{s}"
        if member == "touchpoints":
            return holder, where
        t = self._order[stage, "touchpoints"].index(parent)
        return holder["touchpoints"][t], f"{where}/touchpoints/{t}"

    def _stands(self, home: Home) -> bool:
        parent, member = home
        stage = parent if member == "touchpoints" else self._stage_of[str(parent)]
        if stage not in self._order[None, "stages"]:
            return False
        return member == "touchpoints" or parent in self._order[stage, "touchpoints"]

    def _position(self, place: Place) -> int:
        """Return where in a list of now a thing has to stand whose index in the end is known."""
        home, settled = _home(place), 0
        for at, own in enumerate(self._order[home]):
            if settled == place.index:
                return at
            settled += own not in self._leaving[home]
        return len(self._order[home])

    def _say(self, op: str, path: str, value: Any = None) -> None:
        told = {} if op == "remove" else {"value": _copy(value)}
        self.operations.append({"op": op, "path": path, **told})


def _home(place: Place) -> Home:
    return place.parent, place.member


def _copy(value: Any) -> Any:
    return msgspec.json.decode(encode(value))
