"""Advance widths of Latin letters, in hundredths of the type size: Noto Sans, regular and bold.

Noto Sans is the widest face of the stack (Arial and Segoe UI run about 5 % narrower), so what
fits by this table fits in the others. Other scripts are taken by their kind.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_FIRST, _LAST = 32, 126
_REGULAR = (
    26, 27, 41, 65, 57, 83, 73, 22, 30, 30, 55, 57, 27, 32, 27, 37, 57, 57, 57, 57, 57, 57, 57, 57,
    57, 57, 27, 27, 57, 57, 57, 43, 90, 64, 65, 63, 73, 56, 52, 73, 74, 34, 27, 62, 52, 91, 76, 78,
    60, 78, 62, 55, 56, 73, 60, 93, 59, 57, 57, 33, 37, 33, 57, 44, 28, 56, 62, 48, 62, 56, 34, 62,
    62, 26, 26, 53, 26, 94, 62, 60, 62, 62, 41, 48, 36, 62, 51, 79, 53, 51, 47, 38, 55, 38, 57,
)  # fmt: skip
_BOLD = (
    26, 29, 47, 65, 57, 90, 75, 27, 34, 34, 54, 57, 28, 32, 28, 41, 57, 57, 57, 57, 57, 57, 57, 57,
    57, 57, 28, 28, 57, 57, 57, 48, 90, 69, 67, 64, 74, 56, 55, 72, 76, 39, 33, 66, 56, 94, 81, 80,
    63, 80, 66, 55, 58, 76, 65, 97, 67, 62, 58, 33, 41, 33, 57, 41, 36, 60, 63, 51, 63, 59, 39, 63,
    66, 30, 30, 62, 30, 98, 66, 62, 63, 63, 45, 50, 43, 66, 57, 86, 58, 57, 49, 39, 55, 39, 57,
)  # fmt: skip
_SIGNS = {
    "·": 27,
    "–": 50,
    "—": 100,
    "’": 18,
    "‘": 18,
    "“": 36,
    "”": 36,
    "…": 82,
    "•": 38,
    "″": 40,
    "\u00a0": 26,
}
_WIDE, _COMBINING, _UNKNOWN = 104, 0, 66


@lru_cache(maxsize=4096)
def advance(character: str, bold: bool) -> int:
    """Return how far one character moves the pen, in hundredths of the type size."""
    code = ord(character)
    if _FIRST <= code <= _LAST:
        return (_BOLD if bold else _REGULAR)[code - _FIRST]
    if character in _SIGNS:
        return _SIGNS[character]
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return _COMBINING
    if unicodedata.east_asian_width(character) in "WF" or code >= 0x1F000:
        return _WIDE
    base = unicodedata.normalize("NFD", character)[0]
    if base != character and _FIRST <= ord(base) <= _LAST:
        return (_BOLD if bold else _REGULAR)[ord(base) - _FIRST]
    return _UNKNOWN
