"""Links (OpenAPI 3.1 §4.8.20): from what was created to what can be done with it, ETag included."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
_PARAMETER = re.compile(r"\{(\w+)\}")


def add_links(paths: Json) -> None:
    """Give each creation the operations of its item, each read the changes of the same item."""
    for path, item in paths.items():
        created = item.get("post", {}).get("responses", {}).get("201")
        read = item.get("get", {}).get("responses", {}).get("200")
        for target, methods in paths.items():
            last = target.removeprefix(f"{path}/")
            if (
                created is not None
                and target.startswith(f"{path}/")
                and _PARAMETER.fullmatch(last.split("/")[0])
            ):
                name = last.split("/")[0].strip("{}")
                _link(created, methods, target, path, {name: "$response.body#/id"})
        if read is not None and path.endswith("}"):
            changes = {method: item[method] for method in ("put", "patch", "delete") if method in item}
            _link(read, changes, path, path, {})


def _link(response: Json, methods: Json, target: str, source: str, given: dict[str, str]) -> None:
    known = {name: f"$request.path.{name}" for name in _PARAMETER.findall(source)} | given
    needed = _PARAMETER.findall(target)
    if not all(name in known for name in needed):
        return
    for method, operation in methods.items():
        if method not in {"get", "put", "patch", "post", "delete"}:
            continue
        parameters = {name: known[name] for name in needed}
        headers = {p.get("name") for p in operation.get("parameters", [])}
        if "If-Match" in headers and len(needed) <= len(_PARAMETER.findall(source)) + len(given):
            parameters["If-Match"] = "$response.header.ETag"
        link = {"operationId": operation["operationId"], "parameters": parameters}
        response.setdefault("links", {})[operation["operationId"]] = link
