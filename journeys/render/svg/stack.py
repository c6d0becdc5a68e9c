"""Blocks: pieces of the picture with a height, and stacks of lines that become blocks.

A block's content has its own origin at the leading top corner of its cell (left, or right where the map
runs from right to left) and is moved to its place as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.render.element import Attribute, Markup, el, join, number
from journeys.render.text import runs_rtl, wrap

LEADING = 1.38
"""Height of a line over the size of its type."""


@dataclass(frozen=True, slots=True)
class Block:
    """Something `height` high, drawn from its own origin downwards."""

    height: float
    drawn: Markup

    def at(self, x: float, y: float) -> Markup:
        """Return the block with its origin at (x, y)."""
        return el("g", {"transform": f"translate({number(x)} {number(y)})"}, self.drawn)


EMPTY = Block(0, Markup())


def text(content: str, x: float, y: float, classes: str, *, rtl: bool, end: bool = False) -> Markup:
    """Return a line of text. `x` counts from the leading edge; with `end` it is where the line ends.

    A text runs as its own letters do; its anchor is chosen so that it stands at the map's leading edge.
    """
    own = runs_rtl(content)
    attributes: dict[str, Attribute] = {"x": -x if rtl else x, "y": y, "class": classes}
    if own:
        attributes["direction"] = "rtl"
    if own != (rtl != end):
        attributes["text-anchor"] = "end"
    return el("text", attributes, content)


def centred(content: str, x: float, y: float) -> Markup:
    """Return a small line of text around x (no leading edge here: x counts to the right)."""
    way = "rtl" if runs_rtl(content) else None
    return el("text", {"x": x, "y": y, "class": "z11 f-dim halo mid", "direction": way}, content)


class Stack:
    """Lines under each other within `width`, measured as they are written."""

    def __init__(self, width: float, *, rtl: bool, top: float = 0.0) -> None:
        self.width = width
        self.rtl = rtl
        self.y = top
        self.parts: list[Markup] = []

    def lines(self, rows: Sequence[str], size: float, classes: str, *, dx: float = 0.0) -> None:
        """Write lines that are already cut to measure."""
        for row in rows:
            self.parts.append(
                text(row, dx, self.y + size * 1.02, f"z{size:g} {classes}", rtl=self.rtl),
            )
            self.y += size * LEADING

    def paragraph(
        self,
        content: str,
        size: float,
        classes: str,
        *,
        dx: float = 0.0,
        bold: bool = False,
        most: int = 1_000,
    ) -> None:
        """Write a text, wrapped to the width, in at most `most` lines."""
        self.lines(wrap(content, self.width - dx, size, bold=bold, most=most), size, classes, dx=dx)

    def add(self, drawn: Markup, height: float) -> None:
        """Draw something of one's own at the current height (its origin is the stack's), then go down."""
        self.parts.append(drawn)
        self.y += height

    def block(self, bottom: float = 0.0) -> Block:
        """Return what was written, as a block."""
        return Block(self.y + bottom, join(*self.parts))


def rect(
    x: float, y: float, width: float, height: float, classes: str, *, rtl: bool, round_: float = 0
) -> Markup:
    """Return a rectangle whose leading edge is at x."""
    at = {"x": -x - width if rtl else x, "y": y, "width": max(0.0, width), "height": max(0.0, height)}
    return el("rect", at | {"rx": round_ or None, "class": classes})
