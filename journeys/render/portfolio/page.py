"""The page: tables that need nothing else, light or dark as the reader prefers."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files

from journeys.render.element import Markup, el, safe_href
from journeys.render.mark import Standing
from journeys.render.palette import DARK, FONTS, LIGHT, SIGNS, css_variables

from .shape import Cell, Grid, Line, Portfolio

HEADS = ("Map", "How it does", "In breach", "Stalest figure", "Sources", "Findings", "Evidence", "Review")
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
        el("h1", {"dir": "auto"}, shown.title),
        el("ul", {"class": "counts"}, *_counts(shown.lines)),
        el("p", {"class": "dim"}, shown.note) if shown.note else None,
        _table(HEADS, (_line(line) for line in shown.lines)),
        *(part for grid in shown.grids for part in _grid(grid)),
    )
    return f"<!DOCTYPE html>\n{el('html', {'lang': 'en'}, head, body)}\n"


def _counts(lines: Sequence[Line]) -> Iterable[Markup]:
    counted = Counter(line.standing for line in lines)
    for standing in SIGNS:
        if counted[standing]:
            yield el("li", None, el("b", None, str(counted[standing])), " ", _sign(standing))


def _table(heads: Sequence[str], rows: Iterable[Markup]) -> Markup:
    top = el(
        "thead", None, el("tr", None, *(el("th", {"scope": "col", "dir": "auto"}, one) for one in heads))
    )
    return el("div", {"class": "frame"}, el("table", None, top, el("tbody", None, *rows)))


def _line(line: Line) -> Markup:
    href = safe_href(line.href)
    name = el("a", {"href": href}, line.name) if href else line.name
    owner = el("div", {"class": "dim", "dir": "auto"}, line.owner) if line.owner else None
    return el(
        "tr",
        {"class": "hurt" if line.standing == "breach" else None},
        el("th", {"scope": "row", "dir": "auto"}, name, owner),
        el("td", None, _sign(line.standing), el("div", {"class": "dim"}, line.judged)),
        _list(line.breaches),
        _text(line.stalest),
        _list(line.sources, "late"),
        _text(line.findings),
        _text(line.evidence),
        el("td", {"class": "late" if line.overdue else None}, line.review or _nothing()),
    )


def _text(text: str) -> Markup:
    return el("td", {"dir": "auto"}, text or _nothing())


def _list(texts: Sequence[str], kind: str | None = None) -> Markup:
    if not texts:
        return el("td", None, _nothing())
    return el("td", {"class": kind}, el("ul", None, *(el("li", {"dir": "auto"}, text) for text in texts)))


def _nothing() -> Markup:
    return el("span", {"class": "none"}, "–")


def _grid(grid: Grid) -> Iterable[Markup]:
    yield el("h2", {"dir": "auto"}, grid.name)
    rows = (
        el("tr", None, el("th", {"scope": "row", "dir": "auto"}, name), *map(_cell, cells))
        for name, cells in grid.rows
    )
    yield _table(("Map", *grid.words), rows)


def _cell(cell: Cell) -> Markup:
    if cell.standing is None:
        return el("td", None, _nothing())
    return el(
        "td",
        {"class": "hurt" if cell.standing == "breach" else None},
        _sign(cell.standing),
        el("div", {"class": "dim"}, cell.told),
    )


def _sign(standing: Standing) -> Markup:
    sign = SIGNS[standing]
    glyph = el("span", {"class": "glyph", "aria-hidden": "true"}, sign.glyph)
    return el("span", {"class": f"sign is-{standing}"}, glyph, sign.word)
