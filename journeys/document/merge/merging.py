"""The merge of documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from journeys.document.diff import Key, Part, Place, Plain, moved, parts_of, put_entries

from .decisions import Conflict, Decisions, Resolution, UnknownResolution
from .order import merged_order
from .presence import Presence, Standing

Home = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """The document in the end, and what nobody decided: there it is as in ours."""

    document: dict[str, Any]
    conflicts: tuple[Conflict, ...]


def merge(base: Plain, ours: Plain, theirs: Plain, resolutions: Iterable[Resolution] = ()) -> Merged:
    """Return what both sides made of the base, put together.

    Where one side is the base, the other is the result. An empty base, {}, is one: then what both have must
    be the same, or is decided. The result is not validated: both sides may have used one key.

    Raises UnknownResolution where a resolution is of nothing that is there, ValueError where something has
    no id.
    """
    sides = parts_of(base), parts_of(ours), parts_of(theirs)
    decided = list(resolutions)
    for index, one in enumerate(decided):
        if not any((one.kind, one.id) in side for side in sides):
            raise UnknownResolution(index)
    decisions = Decisions(decided)
    places = [{key: part.place for key, part in side.items()} for side in sides]
    moved_by = {"ours": moved(places[0], places[1]), "theirs": moved(places[0], places[2])}
    standing = Presence(*sides, moved_by, decisions).decide()
    return Merged(_assembled(standing, sides[1], sides[2]), decisions.open_conflicts())


def _assembled(standing: Mapping[Key, Standing], ours: Mapping[Key, Part], theirs: Mapping[Key, Part]) -> Any:
    lists: dict[Home, dict[str, Standing]] = defaultdict(dict)
    root: dict[str, Any] = {}
    for (_, own), it in standing.items():
        if it.place is None:
            root = it.own
        else:
            lists[_home(it.place)][own] = it
    orders = _orders(ours), _orders(theirs)
    inside: dict[str, list[tuple[str, list[Any]]]] = defaultdict(list)
    for home, members in lists.items():
        by_theirs = {own for own, it in members.items() if it.by == "theirs"}
        indices = {own: it.place.index for own, it in members.items() if it.place}
        order = merged_order(orders[0][home], orders[1][home], by_theirs, indices)
        inside[home[0] or ""].append((home[1], [members[own].own for own in order]))
    for it in standing.values():
        if it.part.kind in ("stage", "touchpoint"):
            for member, things in inside[it.part.id]:
                if (member == "touchpoints") == (it.part.kind == "stage"):
                    put_entries(it.own, member, things)
    return root | dict(inside[""])


def _orders(parts: Mapping[Key, Part]) -> Mapping[Home, list[str]]:
    found: dict[Home, list[str]] = defaultdict(list)
    for part in parts.values():
        if part.place is not None:
            found[_home(part.place)].append(part.id)
    return found


def _home(place: Place) -> Home:
    return place.parent, place.member
