"""What stands in the cells of a column, as blocks of the column's width."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.document.lanes import Item, Link
from journeys.render.board import Board, Column
from journeys.render.element import Markup, el
from journeys.render.lanes import FIGURES, SHIPPED, Lane, entries
from journeys.render.notes import notes_of
from journeys.render.palette import SIGNS
from journeys.render.text import dotted, unbroken
from journeys.render.words import channel

from .chip import chips
from .stack import EMPTY, Block, Stack, rect

PAD = 12.0
_ITEM_LINES = 8
_BARS = {"pains": "f-breach", "gains": "f-ok", "opportunities": "f-drawn"}
_QUOTED = ("thoughts", "quotes")


def head(board: Board, column: Column, width: float, hops: Sequence[str]) -> Block:
    """Return a touchpoint's name, channels and flags; `hops` are ways out that the band cannot draw."""
    point, rtl = column.touchpoint, board.dir == "rtl"
    stack = Stack(width - 2 * PAD, rtl=rtl, top=10)
    heavy = point.moment_of_truth or (point.importance or 0) >= 0.7
    name = "f-dim" if column.is_back else "f-ink"
    stack.paragraph(point.name, 14, f"{'bb' if heavy else 'b'} {name}", bold=True, most=4)
    means = dotted(channel(slug, board.wording.channels) for slug in point.channels)
    stack.paragraph(means, 12, "f-dim", most=2)
    if point.moment_of_truth:
        stack.paragraph("★ moment of truth", 11, "b f-warn", bold=True)
    if column.is_back:
        stack.paragraph("back stage", 11, "f-dim")
    for one in column.below:
        shown = SIGNS[one.status]
        stack.paragraph(f"In detail {shown.glyph} {shown.word}", 11, f"b f-{shown.role}", bold=True, most=2)
    for hop in hops:
        stack.paragraph(hop, 11, "f-dim", most=2)
    return _padded(stack.block(8), rtl=rtl)


def cell(board: Board, column: Column, lane: Lane, width: float) -> Block:
    """Return what a front-stage touchpoint has in a lane; the curve is not a cell."""
    rtl = board.dir == "rtl"
    if lane.key == FIGURES:
        if not column.marks:
            return EMPTY if board.face.is_choice else none("not measured", width, rtl=rtl)
        block = chips(column.marks, width - 8, board.face.as_of, rtl=rtl)
        return Block(block.height + 16, block.at(-4 if rtl else 4, 8))
    found = entries(column.touchpoint, lane.key)
    if not found:
        return EMPTY
    stack = Stack(width - 2 * PAD, rtl=rtl, top=8)
    _entries(board, lane, found, stack)
    return _padded(stack.block(8), rtl=rtl)


def behind(board: Board, column: Column, width: float) -> Block:
    """Return what happens behind the line of visibility, lane by lane."""
    rtl = board.dir == "rtl"
    stack = Stack(width - 2 * PAD, rtl=rtl, top=8)
    own = (Lane(f"own:{lane.key}", lane.label, "", 0) for lane in board.document.lanes)
    for lane in (*SHIPPED, *own):
        if found := entries(column.touchpoint, lane.key):
            stack.paragraph(lane.label, 11, "b f-dim", bold=True)
            _entries(board, lane, found, stack)
            stack.y += 6
    block = _padded(stack.block(2), rtl=rtl)
    if not column.marks:
        return block
    cards = chips(column.marks, width - 8, board.face.as_of, rtl=rtl)
    placed = el("g", None, block.drawn, cards.at(-4 if rtl else 4, block.height + 2))
    return Block(block.height + cards.height + 12, placed)


def none(words: str, width: float, *, rtl: bool) -> Block:
    """Return a quiet word where there is nothing."""
    stack = Stack(width - 2 * PAD, rtl=rtl, top=8)
    stack.paragraph(words, 12, "f-dim")
    return _padded(stack.block(8), rtl=rtl)


def _entries(board: Board, lane: Lane, found: Sequence[Item | Link], stack: Stack) -> None:
    bar = _BARS.get(lane.key)
    for i, item in enumerate(found):
        if i:
            stack.y += 6
        top = stack.y
        dx = 10.0 if bar else 0.0
        if isinstance(item, Link):
            stack.paragraph(item.text or item.href, 13, "f-ink", most=3)
            continue
        said = f"“{item.text}”" if lane.key in _QUOTED else item.text
        stack.paragraph(said, 13, "f-dim" if lane.key in _QUOTED else "f-ink", dx=dx, most=_ITEM_LINES)
        stack.paragraph(dotted(map(unbroken, notes_of(board, item))), 11, "f-dim", dx=dx, most=2)
        if bar:
            stack.parts.append(rect(0, top, 3, stack.y - top, bar, rtl=stack.rtl))


def _padded(block: Block, *, rtl: bool) -> Block:
    return Block(block.height, Markup(block.at(-PAD if rtl else PAD, 0)))
