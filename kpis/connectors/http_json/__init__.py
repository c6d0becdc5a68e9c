"""`http_json`: a JSON body, its further pages, and what each of its items leads to.

config: {"url": "https://…?since={start}", "headers": {"Accept": "…"}, "secret_header": "Authorization",
"secret_prefix": "Bearer ", "paging": {…}, "follow": {…}, "shape": "…"}. The secret itself is sealed apart.

Mappings are applied to each page; with `follow`, to {"item": …, "followed": …} for each item; with `shape`,
to what a provider's pages are made into (kpis.connectors.shapes), those of `lookup` before them.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    first = [(await calls.get(filled(config["lookup"], window))).body] if "lookup" in config else []
    bodies, notes = await pages(calls, filled(config["url"], window), config.get("paging"))
    if notes and "shape" in config:
        # Figures of a whole that was not read whole would be wrong, not few.
        raise PullFailed(notes[0].detail, permanent=True)
    if "follow" not in config:
        return Fetched([*first, *bodies], window, notes)
    pairs, more = await follow(calls, config["url"], config["follow"], bodies)
    return Fetched(pairs, window, [*notes, *more])


def read(config: Mapping[str, Any], fetched: Fetched) -> list[Any]:
    """Return the documents."""
    if "follow" in config:
        return [{"item": item, "followed": parsed(body)} for item, body in fetched.parts]
    documents = [parsed(body) for body in fetched.parts]
    return SHAPES[config["shape"]](documents, fetched.window) if "shape" in config else documents


CONNECTOR = Connector(HttpJsonConfigIn, fetch, read, check_call)
