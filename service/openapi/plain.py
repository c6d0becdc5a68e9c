"""Operations of plain Django views: what is not REST framework's is documented by what the view says.

A view class that wants to be in the document carries `openapi`: {method: OpenAPI operation object}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

Json = dict[str, Any]


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
            item[method] = operation | {"parameters": [*named, *operation.get("parameters", [])]}


def _documented(patterns: Any, prefix: str) -> Iterator[tuple[str, Json]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if operations := getattr(getattr(pattern.callback, "view_class", None), "openapi", None):
                yield route, operations
        else:
            yield from _documented(pattern.url_patterns, route)
