"""Numbers for the style sheet, spelled as classes.

The page's policy allows no style attributes, and its style sheet is a constant; a count of columns
reaches the layout as four classes, one per decimal digit, which page.css adds up again.
"""

from __future__ import annotations

_PLACES = (("k", 1000), ("h", 100), ("t", 10), ("u", 1))


def digits(value: int) -> str:
    """Return the classes of a whole number up to 9999: 13 → "n k0 h0 t1 u3"."""
    return "n " + " ".join(f"{name}{value // size % 10}" for name, size in _PLACES)


def digit_rules() -> str:
    """Return the rules that give each digit's class its value."""
    return "".join(
        f".{name}{digit}{{--{name}:{digit * size}}}" for name, size in _PLACES for digit in range(10)
    )
