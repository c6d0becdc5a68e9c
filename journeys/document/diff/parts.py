"""Everything in a document that has an identity of its own, and where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from journeys.document.elements import LANES

Plain = Mapping[str, Any]
Kind = Literal["map", "persona", "lane", "stage", "touchpoint", "item", "link", "emotion", "transition"]
Key = tuple[Kind, str]

ENTRY_LANES = (*LANES, "emotions")
# The lists of a document whose members have an identity; all other lists are values.
_CHILDREN: Mapping[str, frozenset[str]] = {
    "map": frozenset({"personas", "lanes", "stages", "transitions"}),
    "stage": frozenset({"touchpoints"}),
    "touchpoint": frozenset({*ENTRY_LANES, "lane_items"}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands: in which list (`member`) of which parent, at which index.

    `parent` is the id of a stage or touchpoint, None for the map. `member` names the list as it is spelled
    in the parent: stages, touchpoints, pains, lane_items/tools …
    """

    parent: str | None
    member: str
    index: int


@dataclass(frozen=True, slots=True)
class Part:
    """A thing with an identity: `whole` as it stands, `own` without the lists of other things in it.

    `id` is the UUID of personas, elements and entries, the key of a custom lane, "" for the map; a
    transition goes by its ends, and by its number where there are several between them.
    """

    kind: Kind
    id: str
    place: Place | None
    own: Plain
    whole: Plain

    @property
    def name(self) -> str:
        """What a reader calls it."""
        for member in ("name", "text", "href", "label", "word"):
            if found := self.own.get(member):
                return str(found)
        if self.kind == "transition":
            return ""
        return str(self.own.get("value", self.own.get("intensity", self.own.get("key", ""))))


def parts_of(document: Plain) -> dict[Key, Part]:
    """Return every part by kind and id, in the order drawn; an entry follows its touchpoint.

    Raises ValueError where one has no id: call `with_ids` first.
    """
    return {(part.kind, part.id): part for part in _parts(document)}


def own_members(kind: str, plain: Plain) -> Plain:
    """Return the members of a thing but the lists of other things in it."""
    children = _CHILDREN.get(kind)
    if children is None or children.isdisjoint(plain):
        return plain
    return {name: value for name, value in plain.items() if name not in children}


def lists_of(touchpoint: Plain) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield (member, entries) for each lane of a touchpoint that holds something."""
    for lane in ENTRY_LANES:
        if lane in touchpoint:
            yield lane, touchpoint[lane]
    for lane, entries in touchpoint.get("lane_items", {}).items():
        yield f"lane_items/{lane}", entries


def put_entries(touchpoint: dict[str, Any], member: str, entries: list[Any]) -> None:
    """Give a touchpoint the entries of a lane, as `lists_of` spells it."""
    name, _, lane = member.partition("/")
    if lane:
        touchpoint.setdefault(name, {})[lane] = entries
    else:
        touchpoint[name] = entries


def entry_kind(member: str) -> Kind:
    """Return what the entries of a lane are."""
    return "link" if member == "links" else "emotion" if member == "emotions" else "item"


def _parts(document: Plain) -> Iterator[Part]:
    yield Part("map", "", None, own_members("map", document), document)
    for index, persona in enumerate(document.get("personas", ())):
        yield Part("persona", _id(persona), Place(None, "personas", index), persona, persona)
    for index, lane in enumerate(document.get("lanes", ())):
        yield Part("lane", lane["key"], Place(None, "lanes", index), lane, lane)
    for s, stage in enumerate(document.get("stages", ())):
        own = _id(stage)
        yield Part("stage", own, Place(None, "stages", s), own_members("stage", stage), stage)
        for t, touchpoint in enumerate(stage.get("touchpoints", ())):
            inner = _id(touchpoint)
            place = Place(own, "touchpoints", t)
            yield Part("touchpoint", inner, place, own_members("touchpoint", touchpoint), touchpoint)
            for member, entries in lists_of(touchpoint):
                for e, entry in enumerate(entries):
                    yield Part(entry_kind(member), _id(entry), Place(inner, member, e), entry, entry)
    yield from _transitions(document)


def _transitions(document: Plain) -> Iterator[Part]:
    seen: Counter[str] = Counter()
    for index, way in enumerate(document.get("transitions", ())):
        ends = f"{way['from']}>{way['to']}"
        seen[ends] += 1
        own = ends if seen[ends] == 1 else f"{ends}#{seen[ends]}"
        yield Part("transition", own, Place(None, "transitions", index), way, way)


def _id(plain: Plain) -> str:
    if "id" not in plain:
        raise ValueError(f"{plain.get('name', plain.get('text', ''))!r} has no id: call with_ids first")
    return str(plain["id"])
