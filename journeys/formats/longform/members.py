"""Members by their type: each as rows of `field` and `value`, and back.

`field` is the name of the member; a dot leads into one (`time_window.start`, `attributes.team`). A list has a
row for each of its entries. What is neither text, number, yes or no, nor a list or mapping of texts is JSON.
The types come from the document's own schema, so that a member that a later format brings has its rows, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from journeys.document.base import Shape
from journeys.formats.grid.plain import unguarded
from journeys.formats.grid.write import guarded
from journeys.formats.mermaid.numbers import spelled
from service.errors import BadRequest
from service.strict_json import loads

TEXT, NUMBER, FLAG, TEXTS, MAP, JSONS, JSON = "text", "number", "flag", "texts", "map", "jsons", "json"
Kinds = Mapping[str, Any]
"""{name of a member: its kind, or the kinds of a shape}."""

_NUMBER = re.compile(r"[+-]?\d{1,300}(?:[.,]\d{1,300})?(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Unreadable(ValueError):
    """A field or its value cannot be read; the message says why."""


@cache
def kinds_of(shape: type[Shape]) -> Kinds:
    """Return the kinds of a shape's members."""
    schema = shape.model_json_schema()
    return _members(schema, schema.get("$defs", {}))


def _members(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _kind(node, defs) for name, node in schema["properties"].items()}


def _kind(node: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    if "$ref" in node:
        node = defs[node["$ref"].rpartition("/")[2]]
    match node.get("type"):
        case "string":
            return TEXT
        case "number" | "integer":
            return NUMBER
        case "boolean":
            return FLAG
        case "array":
            return TEXTS if _kind(node.get("items", {}), defs) == TEXT else JSONS
        case "object" if "properties" in node:
            return _members(node, defs)
        case "object" if _kind(node.get("additionalProperties") or {}, defs) == TEXT:
            return MAP
    return JSON


def rows_of(plain: Mapping[str, Any], kinds: Kinds, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (field, value) for each member."""
    for name, value in plain.items():
        kind = kinds.get(name, JSON)
        field = prefix + name
        if isinstance(kind, Mapping) and isinstance(value, Mapping):
            yield from rows_of(value, kind, f"{field}.")
        elif kind == MAP:
            yield from ((guarded(f"{field}.{key}"), guarded(text)) for key, text in value.items())
        elif kind == TEXTS:
            yield from ((field, guarded(text)) for text in value)
        elif kind == JSONS:
            yield from ((field, json.dumps(entry, ensure_ascii=False)) for entry in value)
        elif kind == TEXT:
            yield field, guarded(value)
        else:
            yield field, spelled_value(value)


def spelled_value(value: Any) -> str:
    """Return a number, a flag or anything else as the text of a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return spelled(float(value))
    return json.dumps(value, ensure_ascii=False)


def put(plain: dict[str, Any], kinds: Kinds, field: str, value: str) -> None:
    """Put what a row says into a raw document or part. Raises Unreadable."""
    name, dot, rest = unguarded(field).partition(".")
    kind = kinds.get(name)
    if kind is None:
        raise Unreadable(f"There is no member {name[:80]!r} here.")
    if isinstance(kind, Mapping):
        held = plain.setdefault(name, {})
        if not dot:
            raise Unreadable(f"{name!r} has members: write {name}.{next(iter(kind))}.")
        put(held, kind, rest, value)
    elif kind == MAP:
        if not dot or not rest:
            raise Unreadable(f"{name!r} has names: write {name}.your-name.")
        plain.setdefault(name, {})[rest] = unguarded(value)
    elif dot:
        raise Unreadable(f"{name!r} has no members.")
    elif kind in (TEXTS, JSONS):
        plain.setdefault(name, []).append(unguarded(value) if kind == TEXTS else _json(value))
    elif name in plain:
        raise Unreadable(f"{name!r} stands here twice.")
    elif value:
        plain[name] = _read(kind, value)


def number(text: str) -> float:
    """Return the figure of a cell, with a decimal point or comma. Raises Unreadable."""
    spelling = text.strip()
    if not _NUMBER.match(spelling):
        raise Unreadable(f"{text[:60]!r} is not a number.")
    value = float(spelling.replace(",", "."))
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _read(kind: str, text: str) -> Any:
    if kind == TEXT:
        return unguarded(text)
    if kind == NUMBER:
        return number(text)
    if kind == FLAG:
        found = _FLAGS.get(text.strip().lower())
        if found is None:
            raise Unreadable(f"{text[:60]!r} is neither true nor false.")
        return found
    return _json(text)


def _json(text: str) -> Any:
    try:
        return loads(text.encode())
    except BadRequest as refusal:
        raise Unreadable(f"This is not JSON: {refusal.detail[:200]}") from None
