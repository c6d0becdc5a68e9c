"""Members of one thing, three ways: what one side alone changed is taken, the rest is decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journeys.document.diff import Part, Plain
from journeys.document.diff.fields import differing, members_named

from .decisions import Conflict, conflict_of

_SETS = frozenset({"channels", "continues"})
"""Lists without an order that matters: what either side put in or took out holds."""


def merged_members(
    base: Plain, ours: Part, theirs: Part, decide: Callable[[Conflict], Any]
) -> dict[str, Any]:
    """Return the members that a thing has in the end; where both sides lack a base, {} is one."""
    found = dict(ours.own)
    mine = {field: value for field, _, value in differing(base, ours.own)}
    for field, was, value in differing(base, theirs.own):
        if field not in mine:
            put_field(found, field, value)
        elif mine[field] == value:
            continue
        elif field in _SETS:
            put_field(found, field, _union(was or [], mine[field] or [], value or []))
        elif field == "format":
            put_field(found, field, max(mine[field], value))
        else:
            put_field(found, field, decide(conflict_of(ours, field, was, mine[field], value)))
    return found


def put_field(thing: dict[str, Any], field: str, value: Any) -> None:
    """Give a member its value; None or nothing takes it away. A `field` is spelled as changes spell it.

    What is inside a member is copied before it is changed.
    """
    name, *rest = members_named(field)
    if rest:
        inner = dict(thing.get(name, {}))
        put_field(inner, "/".join(field.split("/")[1:]), value)
        value = inner
    if value is None or value in ([], {}):
        thing.pop(name, None)
    else:
        thing[name] = value


def _union(base: list[Any], ours: list[Any], theirs: list[Any]) -> list[Any]:
    kept = [one for one in ours if one in theirs or one not in base]
    return kept + [one for one in theirs if one not in base and one not in ours]
