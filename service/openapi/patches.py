"""Merge patches (RFC 7396) as components: every member optional, null where a member may be removed.

The component `XPatch` is derived from the request component, so that the two cannot part. Objects inside
are patched member by member too; arrays are replaced whole, so their items stay as they are.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
MERGE_PATCH = "application/merge-patch+json"
_REF = "#/components/schemas/"


def close_patches(paths: Json, schemas: Json) -> None:
    """Point every merge patch body at the patch component of what it changes."""
    for item in paths.values():
        content = item.get("patch", {}).get("requestBody", {}).get("content", {})
        if MERGE_PATCH in content:
            body = content[MERGE_PATCH]
            body["schema"] = _patched(body["schema"], schemas)
            item["patch"]["requestBody"].pop("required", None)  # nothing sent: nothing changes


def _patched(schema: Json, schemas: Json) -> Json:
    """Return the schema of what may be sent for a value of this schema, removal aside."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF)
        return (
            schema | {"$ref": _REF + _component(name, schemas)} if "properties" in schemas[name] else schema
        )
    if len(schema.get("allOf", [])) == 1:
        return schema | {"allOf": [_patched(schema["allOf"][0], schemas)]}
    for union in ("oneOf", "anyOf"):
        if union in schema:  # what is left out of a part may make it fit several
            rest = {name: value for name, value in schema.items() if name not in {union, "default"}}
            return rest | {"anyOf": [_patched(branch, schemas) for branch in schema[union]]}
    if "properties" in schema:
        return _object(schema, schemas)
    if isinstance(values := schema.get("additionalProperties"), dict):
        # Bounds of the whole hold after merging, not for the patch.
        bounds = {"minProperties", "maxProperties", "default"}
        kept = {name: value for name, value in schema.items() if name not in bounds}
        return kept | {"additionalProperties": _nullable(_patched(values, schemas))}
    return {name: value for name, value in schema.items() if name != "default"}


def _component(name: str, schemas: Json) -> str:
    """Make the patch component of an object component, once; return its name."""
    patch = name.removesuffix("In").removesuffix("Patch") + "Patch"
    if patch in schemas:
        return patch
    schemas[patch] = {}  # before its members: a shape may contain itself
    about = f"A merge patch of {name}: what is left out stays, null removes."
    schemas[patch] |= _object(schemas[name], schemas) | {"description": about}
    return patch


def _object(whole: Json, schemas: Json) -> Json:
    """Return the patch of an object: no member must be sent, one that may be absent may be null."""
    members: Json = {}
    for name, schema in whole["properties"].items():
        if schema.get("readOnly"):
            members[name] = schema
            continue
        inner = _patched(schema, schemas)
        members[name] = inner if name in whole.get("required", []) else _nullable(inner)
    return {
        "type": "object",
        "properties": members,
        "additionalProperties": whole.get("additionalProperties", True),
    }


def _nullable(schema: Json) -> Json:
    """Return the schema with null allowed."""
    if "enum" in schema or "$ref" in schema or "allOf" in schema:
        about = {name: schema[name] for name in ("description",) if name in schema}
        inner = {name: value for name, value in schema.items() if name not in about}
        if list(inner) == ["allOf"]:
            inner = inner["allOf"][0]
        return {"oneOf": [inner, {"type": "null"}]} | about
    for union in ("oneOf", "anyOf"):
        if union in schema:
            branches = schema[union]
            return schema if {"type": "null"} in branches else schema | {union: [*branches, {"type": "null"}]}
    kind = schema.get("type")
    if kind is None or "null" in kind:
        return schema
    return schema | {"type": [*([kind] if isinstance(kind, str) else kind), "null"]}
