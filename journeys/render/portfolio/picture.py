"""The picture: a line for each map and the grids of stages, as one SVG file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.render.element import Attributes, Markup, el, number
from journeys.render.mark import Standing
from journeys.render.palette import SIGNS
from journeys.render.svg.sign import SIZE, sign
from journeys.render.svg.stack import rect, text
from journeys.render.svg.style import style
from journeys.render.text import wrap

from .shape import Cell, Grid, Line, Portfolio

_MARGIN, _ROW, _PAD = 24.0, 44.0, 12.0
_NAME, _COLUMN = 260.0, 180.0
_HEADS = ("How it does", "In breach", "Stalest figure", "Broken sources", "Evidence", "Review")


def render_svg(shown: Portfolio) -> str:
    """Return the picture: same arguments, same bytes. User units are CSS pixels."""
    tables = [_table("", _HEADS, [(line.name, line.owner, _cells(line)) for line in shown.lines])]
    tables += [_of_grid(grid) for grid in shown.grids]
    width = 2 * _MARGIN + max(wide for wide, _, _ in tables)
    y, placed = _MARGIN + 34, [text(shown.title, _MARGIN, _MARGIN + 20, "z24 bb f-ink", rtl=False)]
    if shown.note:
        placed.append(text(shown.note, _MARGIN, y + 8, "z12 f-dim", rtl=False))
        y += 20
    for _, height, drawn in tables:
        placed.append(el("g", {"transform": f"translate({number(_MARGIN)} {number(y)})"}, drawn))
        y += height + _MARGIN
    size: Attributes = {"width": width, "height": y, "viewBox": f"0 0 {number(width)} {number(y)}"}
    root: Attributes = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": "title"}
    ground = rect(0, 0, width, y, "f-bg", rtl=False)
    title = el("title", {"id": "title"}, shown.title)
    return f"{el('svg', root | size, title, el('style', None, style('auto')), ground, *placed)}\n"


Drawn = tuple[Standing | None, Sequence[str], str]
"""What stands in a cell: a sign with its word, then lines of text, and their colour."""


def _cells(line: Line) -> list[Drawn]:
    return [
        (line.standing, (line.judged,), "dim"),
        (None, line.breaches[:2] or ("–",), "ink" if line.breaches else "dim"),
        (None, (line.stalest or "–",), "ink"),
        (None, line.sources[:2] or ("–",), "breach" if line.sources else "dim"),
        (None, (line.evidence or "–",), "ink"),
        (None, (line.review or "–",), "breach" if line.overdue else "ink"),
    ]


def _of_grid(grid: Grid) -> tuple[float, float, Markup]:
    return _table(
        grid.name, grid.words, [(name, "", [_drawn(cell) for cell in cells]) for name, cells in grid.rows]
    )


def _drawn(cell: Cell) -> Drawn:
    return (None, ("–",), "dim") if cell.standing is None else (cell.standing, (cell.told,), "dim")


def _table(
    name: str, heads: Sequence[str], rows: Sequence[tuple[str, str, Sequence[Drawn]]]
) -> tuple[float, float, Markup]:
    """Return width, height and the drawing."""
    top = 28.0 if name else 0.0
    width, height = _NAME + _COLUMN * len(heads), top + 30 + _ROW * max(1, len(rows))
    parts = [text(name, 0, 18, "z16 b f-ink", rtl=False)] if name else []
    parts.append(rect(0, top, width, height - top, "f-card hair s-line", rtl=False, round_=10))
    for place, head in enumerate(heads):
        said = _one(head, _COLUMN - _PAD)
        parts.append(text(said, _NAME + place * _COLUMN, top + 20, "z12 b f-dim", rtl=False))
    for number_, (own, owner, cells) in enumerate(rows):
        y = top + 30 + number_ * _ROW
        parts.append(el("path", {"class": "hair s-line", "d": f"M0 {number(y)}H{number(width)}"}))
        parts += _said(
            _PAD, y, _NAME - 2 * _PAD, (None, [own, *([owner] if owner else [])], "ink"), bold=True
        )
        for place, cell in enumerate(cells):
            parts += _said(_NAME + place * _COLUMN, y, _COLUMN - _PAD, cell)
    return width, height, el("g", None, *parts)


def _said(x: float, y: float, width: float, cell: Drawn, *, bold: bool = False) -> list[Markup]:
    standing, lines, role = cell
    parts, at = [], y + 18
    if standing is not None:
        parts.append(sign(standing, x, at - SIZE, rtl=False))
        found = SIGNS[standing]
        parts.append(text(found.word, x + SIZE + 6, at, f"z12 b f-{found.role}", rtl=False))
        at += 16
    for place, line in enumerate([line for line in lines if line][:2]):
        said = _one(line, width)
        look = f"z12 b f-{role}" if bold and place == 0 else f"z12 f-{'dim' if bold else role}"
        parts.append(text(said, x, at, look, rtl=False))
        at += 16
    return parts


def _one(line: str, width: float) -> str:
    """As much of the text as one line takes."""
    return "".join(wrap(line, width, 12, most=1))
