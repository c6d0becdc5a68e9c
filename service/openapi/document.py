"""The finishing of the document: what follows from the declarations is written once, here.

Each step takes the whole document and changes it in place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.openapi.links import add_links
from service.openapi.operations import REFUSALS
from service.openapi.patches import close_patches
from service.openapi.plain import add_plain_views
from service.problems import MEDIA_TYPE

Json = dict[str, Any]
SECURITY = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer lm_key_…`; each operation names the scope that it needs.",
    },
    "ViewToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer lm_view_…`: a read-only token of one view.",
    },
}
HEADERS: dict[str, Json] = {
    "ETag": {
        "description": "Of what is shown; send it as If-Match to change it.",
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where it is.", "schema": {"type": "string"}},
    "Link": {"description": 'RFC 8288: `rel="next"` and `rel="prev"`.', "schema": {"type": "string"}},
    "X-Request-Id": {"description": "Yours, or ours; name it to support.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` where the stored answer of an earlier request is repeated.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {"description": "RFC 6750.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds, where waiting helps.", "schema": {"type": "integer"}},
    "Accept-Post": {"description": "What POST and PUT take.", "schema": {"type": "string"}},
    "Accept-Patch": {"description": "What PATCH takes.", "schema": {"type": "string"}},
}
PARAMETERS: dict[str, Json] = {
    "IdempotencyKey": {
        "in": "header",
        "name": "Idempotency-Key",
        "description": "Printable ASCII. A repeat within 24 hours gets the stored answer.",
        "schema": {"type": "string", "pattern": '^("[!#-~]{1,255}"|[!#-~]{1,255})$'},
    },
    "IfNoneMatch": {
        "in": "header",
        "name": "If-None-Match",
        "description": "ETags that you hold; 304 when one of them is current.",
        "example": '"r7"',
        "schema": {
            "type": "string",
            "format": "entity-tags",
            "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$',
        },
    },
}
_OF_STATUS = {
    "401": ["WWW-Authenticate"],
    "403": ["WWW-Authenticate"],
    "409": ["Retry-After"],
    "412": ["ETag"],
    "415": ["Accept-Post", "Accept-Patch"],
    "503": ["Retry-After"],
}


def finish(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Return the document with everything in it that the declarations imply."""
    components = result["components"]
    schemas = components.setdefault("schemas", {})
    add_plain_views(result["paths"])
    close_patches(result["paths"], schemas)
    for method, operation in operations(result["paths"]):
        _replays(method, operation)
        _conditions(method, operation, schemas)
        _headers(operation)
        _name_refs(operation)
    for schema in schemas.values():
        _tidy(schema)
    add_links(result["paths"])
    components["responses"] = _shared_refusals(result["paths"])
    components["parameters"] = PARAMETERS
    components["headers"] = HEADERS
    components["securitySchemes"] = SECURITY
    return result


def operations(paths: Json) -> Iterator[tuple[str, Json]]:
    """Yield (method, operation)."""
    for item in paths.values():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield method, operation


def _replays(method: str, operation: Json) -> None:
    """Every POST of a key honours Idempotency-Key."""
    if method == "post" and operation.get("security"):
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
        problem = operation["responses"]["400"]["content"]
        for status in (409, 422):
            operation["responses"].setdefault(
                str(status), {"content": problem, "description": REFUSALS[status]}
            )
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                _declare(response, "Idempotency-Replayed")


def _conditions(method: str, operation: Json, schemas: Json) -> None:
    """What shows an `etag` sends it as ETag too, and answers 304 to who holds it."""
    responses = operation["responses"]
    for status in [status for status in responses if status.startswith("2")]:
        content = responses[status].get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if "etag" in schemas.get(name, {}).get("properties", {}):
            _declare(responses[status], "ETag")
            if method == "get":
                responses.setdefault("304", {"description": "You hold what is current."})
    if "304" in responses:
        _declare(responses["304"], "ETag")
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IfNoneMatch"})


def _headers(operation: Json) -> None:
    responses = operation["responses"]
    for status, response in responses.items():
        _declare(response, "X-Request-Id")
        for name in _OF_STATUS.get(status, []):
            _declare(response, name)
        if status in {"201", "202"} and operation.get("security"):
            _declare(response, "Location")
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("Page"):
            _declare(response, "Link")


def _declare(response: Json, name: str) -> None:
    response.setdefault("headers", {}).setdefault(name, {"$ref": f"#/components/headers/{name}"})


def _name_refs(operation: Json) -> None:
    for parameter in operation.get("parameters", []):
        if parameter.get("in") == "path" and parameter["name"] in {"ref", "element"}:
            parameter.setdefault("description", "Id or key.")


def _tidy(schema: Any) -> None:
    """Take out what the generator leaves for hooks that we do not run."""
    if isinstance(schema, dict):
        schema.pop("x-spec-enum-id", None)
        if {} in schema.get("oneOf", ()):
            del schema["oneOf"]  # anything, or null: anything
        for inner in schema.values():
            _tidy(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _tidy(inner)


def _shared_refusals(paths: Json) -> Json:
    """Move refusals that read the same everywhere into components; return them by name."""
    shared: Json = {}
    for _, operation in operations(paths):
        responses = operation["responses"]
        for status, response in responses.items():
            if list(response.get("content", {})) != [MEDIA_TYPE]:
                continue
            if response["description"] != REFUSALS.get(int(status)):
                continue
            name = f"Problem{status}"
            if shared.setdefault(name, response) == response:
                responses[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))
