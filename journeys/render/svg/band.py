"""One band of the picture: stage heads, then row under row over its columns, in a card of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from journeys.render.board import Board, Column
from journeys.render.element import Markup, el, join, number
from journeys.render.lanes import FEELING, FIGURES, OWN_ROW, Lane
from journeys.render.palette import SIGNS
from journeys.render.standing import worst
from journeys.render.text import measure

from . import cells, feeling, ways
from .chip import rows as chip_rows
from .plan import COLUMN, LABEL, Band, Part
from .sign import SIZE, sign
from .stack import EMPTY, LEADING, Block, Stack, rect, text

_PAD = cells.PAD
Placed = tuple[float, Block]
"""A block and how far its cell is from the leading edge of the first column."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the band: its label, its blocks, and whether a line stands over it."""

    label: Block
    blocks: tuple[Placed, ...]
    ruled: bool = True
    dashed: bool = False

    @property
    def height(self) -> float:
        return max([self.label.height, *(block.height for _, block in self.blocks)])


def band(board: Board, strip: Band) -> Block:
    """Return the band; the origin is the card's leading top corner."""
    rtl = board.dir == "rtl"
    side = -1 if rtl else 1
    top = _stage_heads(board, strip)
    found = [row for row in _rows(board, strip) if row.height]
    height = top.height + sum(row.height for row in found)
    under, over = [_tints(strip, top.height, height, rtl=rtl)], []
    y = top.height
    for row in found:
        if row.ruled:
            look = "far s-edge" if row.dashed else "hair s-line"
            under.append(el("path", {"class": look, "d": f"M0 {number(y)}H{number(side * strip.width)}"}))
        over.append(row.label.at(0, y))
        over += [block.at(side * (LABEL + x), y) for x, block in row.blocks if block.height]
        y += row.height
    frame = rect(0, 0, strip.width, height, "f-card hair s-line", rtl=rtl, round_=10)
    lines = _stage_lines(strip, height, side)
    return Block(height, el("g", None, frame, top.drawn, *under, lines, *over))


def _tints(strip: Band, top: float, bottom: float, *, rtl: bool) -> Markup:
    """Return a soft ground under each column that hurts."""
    spots = (
        LABEL + i * COLUMN for i, column in enumerate(strip.columns) if column is not None and column.hurts
    )
    return join(*(rect(x, top, COLUMN, bottom - top - 0.5, "f-hurt", rtl=rtl) for x in spots))


def _stage_lines(strip: Band, height: float, side: int) -> Markup:
    x, parts = LABEL, []
    for part in strip.parts:
        parts.append(f"M{number(side * x)} 0V{number(height)}")
        x += part.width
    return el("path", {"class": "hair s-line", "d": "".join(parts)})


def _stage_heads(board: Board, strip: Band) -> Block:
    rtl = board.dir == "rtl"
    heads = [_stage_head(part, rtl=rtl) for part in strip.parts]
    height = max(head.height for head in heads)
    ground = rect(0.5, 0.5, strip.width - 1, height - 0.5, "f-band", rtl=rtl, round_=9.5)
    square = rect(0.5, height - 12, strip.width - 1, 12, "f-band", rtl=rtl)
    parts, x = [ground, square], LABEL
    for part, head in zip(strip.parts, heads, strict=True):
        parts.append(head.at(-x if rtl else x, 0))
        x += part.width
    return Block(height, join(*parts))


def _stage_head(part: Part, *, rtl: bool) -> Block:
    stack = Stack(part.width - 2 * _PAD, rtl=rtl, top=10)
    name = f"{part.stage.stage.name} (continued)" if part.continued else part.stage.stage.name
    stack.paragraph(name, 16, "b f-ink", bold=True, most=3)
    stack.paragraph(part.stage.stage.customer_goal, 13, "f-dim", most=3)
    standing = worst(part.stage)
    if standing is not None:
        shown = SIGNS[standing]
        stack.parts.append(sign(standing, 0, stack.y + 4, rtl=rtl))
        stack.lines([shown.word], 12, f"b f-{shown.role}", dx=SIZE + 5)
        if part.stage.rollup is not None and part.stage.rollup.coverage:
            said, x = part.stage.rollup.coverage, SIZE + 11 + measure(shown.word, 12, True)
            if x + measure(said, 12) <= stack.width:
                y = stack.y - 12 * (LEADING - 1.02)
                stack.parts.append(text(said, x, y, "z12 f-dim", rtl=rtl))
            else:
                stack.paragraph(said, 12, "f-dim", most=2)
    return _inset(stack.block(9), rtl=rtl)


def _inset(block: Block, *, rtl: bool) -> Block:
    return Block(block.height, block.at(-_PAD if rtl else _PAD, 0))


def _rows(board: Board, strip: Band) -> Iterator[Row]:
    rtl = board.dir == "rtl"
    yield _row(
        strip,
        _label("Touchpoint", "where it happens", rtl=rtl),
        lambda c: _head(board, strip, c),
        ruled=False,
    )
    arcs = ways.within(board, strip)
    if arcs:
        yield Row(_label("Ways", "", rtl=rtl), ((0, ways.drawn(arcs, strip, rtl=rtl)),), ruled=False)
    own = Row(_label("Whole stage", "measured", rtl=rtl), tuple(_own(board, strip)))
    for lane in (*(lane for lane in board.lanes if lane.row < OWN_ROW), None, *_after(board)):
        if lane is None:
            if own.blocks:
                yield own
        elif lane.key == FEELING:
            yield Row(_legend(board), ((0, feeling.curves(board.feelings, strip, rtl=rtl)),))
        elif row := _lane(board, strip, lane):
            yield row
    yield from _back(board, strip)


def _after(board: Board) -> Iterator[Lane]:
    return (lane for lane in board.lanes if lane.row > OWN_ROW)


def _head(board: Board, strip: Band, column: Column | None) -> Block:
    if column is None:
        return cells.none("no touchpoints yet", COLUMN, rtl=board.dir == "rtl")
    return cells.head(board, column, COLUMN, ways.hops(board, strip, column))


def _lane(board: Board, strip: Band, lane: Lane) -> Row | None:
    """Return a lane over the band; None where the band has nothing in it."""

    def block(column: Column | None) -> Block:
        if column is None or column.is_back:
            return EMPTY
        return cells.cell(board, column, lane, COLUMN)

    row = _row(strip, _label(lane.label, lane.hint, rtl=board.dir == "rtl"), block)
    blank = lane.key == FIGURES and not any(
        column and column.marks and not column.is_back for column in strip.columns
    )
    return None if blank or not any(one.height for _, one in row.blocks) else row


def _row(strip: Band, label: Block, block: Callable[[Column | None], Block], *, ruled: bool = True) -> Row:
    return Row(label, tuple((i * COLUMN, block(column)) for i, column in enumerate(strip.columns)), ruled)


def _own(board: Board, strip: Band) -> Iterator[Placed]:
    rtl, x = board.dir == "rtl", 0.0
    for part in strip.parts:
        if part.stage.marks and not part.continued:
            cards = chip_rows(part.stage.marks, part.width - 8, board.face.as_of, rtl=rtl)
            yield x, Block(cards.height + 16, cards.at(-4 if rtl else 4, 8))
        x += part.width


def _back(board: Board, strip: Band) -> Iterator[Row]:
    if not any(column is not None and column.is_back for column in strip.columns):
        return
    rtl = board.dir == "rtl"

    def block(column: Column | None) -> Block:
        return cells.behind(board, column, COLUMN) if column is not None and column.is_back else EMPTY

    row = _row(strip, _label("Back stage", "behind the line of visibility", rtl=rtl), block)
    yield Row(row.label, row.blocks, dashed=True)


def _label(name: str, hint: str, *, rtl: bool) -> Block:
    stack = Stack(LABEL - 2 * _PAD, rtl=rtl, top=8)
    stack.paragraph(name, 13, "b f-ink", bold=True, most=4)
    stack.paragraph(hint, 11, "f-dim", most=4)
    return _inset(stack.block(8), rtl=rtl)


def _legend(board: Board) -> Block:
    rtl = board.dir == "rtl"
    stack = Stack(LABEL - 2 * _PAD, rtl=rtl, top=8)
    stack.paragraph("Feeling", 13, "b f-ink", bold=True)
    for curve in board.feelings.curves:
        x, y = (-26 if rtl else 0), stack.y + 9
        stack.parts.append(el("g", {"transform": f"translate({x} {number(y)})"}, feeling.sample(curve)))
        stack.paragraph(curve.label, 11, "f-dim", dx=32, most=2)
        stack.y += 2
    return _inset(stack.block(8), rtl=rtl)
