"""Colours, type and the words for statuses: one source for the page and the picture.

A colour means something or is absent. Every text role reaches AA (4.5 : 1) on every surface of its
theme, every line or point 3 : 1; `tests/journeys/render/test_palette.py` holds both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .mark import Standing

FONTS = (
    '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, '
    '"Helvetica Neue", "Liberation Sans", Arial, sans-serif'
)

SURFACES = ("bg", "card", "band", "hurt")
TEXTS = ("ink", "dim", "drawn", "measured", "ok", "warn", "breach", "stale", "who1", "who2", "who3", "who4")

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "bg": "#fbfaf8",
        "card": "#ffffff",
        "band": "#f3f0ea",
        "hurt": "#fdf3f1",
        "line": "#e6e2db",
        "edge": "#8d887f",
        "ink": "#1d1c1a",
        "dim": "#66635d",
        "drawn": "#4a4fb5",
        "measured": "#0b706b",
        "ok": "#17703f",
        "warn": "#8f4f00",
        "breach": "#b3261e",
        "stale": "#66635d",
        "gap": "#d5756c",
        "low": "#f6ded9",
        "flash": "#ffe9a8",
        "who1": "#9a2f77",
        "who2": "#7a5200",
        "who3": "#2f6186",
        "who4": "#4f6b12",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "bg": "#161513",
        "card": "#1f1e1b",
        "band": "#26241f",
        "hurt": "#2b1f1c",
        "line": "#34312c",
        "edge": "#7d786f",
        "ink": "#efece6",
        "dim": "#aaa59c",
        "drawn": "#a3a7f7",
        "measured": "#4fc4bd",
        "ok": "#5fc78d",
        "warn": "#e6a444",
        "breach": "#ff8a80",
        "stale": "#aaa59c",
        "gap": "#b0605a",
        "low": "#3a2623",
        "flash": "#40360f",
        "who1": "#ea94cc",
        "who2": "#d9b36a",
        "who3": "#86bfe6",
        "who4": "#b0c96a",
    }
)

PERSONA_ROLES = ("drawn", "who1", "who2", "who3", "who4")
"""Roles of the personas' curves, in order; a sixth persona takes the first again with another mark."""


@dataclass(frozen=True, slots=True)
class Sign:
    """How a standing looks and reads: never by colour alone."""

    glyph: str
    word: str
    role: str


SIGNS: Mapping[Standing, Sign] = MappingProxyType(
    {
        "breach": Sign("■", "breach", "breach"),
        "warn": Sign("▲", "watch", "warn"),
        "ok": Sign("●", "on target", "ok"),
        "broken": Sign("✕", "source broken", "breach"),
        "stale": Sign("◌", "stale", "stale"),
        "insufficient": Sign("◇", "too few", "dim"),
        "missing": Sign("–", "no data", "dim"),
        "unjudged": Sign("○", "no target", "dim"),
    }
)
"""In the order in which they are counted at the head of the page: the worst first."""


def css_variables(theme: Mapping[str, str]) -> str:
    """Return the theme as custom properties: "--bg:#fbfaf8;--card:…"."""
    return ";".join(f"--{role}:{colour}" for role, colour in theme.items())
