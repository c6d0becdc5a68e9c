"""One member of an element: as it is stored, as it was read, and as the format would have shown it before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Plain = Mapping[str, Any]
NOTHING: Plain = {}
_MEASURE = frozenset({"scale", "value", "word", "arousal", "dominance"})
"""What an emotion is measured by: a new figure on another scale takes the place of all of it."""


def joined_members(
    stored: Plain, read: Plain, base: Plain | None, skip: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the members of an element.

    What was read stands, but where it says what `base` says: then what is stored stays, all of it. Without a
    `base` what was not read stays, too.
    """
    passed = set(skip)
    found: dict[str, Any] = {}
    for name in (*stored, *(own for own in read if own not in stored)):
        if name in passed:
            continue
        value = _joined(
            stored.get(name), read.get(name), None if base is None else base.get(name), base is None
        )
        if value is not None and value != {} and value != []:
            found[name] = value
    return found


def _joined(stored: Any, read: Any, base: Any, unknown: bool) -> Any:
    if _bare(read) == _bare(base) or (unknown and read is None):
        return stored
    if isinstance(stored, Mapping) and isinstance(read, Mapping | None):
        inner = None if unknown else base or NOTHING
        return joined_members(stored, read or NOTHING, inner)
    if isinstance(read, list) and isinstance(stored, list) and all(isinstance(e, Mapping) for e in read):
        return (
            _declared(stored, read) if any("key" in entry for entry in read) else joined_entries(stored, read)
        )
    return read


def _declared(stored: Sequence[Plain], read: Sequence[Plain]) -> list[dict[str, Any]]:
    """Return things that others name by their key: none goes as long as it may be named."""
    there = {entry.get("key"): entry for entry in read}
    held = [{**entry, **there.pop(entry.get("key"), NOTHING)} for entry in stored]
    return [*held, *map(dict, there.values())]


def joined_entries(stored: Sequence[Plain], read: Sequence[Plain]) -> list[dict[str, Any]]:
    """Return the entries that were read, each with what the stored entry of the same words holds besides."""
    free = list(stored)
    found = []
    for entry in read:
        known = next((other for other in free if _same(entry, other)), None)
        if known is None:
            found.append(dict(entry))
            continue
        free.remove(known)
        gone = _MEASURE if _MEASURE & entry.keys() else frozenset()
        held = {name: value for name, value in known.items() if name not in gone}
        merged = {**held, **entry, "id": known.get("id", entry.get("id"))}
        found.append({name: value for name, value in merged.items() if value is not None})
    return found


def _same(one: Plain, other: Plain) -> bool:
    """Tell whether two entries are one: by id, else by the words of an item, by whose an emotion is."""
    if "id" in one and one.get("id") == other.get("id"):
        return True
    for member in ("text", "href"):
        if member in one or member in other:
            return bool(one.get(member) == other.get(member))
    return bool(one.get("persona", "") == other.get("persona", ""))


def _bare(value: Any) -> Any:
    """Return a value without the ids in it: what was read got its ids by chance."""
    if isinstance(value, Mapping):
        return {name: _bare(inner) for name, inner in value.items() if name != "id"}
    if isinstance(value, list):
        return [_bare(inner) for inner in value]
    return value
