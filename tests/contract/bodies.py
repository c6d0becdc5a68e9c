"""Which bodies are worth to be enumerated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_ORDER = ("put", "post", "patch")  # a PUT takes the whole
_NEW = 0.25


def repeated(document: Json) -> frozenset[str]:
    """Return the ids of operations whose body says again what bodies of other operations say.

    Of the members that can be reached in it three quarters stand in other bodies: a merge patch repeats what
    it changes, a stage is a part of the draft. PatchX, XIn, DraftX are X said again.
    """
    bodies = [
        (_ORDER.index(method), operation["operationId"], members)
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in _ORDER and (members := _members(operation.get("requestBody", {}), document))
    ]
    enumerated: set[str] = set()
    again = set()
    for _, operation_id, members in sorted(bodies, key=lambda body: (body[0], -len(body[2]), body[1])):
        if len(members - enumerated) < _NEW * len(members):
            again.add(operation_id)
        enumerated |= members
    return frozenset(again)


def _members(body: Json, document: Json) -> set[str]:
    """Return the members of all components that can be reached from a body, as `Component.member`."""
    schemas = document["components"]["schemas"]
    seen: set[str] = set()
    waiting = list(_refs(body))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _refs(schemas[name])
    return {
        f"{re.sub('^Draft|(In|Patch|Body)$', '', name)}.{member}"
        for name in seen
        for member in schemas[name].get("properties", {})
    }


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        for inner in schema.values():
            yield from _refs(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _refs(inner)
