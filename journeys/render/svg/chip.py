"""A figure as a card of the picture: the same facts in the same order as on the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journeys.render.element import Attributes, Markup, el, join
from journeys.render.mark import Mark
from journeys.render.notes import basis, standing_notes
from journeys.render.palette import SIGNS
from journeys.render.spark import spark
from journeys.render.text import dotted, measure, unbroken, wrap
from journeys.render.words import VERDICTS, day, duration, instant

from .sign import SIZE, sign
from .stack import LEADING, Block, Stack, rect, text

_PAD = 8.0
_GAP = 6.0
_SPARK = 28.0
_VERDICT = {"better": "f-ok", "worse": "f-breach", "flat": "f-dim"}


def chips(marks: Sequence[Mark], width: float, now: datetime | None, *, rtl: bool) -> Block:
    """Return the figures of one place under each other."""
    parts, y = [], 0.0
    for mark in marks:
        card = chip(mark, width, now, rtl=rtl)
        parts.append(card.at(0, y))
        y += card.height + _GAP
    return Block(max(0.0, y - _GAP), join(*parts))


def rows(
    marks: Sequence[Mark], width: float, now: datetime | None, *, rtl: bool, most: float = 210.0
) -> Block:
    """Return figures side by side, as many as fit `width`, each row as high as its highest card."""
    each = max(1, int((width + _GAP) // (most + _GAP)))
    card_width = min(most, width)
    parts, y = [], 0.0
    for start in range(0, len(marks), each):
        cards = [chip(mark, card_width, now, rtl=rtl) for mark in marks[start : start + each]]
        for i, card in enumerate(cards):
            x = i * (card_width + _GAP)
            parts.append(card.at(-x if rtl else x, y))
        y += max(card.height for card in cards) + _GAP
    return Block(max(0.0, y - _GAP), join(*parts))


def chip(mark: Mark, width: float, now: datetime | None, *, rtl: bool) -> Block:
    """Return one figure as a card of that width."""
    stack = Stack(width - 2 * _PAD, rtl=rtl, top=_PAD - 2)
    stack.paragraph(mark.label, 12, "f-ink", most=3)
    if mark.says:
        _value(stack, mark)
    _standing(stack, mark)
    _spark(stack, mark)
    for line in _basis(mark, now):
        stack.paragraph(line, 11, "f-dim", most=4)
    inner = stack.block(_PAD - 1)
    hot = mark.standing == "breach"
    frame = rect(
        0.5,
        0.5,
        width - 1,
        inner.height - 1,
        f"f-card hair s-{'breach' if hot else 'line'}",
        rtl=rtl,
        round_=7,
    )
    edge = rect(0.5, 6, 3, inner.height - 12, "f-breach", rtl=rtl) if hot else None
    content = el("g", {"transform": f"translate({-_PAD if rtl else _PAD} 0)"}, inner.drawn)
    card = el("g", {"class": "chip", "data-width": width, "data-height": inner.height}, frame, edge, content)
    return Block(inner.height, card)


def _value(stack: Stack, mark: Mark) -> None:
    shown = mark.value if mark.is_shown and mark.value else "–"
    old = mark.standing in ("stale", "broken")
    values = wrap(shown, stack.width, 20, bold=True, most=2)
    stack.lines(values, 20, f"num {'b f-dim' if old else 'bb f-ink'}")
    if not mark.trend or not mark.is_shown:
        return
    word = VERDICTS[mark.verdict] if mark.verdict else ""
    said = f"{mark.trend} {word}".strip()
    classes = f"z11 b num {_VERDICT.get(mark.verdict or '', 'f-dim')}"
    if measure(values[-1], 20, True) + measure(said, 11, True) + 6 <= stack.width:
        stack.parts.append(
            text(said, stack.width, stack.y - 20 * (LEADING - 1.02), classes, rtl=stack.rtl, end=True)
        )
    else:
        stack.paragraph(said, 11, classes.removeprefix("z11 "), bold=True, most=2)


def _standing(stack: Stack, mark: Mark) -> None:
    """Write glyph and word, then the notes: behind the word where they fit, else below."""
    shown = SIGNS[mark.standing]
    stack.parts.append(sign(mark.standing, 0, stack.y + 4, rtl=stack.rtl))
    indent = SIZE + 5
    stack.lines([shown.word], 12, f"b f-{shown.role}", dx=indent)
    used = indent + measure(shown.word, 12, True) + 6
    said = dotted(unbroken(note) for note in standing_notes(mark))
    if not said:
        return
    if used + measure(said, 12) <= stack.width:
        y = stack.y - 12 * (LEADING - 1.02)
        stack.parts.append(text(said, used, y, "z12 f-dim", rtl=stack.rtl))
    else:
        stack.paragraph(said, 12, "f-dim", most=4)


def _spark(stack: Stack, mark: Mark) -> None:
    drawn = spark(mark.spark, mark.spark_target) if mark.is_shown else None
    if drawn is None:
        return
    top, wide = stack.y + 4, stack.width
    role = SIGNS[mark.standing].role
    parts: list[Markup] = []
    if drawn.target is not None:
        y = top + drawn.target * _SPARK
        parts.append(el("path", {"class": "hair aim s-edge", "d": f"M0 {y:.2f}H{wide:g}"}))
    parts.append(el("path", {"class": "thin s-dim", "d": drawn.path(wide, _SPARK, top=top)}))
    if drawn.last is not None:
        spot: Attributes = {"cx": wide, "cy": top + drawn.last[1] * _SPARK, "r": 2.5}
        parts.append(el("circle", spot | {"class": f"f-{role}"}))
    flip = {"transform": "scale(-1 1)"} if stack.rtl else None
    stack.add(el("g", flip, *parts), _SPARK + 6)


def _basis(mark: Mark, now: datetime | None) -> list[str]:
    if not mark.is_shown or mark.observed_at is None:
        return ["withheld: base or age unknown"] if mark.value else []
    when = day(mark.observed_at) if mark.period else instant(mark.observed_at)
    if now is not None:
        when = f"{duration(max(0.0, (now - mark.observed_at).total_seconds()))} old"
    lines = [dotted((*basis(mark), unbroken(when)))]
    if mark.running:
        lines.append(f"so far {mark.running}")
    return [*lines, *mark.caveats]
