"""Text on paper: how wide it is, how it wraps, which way it runs. In a drawing nothing wraps by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from .widths import advance

ELLIPSIS = "…"
_BREAK = re.compile("[ \t\n\r\f\v\u2028\u2029]+")
"""Where a line may be broken; not at a no-break space."""


@lru_cache(maxsize=8192)
def measure(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a line in the unit of `size`."""
    return sum(advance(character, bold) for character in text) * size / 100


def wrap(text: str, width: float, size: float, *, bold: bool = False, most: int = 1_000) -> list[str]:
    """Return lines no wider than `width`; wider words break anywhere; after `most` lines an ellipsis."""
    lines: list[str] = []
    line = ""
    for word in filter(None, _BREAK.split(text)):
        longer = f"{line} {word}" if line else word
        if measure(longer, size, bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _broken(word, width, size, bold)
        lines += full
        if len(lines) > most:
            break
    if line:
        lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = _cut(lines[-1], width, size, bold)
    return lines


def _broken(word: str, width: float, size: float, bold: bool) -> list[str]:
    if measure(word, size, bold) <= width:
        return [word]
    parts, part, room = [], "", width * 100 / size
    used = 0
    for character in word:
        step = advance(character, bold)
        if part and used + step > room:
            parts.append(part)
            part, used = "", 0
        part += character
        used += step
    return [*parts, part]


def _cut(line: str, width: float, size: float, bold: bool) -> str:
    while line and measure(line + ELLIPSIS, size, bold) > width:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS


def runs_rtl(text: str) -> bool:
    """Return True where the first letter with a direction runs from right to left, as dir="auto" decides."""
    if text.isascii():
        return False
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return False
        if kind in ("R", "AL"):
            return True
    return False


def unbroken(text: str) -> str:
    """Return the text with its spaces made no-break, as one thing to be kept on a line."""
    return text.replace(" ", "\u00a0")


def dotted(parts: Iterable[str]) -> str:
    """Return parts set side by side with a dot that stays on the line of the part before it."""
    return "\u00a0· ".join(parts)
