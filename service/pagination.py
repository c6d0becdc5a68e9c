"""Lists: keyset pages over (created_at, id), opaque cursors, RFC 8288 links, no totals."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from service.errors import Issue, ValidationProblem

_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,512}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows and the cursors around it (None where there is no more)."""

    rows: list[Any]
    next: str | None
    previous: str | None


def _encode(direction: str, row: Any, filters: str) -> str:
    raw = json.dumps([direction, row.created_at.isoformat(), str(row.pk), filters], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str, filters: str) -> tuple[str, datetime, uuid.UUID]:
    refusal = ValidationProblem(
        [Issue("/cursor", "invalid_cursor", "Take cursors from `next` or `previous`.")]
    )
    if not _CURSOR.fullmatch(cursor):
        raise refusal
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        direction, instant, row_id, made_for = raw
        # In UTC: Postgres takes no offset with seconds, and a forged cursor may have one.
        position = direction, datetime.fromisoformat(instant).astimezone(UTC), uuid.UUID(row_id)
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error, RecursionError) as error:
        raise refusal from error
    if direction not in {"next", "previous"}:
        raise refusal
    if made_for != filters:
        raise ValidationProblem(
            [Issue("/cursor", "cursor_of_other_filters", "The cursor belongs to a list with other filters.")]
        )
    return position


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of a list."""

    at: datetime
    id: uuid.UUID


class Load(Protocol):
    """Returns so many rows after a place, or before it and the last first; each has `created_at` and `pk`."""

    def __call__(self, *, after: Place | None, backwards: bool, limit: int) -> Sequence[Any]: ...


def page_of(
    queryset: QuerySet[Any, Any], *, cursor: str | None, page_size: int, filters: dict[str, Any]
) -> Page:
    """Cut one page out of `queryset`. `filters` ties cursors to the list that they were made for."""

    def load(*, after: Place | None, backwards: bool, limit: int) -> Sequence[Model]:
        rows = queryset
        if after is not None:
            side = "lt" if backwards else "gt"
            rows = rows.filter(
                Q(**{f"created_at__{side}": after.at}) | Q(created_at=after.at, **{f"pk__{side}": after.id})
            )
        order = ("-created_at", "-pk") if backwards else ("created_at", "pk")
        return list(rows.order_by(*order)[:limit])

    return page_of_rows(load, cursor=cursor, page_size=page_size, filters=filters)


def page_of_rows(load: Load, *, cursor: str | None, page_size: int, filters: dict[str, Any]) -> Page:
    """Return one page of what `load` returns, a row more than fits. `filters`: as of `page_of`."""
    mark = hashlib.sha256(json.dumps(filters, sort_keys=True, default=str).encode()).hexdigest()[:12]
    backwards, after = False, None
    if cursor:
        direction, instant, row_id = _decode(cursor, mark)
        backwards, after = direction == "previous", Place(instant, row_id)
    rows = list(load(after=after, backwards=backwards, limit=page_size + 1))
    more, rows = len(rows) > page_size, rows[:page_size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, bool(cursor))
    return Page(
        rows,
        _encode("next", rows[-1], mark) if rows and has_next else None,
        _encode("previous", rows[0], mark) if rows and has_previous else None,
    )


def answer(request: Request, page: Page, present: Callable[[Any], dict[str, Any]]) -> Response:
    """Return `{results, next, previous}`; next and previous are URLs, repeated in a Link header."""
    links = {}
    for name in ("next", "previous"):
        cursor = getattr(page, name)
        if cursor:
            query = request.GET.copy()
            query["cursor"] = cursor
            links[name] = f"{request.path}?{urlencode(list(query.items()))}"
    response = Response(
        {
            "results": [present(row) for row in page.rows],
            "next": links.get("next"),
            "previous": links.get("previous"),
        }
    )
    if links:
        relations = {"next": "next", "previous": "prev"}
        response["Link"] = ", ".join(f'<{url}>; rel="{relations[name]}"' for name, url in links.items())
    return response
