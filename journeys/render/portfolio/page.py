"""The page: tables that need nothing else, light or dark as the reader prefers.

Where a table has no room each map is a card. What hurts is read first: the sum of all maps, then the maps,
the worst of them on top, then stage by stage.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

from journeys.render.element import Attributes, Markup, el, number, safe_href
from journeys.render.mark import Standing
from journeys.render.palette import DARK, FONTS, LIGHT, SIGNS, css_variables

from .bar import bar, meter
from .shape import Cell, Grid, Line, Portfolio

HEADS = (
    "Map",
    "How it does",
    "In breach",
    "Stalest figure",
    "Broken sources",
    "Findings",
    "Evidence",
    "Review",
)
_STYLE = Markup(
    f":root{{color-scheme:light dark;{css_variables(LIGHT)};--fonts:{FONTS}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{css_variables(DARK)}}}}}"
    + files(__package__).joinpath("page.css").read_text(encoding="utf-8")
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
)
"""What to send with the page; the view adds frame-ancestors."""
_SHOWN = 4
"""Figures in breach that a row names."""


def render_html(shown: Portfolio) -> str:
    """Return the page: same arguments, same bytes."""
    head = el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "referrer", "content": "no-referrer"}),
        el("title", None, shown.title),
        el("style", None, _STYLE),
    )
    body = el(
        "body",
        None,
        el("header", None, *_head(shown)),
        el("main", None, *_main(shown)),
        el("footer", None, *_links(shown)) if shown.links else None,
    )
    return f"<!DOCTYPE html>\n{el('html', {'lang': 'en'}, head, body)}\n"


def _head(shown: Portfolio) -> Iterator[Markup]:
    yield el("h1", {"dir": "auto"}, shown.title)
    yield el("p", {"class": "dim"}, " ".join(filter(None, (f"{shown.counted}.", shown.note))))
    counts = Counter(line.standing for line in shown.lines)
    if shown.lines:
        yield _bar(list(counts.items()), "whole")
    yield el(
        "ul",
        {"class": "counts"},
        *(
            el("li", None, el("b", None, str(counts[standing])), _sign(standing))
            for standing in SIGNS
            if counts[standing]
        ),
    )


def _main(shown: Portfolio) -> Iterator[Markup]:
    if not shown.lines:
        return
    heads = el("tr", {"role": "row"}, *(el("th", {"scope": "col"}, one) for one in HEADS))
    rows = (_line(line) for line in shown.worst_first)
    table = el("table", {"class": "maps"}, el("thead", None, heads), el("tbody", None, *rows))
    yield table
    for grid in shown.grids:
        yield from _grid(grid)


def _links(shown: Portfolio) -> Iterator[Markup]:
    for link in shown.links:
        if href := safe_href(link.href):
            yield el("a", {"href": href}, link.label)


def _line(line: Line) -> Markup:
    href = safe_href(line.href)
    name = el("a", {"href": href}, line.name) if href else line.name
    owner = el("div", {"class": "dim", "dir": "auto"}, line.owner) if line.owner else None
    parts = _bar(line.parts, "parts") if line.parts else None
    how = [_sign(line.standing), parts, el("div", {"class": "dim"}, line.judged)]
    return el(
        "tr",
        {"class": "hurt" if line.standing == "breach" else None},
        el("th", {"scope": "row", "dir": "auto"}, name, owner),
        _cell_of(1, *how),
        _cell_of(2, *_breaches(line)),
        _cell_of(3, *_stalest(line)),
        _cell_of(4, *(el("div", {"class": "late", "dir": "auto"}, name) for name in line.sources)),
        _cell_of(5, _text(line.findings)),
        _cell_of(6, *_evidence(line)),
        _cell_of(7, _text(line.review), late=line.overdue),
    )


def _cell_of(place: int, *content: Markup | None, late: bool = False) -> Markup:
    """A cell that knows its head, which stands before it where the table is none."""
    said = [one for one in content if one]
    kinds = " ".join(name for name, holds in (("late", late), ("none", not said)) if holds)
    attributes: Attributes = {"data-head": HEADS[place], "class": kinds or None}
    return el("td", attributes, el("div", None, *(said or [Markup("–")])))


def _text(text: str) -> Markup | None:
    return el("span", {"dir": "auto"}, text) if text else None


def _breaches(line: Line) -> Iterator[Markup]:
    shown, left = line.first_breaches(_SHOWN)
    for one in shown:
        name = el("span", {"dir": "auto"}, one.name)
        yield el("div", {"class": "figure"}, name, " ", el("b", None, one.said))
    if left > 0:
        yield el("div", {"class": "dim"}, f"and {left} more")


def _stalest(line: Line) -> Iterator[Markup]:
    if line.stalest is not None:
        yield el("div", {"dir": "auto"}, line.stalest.name)
        yield el("div", {"class": "dim"}, line.stalest.said)


def _evidence(line: Line) -> Iterator[Markup]:
    if line.researched is not None:
        yield _drawn(meter(line.researched, 64, 5), 64, 5, "meter")
    if line.evidence:
        yield el("span", {"class": "whole"}, line.evidence)


def _grid(grid: Grid) -> Iterator[Markup]:
    yield el("h2", {"dir": "auto"}, grid.name)
    heads = (el("th", {"scope": "col", "dir": "auto"}, word) for word in ("Map", *grid.words))
    rows = (
        el("tr", None, el("th", {"scope": "row", "dir": "auto"}, name), *map(_cell, cells))
        for name, cells in grid.rows
    )
    table = el(
        "table",
        {"class": "stages"},
        el("thead", None, el("tr", None, *heads)),
        el("tbody", None, *rows),
    )
    yield el("div", {"class": "frame", "tabindex": "0", "role": "region", "aria-label": grid.name}, table)


def _cell(cell: Cell) -> Markup:
    if cell.standing is None:
        return el("td", {"class": "none"}, "–")
    return el(
        "td",
        {"class": "hurt" if cell.standing == "breach" else None},
        _sign(cell.standing),
        el("div", {"class": "dim"}, cell.told),
    )


def _bar(parts: Sequence[tuple[Standing, int]], kind: str) -> Markup:
    wide, high = (1000, 8) if kind == "whole" else (140, 5)
    return _drawn(bar(parts, wide, high), wide, high, kind)


def _drawn(parts: Iterable[Markup], wide: float, high: float, kind: str) -> Markup:
    box: Attributes = {"viewBox": f"0 0 {number(wide)} {number(high)}", "preserveAspectRatio": "none"}
    return el("svg", {"class": f"bar {kind}", "aria-hidden": "true"} | box, *parts)


def _sign(standing: Standing) -> Markup:
    sign = SIGNS[standing]
    glyph = el("span", {"class": "glyph", "aria-hidden": "true"}, sign.glyph)
    return el("span", {"class": f"sign is-{standing}"}, glyph, sign.word)
