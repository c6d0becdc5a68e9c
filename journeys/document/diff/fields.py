"""Members that differ. An object inside a thing (attributes, a time window …) is told member by member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from journeys.document.pointers import escaped

from .parts import Plain


def differing(old: Plain, new: Plain) -> Iterator[tuple[str, Any, Any]]:
    """Yield (field, before, after) for each member that is not the same; None where it is absent.

    A field is a JSON Pointer without its first slash: `owner`, `attributes/team`, `time_window/start`.
    """
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, Mapping) or isinstance(after, Mapping):
            was, now = before or {}, after or {}
            for inner in sorted(was.keys() | now.keys()):
                if was.get(inner) != now.get(inner):
                    yield f"{escaped(name)}/{escaped(inner)}", was.get(inner), now.get(inner)
        else:
            yield escaped(name), before, after


def members_named(field: str) -> list[str]:
    """Return the names that a field goes by: `attributes/a~1b` → ["attributes", "a/b"]."""
    return [name.replace("~1", "/").replace("~0", "~") for name in field.split("/")]
