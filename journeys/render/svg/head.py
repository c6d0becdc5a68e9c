"""The head of the picture: whose journey, how it does, where it hurts; and the foot."""

from __future__ import annotations

from journeys.render.board import Board
from journeys.render.element import Markup, el, join
from journeys.render.headline import notices, people, subtitle
from journeys.render.mark import Mark
from journeys.render.palette import SIGNS
from journeys.render.text import dotted, measure, wrap
from journeys.render.words import VERDICTS, instant

from .chip import rows
from .sign import SIZE, sign
from .stack import LEADING, Block, Stack, rect, text

_HURTS = 3


def head(board: Board, width: float) -> Block:
    """Return the head over the whole width of the picture."""
    rtl = board.dir == "rtl"
    counts = _counts(board, width * 0.55)
    stack = Stack(width - counts[1] - 24, rtl=rtl)
    stack.paragraph(board.document.name, 24, "bb f-ink", bold=True, most=4)
    names, others = people(board)
    kind, *rest = subtitle(board)
    more = [f"and {others} more"] if others else []
    stack.paragraph(dotted([kind, *names, *more, *rest]), 14, "f-dim", most=4)
    said = _said(board)
    stack.y = max(stack.y, counts[0].height) + 6
    stack.width = width
    for line in said:
        stack.paragraph(line, 12, "f-dim", most=3)
    for hurt in board.hurts[:_HURTS]:
        _hurt(stack, hurt.place or board.document.name, hurt.mark)
    if len(board.hurts) > _HURTS:
        stack.paragraph(f"and {len(board.hurts) - _HURTS} more in breach", 12, "f-dim")
    x = width - counts[1]
    parts = [stack.block().drawn, counts[0].at(-x if rtl else x, 3)]
    height = stack.y
    if board.marks:
        cards = rows(board.marks, width, board.face.as_of, rtl=rtl, most=240)
        parts.append(cards.at(0, height + 10))
        height += 10 + cards.height
    return Block(height, join(*parts))


def _said(board: Board) -> list[str]:
    lines = notices(board)
    if board.rollup is not None and board.rollup.coverage:
        lines.append(board.rollup.coverage)
    if board.face.updated_at is not None and board.face.as_of is None:
        lines.append(f"updated {instant(board.face.updated_at)}")
    return [dotted(lines)] if lines else []


def _figure(mark: Mark) -> str:
    """Return value and trend of a figure, "" where it may not be shown."""
    if not mark.is_shown:
        return ""
    word = VERDICTS[mark.verdict] if mark.verdict and mark.trend else ""
    return " ".join(part for part in (mark.value, mark.trend, word) if part)


def _hurt(stack: Stack, place: str, mark: Mark) -> None:
    """Write one breach: the glyph, the place in bold, then label and figure."""
    stack.y += 3
    where = wrap(place, stack.width * 0.5, 13, bold=True, most=1)[0]
    stack.parts.append(sign("breach", 0, stack.y + 5, rtl=stack.rtl))
    stack.lines([where], 13, "b f-ink", dx=SIZE + 6)
    y = stack.y - 13 * (LEADING - 1.02)
    x = SIZE + 14 + measure(where, 13, True)
    for said in (mark.label, _figure(mark)):
        for line in wrap(said, stack.width - x, 13, most=1):
            stack.parts.append(text(line, x, y, "f-breach", rtl=stack.rtl))
            x += measure(line, 13) + 6


def _counts(board: Board, most: float) -> tuple[Block, float]:
    """Return the counts by status in rows no wider than `most`, and how wide they are."""
    rtl = board.dir == "rtl"
    items = [(standing, str(count), SIGNS[standing]) for standing, count in board.counts.items()]
    if not items:
        words = "nothing measured yet"
        wide = measure(words, 12)
        return Block(20, text(words, 0, 14, "z12 f-dim", rtl=rtl)), wide
    parts: list[Markup] = []
    x, y, widest = 0.0, 0.0, 0.0
    for standing, count, shown in items:
        number_wide = measure(count, 20, True)
        wide = number_wide + 6 + SIZE + 5 + measure(shown.word, 13, True)
        if x and x + wide > most:
            x, y = 0.0, y + 28
        parts.append(text(count, x, y + 20, "z20 bb f-ink num", rtl=rtl))
        parts.append(sign(standing, x + number_wide + 6, y + 10, rtl=rtl))
        parts.append(text(shown.word, x + number_wide + 11 + SIZE, y + 19, f"b f-{shown.role}", rtl=rtl))
        x += wide + 22
        widest = max(widest, x - 22)
    return Block(y + 28, join(*parts)), widest


def foot(board: Board, width: float) -> Block:
    """Return the figures that have no place on this version, if any."""
    if not board.unplaced:
        return Block(0, Markup())
    rtl = board.dir == "rtl"
    stack = Stack(width, rtl=rtl, top=4)
    stack.paragraph("Figures whose place is not on this version", 13, "b f-ink", bold=True)
    cards = rows(board.unplaced, width, board.face.as_of, rtl=rtl, most=240)
    stack.add(cards.at(0, stack.y + 4), cards.height + 8)
    return stack.block()


def ground(width: float, height: float) -> Markup:
    """Return the surface of the picture."""
    return rect(0, 0, width, height, "f-bg", rtl=False)


def empty(board: Board, width: float) -> Block:
    """Return the words of a map without stages."""
    stack = Stack(width, rtl=board.dir == "rtl", top=20)
    stack.paragraph("This map has no stages yet.", 16, "b f-ink", bold=True)
    stack.paragraph(board.document.customer_goal or board.document.scenario, 13, "f-dim", most=6)
    return Block(stack.y + 20, el("g", None, *stack.parts))
