"""Pages of elements: they stand in an order of their own, so a cursor names the element before or after."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

from service.errors import Issue, ValidationProblem
from service.pagination import Page


def page_of_elements(rows: list[dict[str, Any]], *, cursor: str | None, page_size: int) -> Page:
    """Cut a page out of all rows. Raises ValidationProblem for a cursor of an element that is gone."""
    start = 0
    if cursor is not None:
        direction, own = _decoded(cursor)
        places = {row["id"]: place for place, row in enumerate(rows)}
        if own not in places:
            raise _refusal()
        start = places[own] + 1 if direction == "n" else max(places[own] - page_size, 0)
        page_size = page_size if direction == "n" else min(page_size, places[own])
    cut = rows[start : start + page_size]
    return Page(
        cut,
        _encoded("n", cut[-1]["id"]) if cut and start + len(cut) < len(rows) else None,
        _encoded("p", cut[0]["id"]) if cut and start > 0 else None,
    )


def _encoded(direction: str, own: str) -> str:
    return base64.urlsafe_b64encode(direction.encode() + uuid.UUID(own).bytes).decode().rstrip("=")


def _decoded(cursor: str) -> tuple[str, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        direction, own = raw[:1].decode(), str(uuid.UUID(bytes=raw[1:]))
    except (ValueError, binascii.Error) as error:
        raise _refusal() from error
    if direction not in {"n", "p"}:
        raise _refusal()
    return direction, own


def _refusal() -> ValidationProblem:
    return ValidationProblem(
        [Issue("/cursor", "invalid_cursor", "Take cursors from `next` or `previous`; or begin again.")]
    )
