"""The picture: a line for each map and the grids of stages, as one SVG file that needs nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from journeys.render.element import Attributes, Markup, el, number
from journeys.render.mark import Standing
from journeys.render.palette import SIGNS
from journeys.render.svg.sign import SIZE, sign
from journeys.render.svg.stack import rect, text
from journeys.render.svg.style import style
from journeys.render.text import wrap

from .bar import bar, meter
from .shape import Cell, Figure, Grid, Line, Portfolio

_MARGIN, _PAD, _LEAD, _HEAD = 28.0, 14.0, 17.0, 32.0
_NAME, _WORD = 250.0, 150.0
_COLUMNS = (
    ("How it does", 190.0),
    ("In breach", 220.0),
    ("Stalest figure", 210.0),
    ("Broken sources", 140.0),
    ("Findings", 120.0),
    ("Evidence", 120.0),
    ("Review", 130.0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: (name, owner), then what stands in each cell; is_hurt tints it."""

    name: str
    owner: str
    cells: Sequence[Drawn]
    is_hurt: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """What stands in a cell, from above: a sign with its word, a bar, figures, lines of text in a colour."""

    standing: Standing | None = None
    parts: Sequence[tuple[Standing, int]] = ()
    share: float | None = None
    figures: Sequence[Figure] = ()
    lines: Sequence[str] = ()
    role: str = "ink"

    @property
    def height(self) -> float:
        bars = (10.0 if self.parts else 0.0) + (10.0 if self.share is not None else 0.0)
        return (_LEAD if self.standing else 0.0) + bars + _LEAD * len(self.lines)


_NOTHING = Drawn(lines=("–",), role="dim")


def render_svg(shown: Portfolio) -> str:
    """Return the picture: same arguments, same bytes. User units are CSS pixels."""
    tables = [_table("", _COLUMNS, [_row(line) for line in shown.worst_first])] if shown.lines else []
    tables += [_of_grid(grid) for grid in shown.grids]
    width = 2 * _MARGIN + max((wide for wide, _, _ in tables), default=480.0)
    placed, y = [], _MARGIN
    for block, height in (
        *_face(shown, width - 2 * _MARGIN),
        *((drawn, high + 20) for _, high, drawn in tables),
    ):
        placed.append(el("g", {"transform": f"translate({number(_MARGIN)} {number(y)})"}, block))
        y += height
    size: Attributes = {"width": width, "height": y, "viewBox": f"0 0 {number(width)} {number(y)}"}
    root: Attributes = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": "title"}
    ground = rect(0, 0, width, y, "f-bg", rtl=False)
    title = el("title", {"id": "title"}, shown.title)
    return f"{el('svg', root | size, title, el('style', None, style('auto')), ground, *placed)}\n"


def _face(shown: Portfolio, width: float) -> Iterator[tuple[Markup, float]]:
    """Yield the title, how many maps stand how, and the bar of them, each with its height."""
    yield text(shown.title, 0, 20, "z24 bb f-ink", rtl=False), 30
    told = " ".join(filter(None, (f"{shown.counted}.", shown.note)))
    yield text(told, 0, 12, "z12 f-dim", rtl=False), 26
    counts = Counter(line.standing for line in shown.lines)
    if not counts:
        return
    yield el("g", None, *bar(list(counts.items()), width, 8)), 22
    parts, x = [], 0.0
    for standing in SIGNS:
        if count := counts[standing]:
            parts.append(text(str(count), x, 16, "z20 b f-ink num", rtl=False))
            x += 12.0 * len(str(count)) + 6
            parts.append(sign(standing, x, 16 - SIZE, rtl=False))
            word = SIGNS[standing].word
            parts.append(text(word, x + SIZE + 6, 16, f"z12 b f-{SIGNS[standing].role}", rtl=False))
            x += SIZE + 6 + 7.5 * len(word) + 20
    yield el("g", None, *parts), 34


def _row(line: Line) -> Row:
    cells = (
        Drawn(line.standing, line.parts, lines=(line.judged,), role="dim"),
        _breaches(line) if line.in_breach else _NOTHING,
        _NOTHING if line.stalest is None else Drawn(lines=(line.stalest.name, line.stalest.said)),
        Drawn(lines=line.sources[:2], role="breach") if line.sources else _NOTHING,
        _said(line.findings),
        Drawn(share=line.researched, lines=(line.evidence,)) if line.evidence else _NOTHING,
        _said(line.review, "breach" if line.overdue else "ink"),
    )
    return Row(line.name, line.owner, cells, line.standing == "breach")


def _breaches(line: Line) -> Drawn:
    shown, left = line.first_breaches(2)
    return Drawn(figures=shown, lines=[f"and {left} more"] if left > 0 else (), role="breach")


def _said(said: str, role: str = "ink") -> Drawn:
    return Drawn(lines=(said,), role=role) if said else _NOTHING


def _of_grid(grid: Grid) -> tuple[float, float, Markup]:
    rows = [Row(name, "", [_drawn(cell) for cell in cells]) for name, cells in grid.rows]
    return _table(grid.name, [(word, _WORD) for word in grid.words], rows)


def _drawn(cell: Cell) -> Drawn:
    return _NOTHING if cell.standing is None else Drawn(cell.standing, lines=(cell.told,), role="dim")


def _table(name: str, heads: Sequence[tuple[str, float]], rows: Sequence[Row]) -> tuple[float, float, Markup]:
    """Return width, height and the drawing."""
    top = 30.0 if name else 0.0
    width = _NAME + sum(wide for _, wide in heads)
    named = [list(wrap(row.name, _NAME - 2 * _PAD, 14, most=2)) or [""] for row in rows]
    heights = [
        20
        + max(
            _LEAD * (len(own) + bool(row.owner)),
            *(_fitted(cell, wide).height for cell, (_, wide) in zip(row.cells, heads, strict=True)),
        )
        for own, row in zip(named, rows, strict=True)
    ]
    height = top + _HEAD + sum(heights)
    parts = [text(name, 0, 18, "z16 b f-ink", rtl=False)] if name else []
    parts.append(rect(0, top, width, height - top, "f-card hair s-line", rtl=False, round_=12))
    x = _NAME
    for head, wide in heads:
        parts.append(text(_lines(head, wide - _PAD, 1)[0], x, top + 21, "z12 b f-dim", rtl=False))
        x += wide
    y = top + _HEAD
    for row, own, high in zip(rows, named, heights, strict=True):
        if row.is_hurt:
            parts.append(rect(1, y, width - 2, high, "f-hurt", rtl=False))
            parts.append(rect(1, y, 3, high, "f-breach", rtl=False))
        parts.append(el("path", {"class": "hair s-line", "d": f"M0 {number(y)}H{number(width)}"}))
        parts += _named(row, own, y + 22)
        x = _NAME
        for cell, (_, wide) in zip(row.cells, heads, strict=True):
            parts += _content(_fitted(cell, wide), x, y + 22)
            x += wide
        y += high
    return width, height, el("g", None, *parts)


def _named(row: Row, own: Sequence[str], y: float) -> Iterator[Markup]:
    for place, line in enumerate(own):
        yield text(line, _PAD, y + place * _LEAD, "b f-ink", rtl=False)
    if row.owner:
        said = _lines(row.owner, _NAME - 2 * _PAD, 1)[0]
        yield text(said, _PAD, y + len(own) * _LEAD, "z12 f-dim", rtl=False)


def _fitted(cell: Drawn, width: float) -> Drawn:
    """The cell with its lines broken where its column ends, two lines of each at most."""
    lines = [part for figure in cell.figures for part in _told(figure, width - _PAD)]
    lines += [part for line in cell.lines if line for part in _lines(line, width - _PAD, 2)]
    return replace(cell, figures=(), lines=lines)


def _content(cell: Drawn, x: float, y: float) -> Iterator[Markup]:
    if cell.standing is not None:
        found = SIGNS[cell.standing]
        yield sign(cell.standing, x, y - SIZE, rtl=False)
        yield text(found.word, x + SIZE + 6, y, f"z12 b f-{found.role}", rtl=False)
        y += _LEAD
    for drawn in filter(None, (_bar(cell), _meter(cell))):
        yield el("g", {"transform": f"translate({number(x)} {number(y - 9)})"}, *drawn)
        y += 10
    for place, line in enumerate(cell.lines):
        yield text(line, x, y + place * _LEAD, f"z12 f-{cell.role}", rtl=False)


def _bar(cell: Drawn) -> list[Markup]:
    return list(bar(cell.parts, 140, 5))


def _meter(cell: Drawn) -> list[Markup]:
    return [] if cell.share is None else list(meter(cell.share, 64, 5))


def _told(figure: Figure, width: float) -> list[str]:
    """Two lines at most; where there is no room the name is cut, and never what is told of it."""
    whole = _lines(f"{figure.name} {figure.said}", width, 3)
    return whole if len(whole) < 3 else [*_lines(figure.name, width, 1), *_lines(figure.said, width, 1)]


def _lines(said: str, width: float, most: int) -> list[str]:
    """As much of the text as so many lines take."""
    return list(wrap(said, width, 12, most=most)) or [""]
