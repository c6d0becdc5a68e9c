"""Stages and touchpoints of two documents: which is which.

In this order: what a client says, the id, the key, the name (of touchpoints first within the stage that was
matched, then anywhere), and at last the place: what stands between the same neighbours, one for one or
under a similar name, was renamed. Names that several bear are matched in their order and named as ambiguous.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from journeys.document.pointers import pointer

Plain = Mapping[str, Any]
PAIRS_MAX, SIMILAR = 64, 0.6
NO_NAMES: Mapping[str, str] = {}
Overrides = Mapping[str, str | None]
"""{pointer into the document that was read: id of the stored element, None for a new one}."""


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Match:
    """What became of one element that was read.

    by: given, id, key, name, place, or none. id: of the stored element, "" for a new one. candidates: all
    that bear the name, where there are several.
    """

    pointer: str
    kind: str
    name: str
    by: str
    id: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def ambiguous(self) -> bool:
        return bool(self.candidates)


@dataclass(slots=True)
class _Thing:
    """An element on either side; `home` is the pointer of its stage, the id of it on the stored side."""

    at: str
    plain: Plain
    home: str
    order: int
    called: str

    @property
    def name(self) -> str:
        return " ".join(self.called.split()).casefold()


def matched(
    read: Plain, stored: Plain, overrides: Overrides, names: Mapping[str, str] = NO_NAMES
) -> list[Match]:
    """Return a match for each element that was read, in its order: stages, each before its touchpoints.

    `names`: {id: what the format calls a stored element}, where that may be another spelling of its name.
    Raises KeyError with the pointer of an override that names what is not there.
    """
    stages, touchpoints = _read(read)
    stored_stages, stored_touchpoints = _stored(stored, names)
    known = {own.at for own in (*stages, *touchpoints)}
    for where in overrides:
        if where not in known:
            raise KeyError(where)
    first = _Matching("stage", stages, stored_stages, overrides)
    homes = first.run([lambda thing: thing.home])
    second = _Matching("touchpoint", touchpoints, stored_touchpoints, overrides)
    second.homes = homes
    second.run([lambda thing: homes.get(thing.home, "-"), lambda thing: ""])
    found = {match.pointer: match for match in (*first.matches(), *second.matches())}
    return [found[thing.at] for thing in sorted((*stages, *touchpoints), key=lambda thing: thing.order)]


class _Matching:
    def __init__(
        self, kind: str, read: Sequence[_Thing], stored: Sequence[_Thing], overrides: Overrides
    ) -> None:
        self.kind, self.read, self.overrides = kind, read, overrides
        self.free = {thing.at: thing for thing in stored}
        self.stands_in = {thing.at: thing.home for thing in stored}
        self.found: dict[str, Match] = {}
        self.homes: Mapping[str, str] = {}

    def run(self, homes: Iterable[Callable[[_Thing], str]]) -> dict[str, str]:
        """Match all; return {pointer: id}."""
        self.given()
        self.same("id", lambda thing: str(thing.plain.get("id") or ""))
        self.same("key", lambda thing: str(thing.plain.get("key") or ""))
        for index, home in enumerate(homes):
            self.named(home, anywhere=index > 0 or self.kind == "stage")
        self.placed()
        return {where: match.id for where, match in self.found.items()}

    def given(self) -> None:
        for thing in self.read:
            if thing.at not in self.overrides:
                continue
            wanted = self.overrides[thing.at]
            if wanted is None:
                self.found[thing.at] = self.match(thing, "given")
            elif wanted in self.free:
                self.take(thing, wanted, "given")
            else:
                raise KeyError(thing.at)

    def same(self, by: str, name: Callable[[_Thing], str]) -> None:
        there = {name(thing): own for own, thing in self.free.items() if name(thing)}
        for thing in self.waiting():
            own = there.get(name(thing), "")
            if own in self.free:
                self.take(thing, own, by)

    def named(self, home: Callable[[_Thing], str], *, anywhere: bool) -> None:
        """Match by name among those of one home, in their order."""
        there: dict[tuple[str, str], list[str]] = defaultdict(list)
        for own, other in self.free.items():
            there["" if anywhere else other.home, other.name].append(own)
        here: dict[tuple[str, str], list[_Thing]] = defaultdict(list)
        for thing in self.waiting():
            here["" if anywhere else home(thing), thing.name].append(thing)
        for name, things in here.items():
            owns = there.get(name, [])
            several = len(owns) > 1 or (len(things) > 1 and owns)
            candidates = tuple(Candidate(own, str(self.free[own].plain.get("name", ""))) for own in owns)
            for thing, own in zip(things, owns, strict=False):
                self.take(thing, own, "name", candidates if several else ())

    def placed(self) -> None:
        """Match what stands between the same neighbours on both sides, where it is as many."""
        gaps: dict[tuple[str, str], list[_Thing]] = defaultdict(list)
        previous: dict[str, str] = {}
        for thing in self.read:
            if thing.at in self.found and self.found[thing.at].id:
                previous[thing.home] = self.found[thing.at].id
            elif thing.at not in self.found:
                gaps[self.homes.get(thing.home, ""), previous.get(thing.home, "")].append(thing)
        there: dict[tuple[str, str], list[str]] = defaultdict(list)
        before: dict[str, str] = {}
        for own in self.stands_in:
            home = self.stands_in[own]
            if own in self.free:
                there[home, before.get(home, "")].append(own)
            else:
                before[home] = own
        for gap, things in gaps.items():
            owns = there.get(gap, [])
            for thing, own in self.renamed(things, owns):
                self.take(thing, own, "place")

    def renamed(self, things: Sequence[_Thing], owns: Sequence[str]) -> list[tuple[_Thing, str]]:
        """Pair what stands in one gap: one for one where it is as many, else those of similar names."""
        if len(owns) == len(things):
            return list(zip(things, owns, strict=True))
        pairs: list[tuple[_Thing, str]] = []
        free = list(things) if len(owns) * len(things) <= PAIRS_MAX else []
        for own in owns:
            alike = next((thing for thing in free if _similar(thing.name, self.free[own].name)), None)
            if alike is not None:
                free.remove(alike)
                pairs.append((alike, own))
        return pairs

    def take(self, thing: _Thing, own: str, by: str, candidates: tuple[Candidate, ...] = ()) -> None:
        self.found[thing.at] = replace(self.match(thing, by), id=own, candidates=candidates)
        del self.free[own]

    def match(self, thing: _Thing, by: str) -> Match:
        return Match(thing.at, self.kind, str(thing.plain.get("name", "")), by)

    def waiting(self) -> list[_Thing]:
        return [thing for thing in self.read if thing.at not in self.found]

    def matches(self) -> list[Match]:
        return [self.found.get(thing.at) or self.match(thing, "none") for thing in self.read]


def _similar(one: str, other: str) -> bool:
    """Tell whether one name has all words of the other, or most of its letters in their order."""
    words, others = set(one.split()), set(other.split())
    if words <= others or others <= words:
        return True
    compared = SequenceMatcher(None, one, other, autojunk=False)
    return compared.quick_ratio() >= SIMILAR and compared.ratio() >= SIMILAR


def _read(plain: Plain) -> tuple[list[_Thing], list[_Thing]]:
    stages, touchpoints, order = [], [], 0
    for s, stage in enumerate(plain.get("stages", ())):
        where = pointer("stages", s)
        stages.append(_Thing(where, stage, "", order, _name(stage)))
        for t, inner in enumerate(stage.get("touchpoints", ())):
            order += 1
            own = where + pointer("touchpoints", t)
            touchpoints.append(_Thing(own, inner, where, order, _name(inner)))
        order += 1
    return stages, touchpoints


def _stored(plain: Plain, names: Mapping[str, str]) -> tuple[list[_Thing], list[_Thing]]:
    stages, touchpoints = [], []
    for stage in plain.get("stages", ()):
        own = str(stage["id"])
        stages.append(_Thing(own, stage, "", 0, names.get(own) or _name(stage)))
        for inner in stage.get("touchpoints", ()):
            held = str(inner["id"])
            touchpoints.append(_Thing(held, inner, own, 0, names.get(held) or _name(inner)))
    return stages, touchpoints


def _name(plain: Plain) -> str:
    return str(plain.get("name", ""))
