"""Several items in one cell: a line each, or a bullet each where an item has lines of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

BULLET = "• "
_MARK = re.compile(r"(?:[•◦▪‣·●○∙*–—-]|\d{1,2}[.)])[ \t\u00a0]+")


def split(text: str) -> list[str]:
    """Return the items of a cell.

    Where a line begins with a bullet, dash or number, items begin there and nowhere else; lines without one
    belong to the item before. Otherwise each line is an item.
    """
    lines = text.split("\n")
    if not any(map(_MARK.match, lines)):
        return [line.strip() for line in lines if line.strip()]
    items: list[list[str]] = []
    for line in lines:
        mark = _MARK.match(line.lstrip())
        if mark:
            items.append([line.lstrip()[mark.end() :]])
        elif items:
            items[-1].append(line)
        elif line.strip():
            items.append([line])
    return [item for lines in items if (item := "\n".join(lines).strip())]


def join(items: Sequence[str]) -> str:
    """Return the items as one cell: plain where that reads back as the same, else with a bullet each."""
    plain = "\n".join(items)
    return plain if split(plain) == list(items) else "\n".join(BULLET + item for item in items)


def readable(item: str) -> str:
    """Return the item as it can stand in a cell beside others: as it is, or on one line without a bullet."""
    if split(BULLET + item) == [item]:
        return item
    return " ".join(item.split())
