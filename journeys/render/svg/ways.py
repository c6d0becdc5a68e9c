"""Arcs between columns of one band. A way that leaves the band is said in words at its touchpoint instead."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.render.board import Board, Column
from journeys.render.element import el, number
from journeys.render.paths import Arc, Way, arcs
from journeys.render.text import measure

from .plan import COLUMN, Band
from .stack import EMPTY, Block, centred

_LEVEL = 18.0


def within(board: Board, band: Band) -> tuple[Arc, ...]:
    """Return the arcs that begin and end in the band, on levels of their own."""
    inside = range(band.first, band.first + len(band.columns))
    ways = [arc.way for arc in board.arcs if arc.way.source in inside and arc.way.target in inside]
    return arcs(ways)


def hops(board: Board, band: Band, column: Column) -> list[str]:
    """Return the column's ways out of order that lead out of the band, in words."""
    inside = range(band.first, band.first + len(band.columns))
    away = [way for way in column.ways if way.target not in inside and way.target != way.source + 1]
    return [said for way in away if (said := _hop(board, way))]


def _hop(board: Board, way: Way) -> str:
    other = board.slots[way.target]
    if other is None:
        return ""
    lead = "back to" if way.is_back else "on to"
    return f"↪ {lead} {other.touchpoint.name}{f' · {way.text}' if way.text else ''}"


def drawn(found: Sequence[Arc], band: Band, *, rtl: bool) -> Block:
    """Return the arcs; the origin is the leading edge of the band's first column."""
    if not found:
        return EMPTY
    side = -1 if rtl else 1
    parts = []
    for arc in found:
        start, end = (side * (x - band.first) * COLUMN for x in _ends(arc))
        bottom = _LEVEL * (arc.level + 1) + 2
        deep, top = number(bottom * 4 / 3), 3
        a, b = number(start), number(end)
        parts.append(el("path", {"class": "hair s-edge", "d": f"M{a} {top}C{a} {deep} {b} {deep} {b} {top}"}))
        parts.append(el("path", {"class": "f-edge", "d": f"M{b} 1l4 7h-8Z"}))
        if arc.way.text and measure(arc.way.text, 11) < abs(end - start):
            parts.append(centred(arc.way.text, (start + end) / 2, bottom - 3))
    return Block(_LEVEL * (1 + max(arc.level for arc in found)) + 10, el("g", None, *parts))


def _ends(arc: Arc) -> tuple[float, float]:
    source, target = arc.way.source, arc.way.target
    if source == target:
        return source + 0.65, source + 0.35
    away = -1 if arc.way.is_back else 1
    return source + 0.5 + 0.08 * away, target + 0.5 - 0.08 * away
