"""One entry of a lane: a statement with small notes beside it, or a link."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.document.lanes import Item, Link
from journeys.render.element import Markup, el, safe_href


def entry(item: Item | Link, notes: Sequence[str]) -> Markup:
    """Return the entry as an item of a list."""
    if isinstance(item, Link):
        text, href = item.text or item.href, safe_href(item.href)
        inner: str = text if href is None else el("a", {"href": href, "rel": "noopener noreferrer"}, text)
        return el("li", {"dir": "auto"}, inner)
    told = [part for note in notes for part in (" · ", note)][1:]
    tag = el("small", None, *told) if told else None
    return el("li", {"dir": "auto"}, el("span", {"class": "said"}, item.text), tag)
