"""Two documents in, what is different out: thing by thing, member by member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .fields import differing
from .order import moved
from .parts import Key, Kind, Part, Place, Plain, entry_kind, lists_of, parts_of, put_entries

Verb = Literal["added", "removed", "moved", "renamed", "changed"]
_ENTRIES = ("item", "link", "emotion")
_NAMING = {"stage": "name", "touchpoint": "name", "persona": "name", "map": "name", "lane": "label"}

Parts = Mapping[Key, Part]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different.

    `source` is where the thing stood before (None: it was not there), `target` where it stands now (None:
    it is gone). Of an added or removed thing `after` or `before` is its content; a touchpoint's has its
    entries in it but for those that moved. Renamed and changed are about one `field`, with its old and new
    value (None where it is absent). Moved is told apart from both.
    """

    verb: Verb
    kind: Kind
    id: str
    name: str
    source: Place | None = None
    target: Place | None = None
    field: str = ""
    before: Any = None
    after: Any = None


def diff(old: Plain, new: Plain) -> tuple[Change, ...]:
    """Return every change from `old` to `new`: first what went, then the rest in the new order.

    Empty for equal documents, and only for these. Raises ValueError where something has no id.
    """
    if old is new or old == new:
        return ()
    before, after = parts_of(old), parts_of(new)
    return (*_removed(before, after), *_rest(before, after))


def _removed(before: Parts, after: Parts) -> Iterator[Change]:
    for key, gone in _told(before, after):
        content = _content(gone, after)
        yield Change("removed", *key, gone.name, source=gone.place, before=content)


def _rest(before: Parts, after: Parts) -> Iterator[Change]:
    elsewhere = moved(_places(before), _places(after))
    told = dict(_told(after, before))
    for key, now in after.items():
        was = before.get(key)
        if was is None:
            if key in told:
                content = _content(now, before)
                yield Change("added", *key, now.name, target=now.place, after=content)
            continue
        if key in elsewhere:
            yield Change("moved", *key, now.name, was.place, now.place)
        if was.own != now.own:
            yield from _fields(was, now)


def _fields(was: Part, now: Part) -> Iterator[Change]:
    for field, old, new in differing(was.own, now.own):
        verb: Verb = "renamed" if field == _NAMING.get(now.kind) else "changed"
        yield Change(verb, now.kind, now.id, now.name, was.place, now.place, field, old, new)


def _told(here: Parts, there: Parts) -> Iterator[tuple[Key, Part]]:
    """Yield what only `here` has. An entry is told with its touchpoint, where that is alone here, too."""
    for key, part in here.items():
        if key in there:
            continue
        home = part.place.parent if part.place and part.kind in _ENTRIES else None
        if home is None or ("touchpoint", home) in there:
            yield key, part


def _content(part: Part, there: Parts) -> Plain:
    """Return what is added or removed as one: a touchpoint with those entries that the other side lacks."""
    if part.kind != "touchpoint":
        return part.own
    found = dict(part.own)
    for member, entries in lists_of(part.whole):
        kind = entry_kind(member)
        if own := [entry for entry in entries if (kind, str(entry["id"])) not in there]:
            put_entries(found, member, own)
    return found


def _places(parts: Parts) -> dict[Key, Place | None]:
    return {key: part.place for key, part in parts.items()}
