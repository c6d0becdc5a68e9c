"""Pages of one answer, asked for one after the other: bounded in number, and never in a circle.

A pull reads some of them and says where the next one goes on, so a long answer is read in many pulls: each
holds few bytes, is recorded by itself, and what was read is not asked for again after a failure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from yarl import URL

from kpis.connectors.base import Onward, PullFailed, Window
from kpis.connectors.calls import Calls
from kpis.connectors.http_json.config import MAX_PAGES, PAGES_OF_A_PULL
from kpis.connectors.leads import joined
from kpis.connectors.paths import TooMuchWork, find_all, find_one, metered
from service.errors import BadRequest, Issue
from service.outbound import Reply
from service.strict_json import loads

_LINK = re.compile(r'<([^<>"]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)


@dataclass
class Pages:
    """Bodies, where each of them was, where to go on if there are more, and what is to be told."""

    bodies: list[bytes] = field(default_factory=list)
    places: list[Onward] = field(default_factory=list)
    onward: Onward | None = None
    notes: list[Issue] = field(default_factory=list)


async def pages(
    calls: Calls, url: str, paging: Mapping[str, Any] | None, window: Window, *, all: bool = False
) -> Pages:
    """Return the pages that one pull reads, first page first. all: it reads them all, or fails."""
    came = Pages()
    if paging is None:
        came.bodies.append((await calls.get(url)).body)
        return came
    most = min(paging.get("max_pages", MAX_PAGES), PAGES_OF_A_PULL if all else MAX_PAGES)
    first = window.onward or _first(paging, url)
    asked, begun = set(first.begun), (*first.begun, first.url)
    place: Onward | None = first
    while place is not None:
        if place.pages == most:
            came.notes.append(Issue("", "more_pages", f"There are more pages than the {most} that are read."))
            return came
        if came.bodies and not all and (calls.spent or len(came.bodies) == PAGES_OF_A_PULL):
            came.onward = place
            return came
        if place.url in asked:
            raise PullFailed("The pages lead back to one that was read.", permanent=True)
        asked.add(place.url)
        try:
            reply = await calls.get(place.url)
        except PullFailed as failure:
            if all or not came.bodies or failure.permanent:
                raise
            # What was read is recorded; the next pull fails, or not, at this page.
            came.onward = place
            return came
        came.bodies.append(reply.body)
        came.places.append(place)
        place = _after(paging, reply, replace(place, begun=begun))
    return came


def _first(paging: Mapping[str, Any], url: str) -> Onward:
    number = paging.get("first", 0 if paging["by"] == "offset" else 1)
    numbered = paging["by"] in {"page", "offset"}
    return Onward(_with(url, paging["parameter"], str(number)) if numbered else url, number, pages=0)


def _after(paging: Mapping[str, Any], reply: Reply, place: Onward) -> Onward | None:
    number = place.number + (paging["size"] if paging["by"] == "offset" else 1)
    try:
        with metered():
            url = _next(paging, reply, place.url, number)
    except TooMuchWork:
        raise PullFailed("The paths of `paging` ask for too much work.", permanent=True) from None
    return None if url is None else replace(place, url=url, number=number, pages=place.pages + 1)


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
