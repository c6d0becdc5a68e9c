"""`http_json`: a JSON body, its further pages, and what each of its items leads to.

config: {"url": "https://…?since={start}", "headers": {"Accept": "…"}, "secret_header": "Authorization",
"secret_prefix": "Bearer ", "paging": {…}, "follow": {…}, "shape": "…"}. The secret itself is sealed apart.

Mappings are applied to each page; with `follow`, to {"item": …, "followed": …} for each item; with `shape`,
to what a provider's pages are made into (kpis.connectors.shapes).

One pull reads the pages that fit its time and bytes, and the next goes on where it ended. A shape that says
something of all pages alone keeps its items meanwhile, as compressed JSON.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from kpis.connectors.base import Connector, Fetched, PullFailed, Window
from kpis.connectors.calls import Calls, check_call, filled
from kpis.connectors.http_json.config import HttpJsonConfigIn
from kpis.connectors.http_json.follow import follow
from kpis.connectors.http_json.paging import pages, parsed
from kpis.connectors.shapes import SHAPES
from service.outbound import OutboundSession


async def fetch(
    config: Mapping[str, Any], secret: str | None, window: Window, outbound: OutboundSession
) -> Fetched:
    """Return the pages, or with `follow` pairs of an item and what it leads to."""
    calls = Calls(outbound, config, secret)
    lookup = (await calls.get(filled(config["lookup"], window))).body if "lookup" in config else None
    followed = config.get("follow")
    came = await pages(calls, filled(config["url"], window), config.get("paging"), window, all=bool(followed))
    if came.notes and _is_whole(config):
        # Figures of a whole that was not read whole would be wrong, not few.
        raise PullFailed(came.notes[0].detail, permanent=True)
    if followed is not None:
        pairs, more = await follow(calls, config["url"], followed, came.bodies)
        return Fetched(pairs, window, [*came.notes, *more])
    places = () if _is_whole(config) else came.places
    return Fetched(came.bodies, window, came.notes, came.onward, places, lookup)


def read(config: Mapping[str, Any], fetched: Fetched) -> Iterator[list[Any]]:
    """Return the documents, page by page; of a whole that has further pages none yet."""
    if "follow" in config:
        return ([{"item": item, "followed": parsed(body)}] for item, body in fetched.parts)
    if "shape" not in config:
        return ([parsed(body)] for body in fetched.parts)
    whole, items = SHAPES[config["shape"]].whole, _items(config, fetched)
    if whole is None:
        return items
    if fetched.onward is not None:
        return iter(())
    before = fetched.window.onward.kept if fetched.window.onward is not None else ()
    every = chain(chain.from_iterable(map(_unpacked, before)), chain.from_iterable(items))
    return iter([whole(every, fetched.window)])


def keep(config: Mapping[str, Any], fetched: Fetched) -> bytes | None:
    """Return the items of a whole that has further pages."""
    if not _is_whole(config):
        return None
    kept = list(chain.from_iterable(_items(config, fetched)))
    return zlib.compress(json.dumps(kept, separators=(",", ":")).encode())


def _items(config: Mapping[str, Any], fetched: Fetched) -> Iterator[list[Any]]:
    """What the shape makes of each page."""
    shape = SHAPES[config["shape"]]
    lookup = None if fetched.lookup is None else parsed(fetched.lookup)
    return (shape.items(parsed(body), lookup, fetched.window) for body in fetched.parts)


def _is_whole(config: Mapping[str, Any]) -> bool:
    return "shape" in config and SHAPES[config["shape"]].whole is not None


def _unpacked(kept: bytes) -> list[Any]:
    items: list[Any] = json.loads(zlib.decompress(kept))
    return items


CONNECTOR = Connector(HttpJsonConfigIn, fetch, read, check_call, keep=keep)
