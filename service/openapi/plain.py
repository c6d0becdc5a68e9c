"""Operations of plain Django views: what is not REST framework's is documented by what the view says.

A view class that wants to be in the document carries `openapi`: {method: plain_operation(…)}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

from service.openapi.operations import REFUSALS
from service.problems import MEDIA_TYPE

Json = dict[str, Any]
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def plain_operation(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    answers: dict[int, tuple[str, Json]],
    refused: Iterable[int] = (),
    parameters: Iterable[Json] = (),
    body: Json | None = None,
    description: str = "",
) -> Json:
    """Return an operation without credential. answers: {status: (description, schema of the JSON body)}."""
    said = {
        status: {"description": about, "content": {"application/json": {"schema": schema}}}
        for status, (about, schema) in answers.items()
    }
    said |= {status: {"description": REFUSALS[status], "content": dict(_PROBLEM)} for status in refused}
    operation: Json = {
        "operationId": operation_id,
        "summary": summary,
        "description": description or f"{summary}.",
        "tags": [tag],
        "parameters": list(parameters),
        "security": [],
        "responses": {str(status): said[status] for status in sorted(said)},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def add_plain_views(paths: Json) -> None:
    """Add every plain view that says what it does, with its path parameters."""
    for route, operations in _documented(get_resolver().url_patterns, ""):
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        named = [
            {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", path)
        ]
        item = paths.setdefault(path, {})
        for method, operation in operations.items():
            item[method] = operation | {"parameters": [*named, *operation["parameters"]]}


def _documented(patterns: Any, prefix: str) -> Iterator[tuple[str, Json]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if operations := getattr(getattr(pattern.callback, "view_class", None), "openapi", None):
                yield route, operations
        else:
            yield from _documented(pattern.url_patterns, route)
