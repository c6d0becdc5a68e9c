"""Two documents become one: the order and the words of what was read, and all that it could not say."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from .matching import Match, Overrides, Plain, matched
from .members import NOTHING, joined_members
from .people import people_named, who_is_who, with_final_personas

OnMissing = Literal["refuse", "remove", "keep"]
"""What becomes of stored elements that the bytes do not have: refused where they hold more than the format
says, taken out, or left where they are."""

_APART = ("stages", "personas", "transitions", "format", "id", "touchpoints")


@dataclass(frozen=True, slots=True)
class Joined:
    """The document and the matches. erased: {id: name} of stored elements that the bytes do not have though
    they hold more than the format can say; where there is one, the document is not to be used."""

    plain: dict[str, Any]
    matches: tuple[Match, ...]
    erased: Mapping[str, str]


def join(
    read: Plain,
    stored: Plain,
    *,
    base: Plain | None,
    whole: bool,
    overrides: Overrides,
    on_missing: OnMissing,
    new_id: Callable[[], UUID],
) -> Joined:
    """Lay the document that was read over the stored one, whose parts all have ids.

    `whole`: the format says everything, so what was read stands as it is and only takes on identities.
    `base`: the stored document as the format says it, of the same stages and touchpoints; None where that is
    unknown.
    Raises KeyError with the pointer of an override that names what is not there.
    """
    known = who_is_who(read, stored, keys=whole)
    if base is not None:
        base = with_final_personas(base, who_is_who(base, stored, keys=whole), new_id)
        known = who_is_who(read, base, keys=False) | known
    read = with_final_personas(read, known, new_id)
    shown = dict(_aligned(stored, base)) if base is not None else {}
    names = {own: str(element.get("name", "")) for own, element in shown.items()}
    matches = matched(read, stored, overrides, names)
    work = _Join(stored, base, shown, matches, whole=whole)
    stages = work.stages(read)
    erased: dict[str, str] = {}
    if on_missing == "keep":
        stages = work.with_missing(stages)
    elif on_missing == "refuse" and not whole:
        erased = work.erased()
    plain = work.root(read, people_named(stages))
    if stages:
        plain["stages"] = stages
    return Joined(_without_loose_ways(plain), tuple(matches), erased)


class _Join:
    def __init__(
        self,
        stored: Plain,
        base: Plain | None,
        shown: Mapping[str, Plain],
        matches: Sequence[Match],
        *,
        whole: bool,
    ) -> None:
        self.stored, self.base, self.shown, self.whole = stored, base, shown, whole
        self.ids = {match.pointer: match.id for match in matches if match.id}
        self.renamed: dict[str, str] = {}
        self.kept = set(self.ids.values())
        self.elements = dict(_elements(stored))

    def root(self, read: Plain, named: Container[str]) -> dict[str, Any]:
        ways = [self.way(way) for way in read.get("transitions", ())]
        if self.whole:
            plain = {name: value for name, value in read.items() if name != "stages"}
            return {**plain, "transitions": ways} if ways else plain
        plain = joined_members(self.stored, read, self.base, _APART)
        known = {str(persona["id"]) for persona in self.stored.get("personas", ())}
        taken = {persona.get("key") for persona in self.stored.get("personas", ())}
        # Of whom the format speaks by another name, only who is named by something that changed is new.
        shown = {persona["id"] for persona in (self.base or NOTHING).get("personas", ())}
        new = [
            {name: value for name, value in persona.items() if name != "key" or value not in taken}
            for persona in read.get("personas", ())
            if persona["id"] not in known and (persona["id"] not in shown or persona["id"] in named)
        ]
        for name, added in (("personas", new), ("transitions", ways)):
            held = list(self.stored.get(name, ()))
            # Ways between touchpoints are as the format says where it says any.
            if together := (added or held) if name == "transitions" else [*held, *added]:
                plain[name] = together
        return plain

    def way(self, way: Plain) -> dict[str, Any]:
        """Return a transition between the ids that its ends have now."""
        return {**way, **{end: self.renamed.get(way[end], way[end]) for end in ("from", "to")}}

    def stages(self, read: Plain) -> list[dict[str, Any]]:
        found = []
        for s, stage in enumerate(read.get("stages", ())):
            where = f"/stages/{s}"
            made = self.element(stage, where)
            inner = [
                self.element(touchpoint, f"{where}/touchpoints/{t}")
                for t, touchpoint in enumerate(stage.get("touchpoints", ()))
            ]
            found.append({**made, "touchpoints": inner} if inner else made)
        return found

    def element(self, read: Plain, where: str) -> dict[str, Any]:
        own = self.ids.get(where)
        plain = {name: value for name, value in read.items() if name != "touchpoints"}
        if own and "id" in plain:
            self.renamed[str(plain["id"])] = own
        if own is None:
            # An id of something that is matched elsewhere, or by the client's word is not it, is not its own.
            taken = plain.get("id") in self.kept or plain.get("id") in self.elements
            return {name: value for name, value in plain.items() if name != "id"} if taken else plain
        if self.whole:
            return {**plain, "id": own}
        base = self.shown.get(own, NOTHING) if self.base is not None else None
        return {**joined_members(self.elements[own], plain, base, _APART), "id": own}

    def with_missing(self, stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the stages with stored ones that were not read, each after the one it followed."""
        missing = set(self.elements) - self.kept
        found = _inserted(
            stages,
            [_without(stage, missing) for stage in self.stored.get("stages", ())],
            missing,
        )
        by_id = {stage.get("id"): stage for stage in found}
        for stage in self.stored.get("stages", ()):
            target = by_id.get(stage["id"]) if stage["id"] in self.kept else None
            held = stage.get("touchpoints", ())
            if target is not None and any(inner["id"] in missing for inner in held):
                target["touchpoints"] = _inserted(target.get("touchpoints", []), held, missing)
        return found

    def erased(self) -> dict[str, str]:
        """Return what was not read though it holds more than the format says of it."""
        gone = {}
        for own, element in self.elements.items():
            if own in self.kept:
                continue
            said = self.shown.get(own, ("name",))
            more = joined_members(element, NOTHING, None, _APART)
            if any(name not in said and name != "key" for name in more):
                gone[own] = str(element.get("name", ""))
        return gone


def _inserted(here: list[dict[str, Any]], stored: Sequence[Plain], missing: set[str]) -> list[dict[str, Any]]:
    """Return the list with the stored things that are missing, each after the stored one before it."""
    after: dict[str, list[Plain]] = {}
    present = {thing.get("id") for thing in here}
    previous = ""
    for thing in stored:
        if thing["id"] in missing:
            after.setdefault(previous, []).append(thing)
        elif thing["id"] in present:
            previous = thing["id"]
    found: list[dict[str, Any]] = [dict(thing) for thing in after.get("", ())]
    for thing in here:
        found.append(thing)
        found += [dict(other) for other in after.get(str(thing.get("id", "-")), ())]
    return found


def _without(stage: Plain, missing: set[str]) -> dict[str, Any]:
    """Return a stage with those touchpoints alone that were not read: the others stand elsewhere."""
    held = [inner for inner in stage.get("touchpoints", ()) if inner["id"] in missing]
    return {
        **{n: v for n, v in stage.items() if n != "touchpoints"},
        **({"touchpoints": held} if held else {}),
    }


def _elements(plain: Plain) -> Iterator[tuple[str, Plain]]:
    for stage in plain.get("stages", ()):
        yield str(stage["id"]), stage
        for touchpoint in stage.get("touchpoints", ()):
            yield str(touchpoint["id"]), touchpoint


def _aligned(stored: Plain, base: Plain) -> Iterator[tuple[str, Plain]]:
    """Yield (id, element of `base`): both have the same stages and touchpoints."""
    for stage, other in zip(stored.get("stages", ()), base.get("stages", ()), strict=True):
        yield str(stage["id"]), other
        inner = zip(stage.get("touchpoints", ()), other.get("touchpoints", ()), strict=True)
        for touchpoint, shown in inner:
            yield str(touchpoint["id"]), shown


def _without_loose_ways(plain: dict[str, Any]) -> dict[str, Any]:
    """Take out transitions from or to touchpoints that are gone."""
    names: set[str] = set()
    for stage in plain.get("stages", ()):
        for touchpoint in stage.get("touchpoints", ()):
            names |= {str(touchpoint[member]) for member in ("id", "key") if touchpoint.get(member)}
    ways = [way for way in plain.get("transitions", ()) if way["from"] in names and way["to"] in names]
    if ways:
        return {**plain, "transitions": ways}
    return {name: value for name, value in plain.items() if name != "transitions"}
