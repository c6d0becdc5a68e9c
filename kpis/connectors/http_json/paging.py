"""Pages of one answer, asked for one after the other: bounded in number, and never in a circle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from yarl import URL

from kpis.connectors.base import PullFailed
from kpis.connectors.calls import Calls
from kpis.connectors.http_json.config import MAX_PAGES
from kpis.connectors.leads import joined
from kpis.connectors.paths import TooMuchWork, find_all, find_one, metered
from service.errors import BadRequest, Issue
from service.outbound import Reply
from service.strict_json import loads

_LINK = re.compile(r'<([^<>"]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)


async def pages(calls: Calls, url: str, paging: Mapping[str, Any] | None) -> tuple[list[bytes], list[Issue]]:
    """Return the bodies, first page first, and a note when there were more than are read."""
    if paging is None:
        return [(await calls.get(url)).body], []
    most = paging.get("max_pages", MAX_PAGES)
    bodies: list[bytes] = []
    asked: set[str] = set()
    number = paging.get("first", 0 if paging["by"] == "offset" else 1)
    upcoming: str | None = url
    if paging["by"] in {"page", "offset"}:
        upcoming = _with(url, paging["parameter"], str(number))
    while upcoming is not None:
        if len(bodies) == most:
            return bodies, [Issue("", "more_pages", f"There are more pages than the {most} that are read.")]
        if upcoming in asked:
            raise PullFailed("The pages lead back to one that was read.", permanent=False)
        asked.add(upcoming)
        reply = await calls.get(upcoming)
        bodies.append(reply.body)
        number += paging["size"] if paging["by"] == "offset" else 1
        try:
            with metered():
                upcoming = _next(paging, reply, upcoming, number)
        except TooMuchWork:
            raise PullFailed("The paths of `paging` ask for too much work.", permanent=True) from None
    return bodies, []


def _next(paging: Mapping[str, Any], reply: Reply, url: str, number: int) -> str | None:
    """Return the URL of the page after this one, None when this is the last."""
    if paging["by"] == "link":
        return _linked(reply, url)
    body = parsed(reply.body)
    if "more" in paging and not find_one(paging["more"], body):
        return None
    if paging["by"] in {"page", "offset"}:
        size = paging.get("size", 1)
        full = len(find_all(paging["items"], body, size)) >= size
        return _with(url, paging["parameter"], str(number)) if full else None
    cursor = find_one(paging["cursor"], body)
    if cursor is None or cursor == "":
        return None
    if isinstance(cursor, bool) or not isinstance(cursor, (str, int)):
        raise PullFailed(f"{paging['cursor']} is no cursor.", permanent=True)
    return (
        joined(url, str(cursor)) if paging["by"] == "next" else _with(url, paging["parameter"], str(cursor))
    )


def _linked(reply: Reply, url: str) -> str | None:
    """Return where rel=next of the Link header (RFC 8288) leads."""
    for match in _LINK.finditer(reply.headers.get("Link", "")):
        rel = _REL.search(match[2])
        if rel and "next" in (rel[1] or rel[2] or "").lower().split():
            return joined(url, match[1])
    return None


def _with(url: str, name: str, value: str) -> str:
    return str(URL(url).update_query({name: value}))


def parsed(body: bytes) -> Any:
    """Return the body with exact decimals. Raises PullFailed."""
    try:
        return loads(body, exact=True)
    except BadRequest as error:
        raise PullFailed(f"The body is not JSON: {error.detail}", permanent=False) from error
