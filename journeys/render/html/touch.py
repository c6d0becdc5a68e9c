"""One touchpoint: its name and channels, then its lanes, top to bottom, as a list of terms."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.document.lanes import Item, Link
from journeys.render.board import Board, Column
from journeys.render.curve import Piece
from journeys.render.element import Markup, el
from journeys.render.face import Below
from journeys.render.lanes import BACK_ROW, FEELING, FIGURES, SHIPPED, Lane, entries
from journeys.render.notes import notes_of
from journeys.render.palette import SIGNS
from journeys.render.words import channel

from . import feeling
from .chip import chips, sign
from .drawer import of_touchpoint, opener
from .entry import entry


def touch(board: Board, column: Column, stage: str, cuts: Sequence[Sequence[Piece]]) -> Markup:
    """Return a touchpoint as an item of its stage's list; `cuts` are the curves inside its column."""
    panel = of_touchpoint(board, column, stage)
    rows = _behind(board, column) if column.is_back else _front(board, column, cuts)
    if column.is_back and any(lane.key == FEELING for lane in board.lanes):
        rows = [_feeling(board, column, cuts), *rows]
    kinds = ["touch", "behind" if column.is_back else "", "hurts" if column.hurts else ""]
    return el(
        "li",
        {"class": " ".join(kind for kind in kinds if kind), "id": column.anchor},
        _head(board, column, has_panel=panel is not None),
        _hops(board, column),
        el("dl", {"class": "lanes"}, *rows) if rows else None,
        panel,
    )


def _head(board: Board, column: Column, *, has_panel: bool) -> Markup:
    point = column.touchpoint
    heavy = " heavy" if (point.importance or 0) >= _HEAVY or point.moment_of_truth else ""
    means = " · ".join(channel(slug, board.wording.channels) for slug in point.channels)
    truth = (el("span", {"class": "glyph", "aria-hidden": "true"}, "★"), " moment of truth")
    return el(
        "div",
        {"class": f"touch-head{heavy}"},
        el("h3", {"dir": "auto"}, opener(column.anchor, point.name, shown=has_panel)),
        el("p", {"class": "means", "dir": "auto"}, means) if means else None,
        el("p", {"class": "truth"}, *truth) if point.moment_of_truth else None,
        el("p", {"class": "tag"}, "back stage") if column.is_back else None,
        *map(_detail, column.below),
    )


def _detail(one: Below) -> Markup:
    """Return how a map fares that shows the touchpoint in detail."""
    shown = SIGNS[one.status]
    note = el("span", {"class": "note"}, el("bdi", None, one.told)) if one.told else None
    return el("p", {"class": "below"}, "In detail ", sign(one.status, shown.glyph, shown.word, note))


def _hops(board: Board, column: Column) -> Markup | None:
    """Return the ways out of order as text; on wide screens arcs draw the same."""
    found = [way for way in column.ways if way.target != way.source + 1]
    if not found:
        return None
    items = []
    for way in found:
        other = board.slots[way.target]
        if other is None:
            continue
        link = el("a", {"href": f"#{other.anchor}"}, el("bdi", None, other.touchpoint.name))
        said = f" · {way.text}" if way.text else ""
        items.append(el("li", None, "back to " if way.is_back else "on to ", link, said))
    return el("ul", {"class": "hops", "role": "list"}, *items)


def _front(board: Board, column: Column, cuts: Sequence[Sequence[Piece]]) -> list[Markup]:
    rows = []
    for lane in board.lanes:
        if lane.key == FEELING:
            rows.append(_feeling(board, column, cuts))
        elif lane.key == FIGURES:
            rows.append(_figures(board, column))
        elif found := entries(column.touchpoint, lane.key):
            rows.append(_cell(lane, _list(board, lane, found)))
    return rows


def _cell(lane: Lane, *content: Markup | None, label: str = "") -> Markup:
    name = lane.key.partition(":")[0]
    return el(
        "div",
        {"class": f"cell r{lane.row} l-{name}"},
        el("dt", {"dir": "auto"}, label or lane.label),
        el("dd", None, *content),
    )


def _feeling(board: Board, column: Column, cuts: Sequence[Sequence[Piece]]) -> Markup:
    felt, lane = board.feelings, _SHIPPED[FEELING]
    said = any(curve.values[column.index] is not None or curve.words[column.index] for curve in felt.curves)
    drawn = feeling.cell(felt, column.index, cuts, mirrored=board.dir == "rtl")
    if not said:
        return el("div", {"class": f"cell r{lane.row} l-feeling mute", "aria-hidden": "true"}, drawn)
    return _cell(lane, drawn, feeling.track(felt, column.index), feeling.words(felt, column.index))


def _figures(board: Board, column: Column) -> Markup:
    lane = _SHIPPED[FIGURES]
    if not column.marks and board.face.is_choice:
        return el("div", {"class": f"cell r{lane.row} l-figures mute", "aria-hidden": "true"})
    if not column.marks:
        return _cell(lane, el("p", {"class": "none"}, "not measured"))
    return _cell(lane, chips(column.marks, board.face.as_of))


def _behind(board: Board, column: Column) -> list[Markup]:
    """Return what a back-stage touchpoint does, below the line of visibility, in one card."""
    point = column.touchpoint
    own = (Lane(f"own:{lane.key}", lane.label, "", BACK_ROW) for lane in board.document.lanes)
    rows = [
        el("div", {"class": f"l-{lane.key.partition(':')[0]}"}, el("p", {"class": "lane"}, lane.label), body)
        for lane in (*SHIPPED, *own)
        if (found := entries(point, lane.key))
        for body in (_list(board, lane, found),)
    ]
    if column.marks:
        rows.append(chips(column.marks, board.face.as_of))
    if not rows:
        return []
    return [
        el(
            "div",
            {"class": f"cell r{BACK_ROW} l-behind"},
            el("dt", None, "Behind the scenes"),
            el("dd", None, *rows),
        ),
    ]


def _list(board: Board, lane: Lane, found: Sequence[Item | Link]) -> Markup:
    notes = (() if isinstance(item, Link) else notes_of(board, item) for item in found)
    return el("ul", {"role": "list"}, *map(entry, found, notes))


_HEAVY = 0.7
"""Importance from which a touchpoint's name is set heavier."""

_SHIPPED = {lane.key: lane for lane in SHIPPED}
