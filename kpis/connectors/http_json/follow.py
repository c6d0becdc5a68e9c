"""A further call per item: bounded in number, a few at a time, to the source's own host alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from kpis.connectors.base import PullFailed
from kpis.connectors.calls import Calls
from kpis.connectors.http_json.config import MAX_FOLLOWED
from kpis.connectors.http_json.paging import parsed
from kpis.connectors.leads import led_to
from kpis.connectors.paths import TooMuchWork, find_all, find_one, metered
from service.errors import Issue

AT_ONCE = 4


async def follow(
    calls: Calls, url: str, rule: Mapping[str, Any], bodies: Sequence[bytes]
) -> tuple[list[tuple[Any, bytes]], list[Issue]]:
    """Return each item with the body that it leads to, in the items' order, and what was left out."""
    most = rule.get("max_items", MAX_FOLLOWED)
    items, notes = _items(rule, bodies, most)
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(item: Any, place: str) -> tuple[Any, bytes]:
        async with turns:
            return item, (await calls.get(place)).body

    places: list[tuple[Any, str]] = []
    for number, (item, reference) in enumerate(items):
        if (place := led_to(rule, reference, url)) is None:
            notes.append(Issue(f"/follow/{number}", "leads_nowhere", "The item has no id or URL to follow."))
        else:
            places.append((item, place))
    tasks = [asyncio.create_task(one(item, place)) for item, place in places]
    try:
        return list(await asyncio.gather(*tasks)), notes[:20]
    finally:
        for task in tasks:
            task.cancel()  # one that failed ends them all
        await asyncio.gather(*tasks, return_exceptions=True)


def _items(
    rule: Mapping[str, Any], bodies: Sequence[bytes], most: int
) -> tuple[list[tuple[Any, Any]], list[Issue]]:
    found: list[tuple[Any, Any]] = []
    try:
        with metered():
            for body in bodies:
                for item in find_all(rule["items"], parsed(body), most + 1 - len(found)):
                    found.append((item, find_one(rule.get("path", "$"), item)))
    except TooMuchWork:
        raise PullFailed("The paths of `follow` ask for too much work.", permanent=True) from None
    if len(found) > most:
        return found[:most], [Issue("", "more_items", f"Only the first {most} items are followed.")]
    return found, []
