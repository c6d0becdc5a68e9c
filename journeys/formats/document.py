"""The document itself, as JSON: what GET shows of a draft or version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.document.canonical import canonical
from journeys.document.shape import Document
from service.errors import BadRequest
from service.strict_json import loads

from .base import Notice, ReadMap, Written, unknown_options


def read_document(raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]:
    """Read one document. What it says is validated by `document.validate.parse`, as everywhere."""
    notices = unknown_options(options, ())
    try:
        plain = loads(raw)
    except BadRequest as refusal:
        told = [Notice(issue.pointer, "invalid", issue.code, issue.detail) for issue in refusal.issues]
        told = told or [Notice("", "invalid", refusal.code, refusal.detail or refusal.title)]
        return (ReadMap("", None, 0, (*notices, *told)),)
    if not isinstance(plain, dict):
        wrong = Notice("", "invalid", "wrong_type", "A document is a JSON object.")
        return (ReadMap("", None, 0, (*notices, wrong)),)
    plain.pop("etag", None)
    return (ReadMap("", plain, _count(plain), notices, whole=True),)


def write_document(document: Document) -> Written:
    """Write the canonical bytes; nothing is lost."""
    return Written(canonical(document))


def _count(plain: Mapping[str, Any]) -> int:
    stages = [stage for stage in _list(plain, "stages") if isinstance(stage, dict)]
    return len(stages) + sum(len(_list(stage, "touchpoints")) for stage in stages)


def _list(holder: Mapping[str, Any], name: str) -> list[Any]:
    value = holder.get(name)
    return value if isinstance(value, list) else []
