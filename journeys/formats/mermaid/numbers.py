"""Scores: read as JavaScript reads a number, written as people do."""

from __future__ import annotations

import math
import re

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)
_RADIX = re.compile(r"0(?:[xX][0-9a-fA-F]{1,64}|[oO][0-7]{1,64}|[bB][01]{1,64})\Z")
_DIGITS_MAX = 64


def number(text: str) -> float | None:
    """Return the figure, None where Mermaid reads NaN or no finite number."""
    if len(text) > _DIGITS_MAX:
        return None
    if _RADIX.match(text):
        return float(int(text, 0))
    if not _DECIMAL.match(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def spelled(value: float) -> str:
    """Return the shortest decimal spelling that reads back as the value."""
    return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else repr(value)
