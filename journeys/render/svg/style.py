"""Colours and type of the picture. Plain class rules, as drawing programs read them too."""

from __future__ import annotations

from collections.abc import Mapping

from journeys.render.face import Theme
from journeys.render.palette import DARK, FONTS, LIGHT, TEXTS

_STROKES = ("drawn", "measured", "who1", "who2", "who3", "who4", "breach", "edge", "line", "dim", "stale")
_FILLS = (*TEXTS, "edge", "card", "band", "bg", "hurt", "low", "gap", "line")

_TYPE = (
    f"text{{font-family:{FONTS};font-size:13px}}"
    ".b{font-weight:600}.bb{font-weight:700}"
    ".z24{font-size:24px}.z20{font-size:20px}.z16{font-size:16px}.z14{font-size:14px}"
    ".z12{font-size:12px}.z11{font-size:11px}"
    ".num{font-variant-numeric:tabular-nums}.it{font-style:italic}"
    ".mid{text-anchor:middle}"
    ".line{fill:none;stroke-width:2.25;stroke-linecap:round;stroke-linejoin:round}"
    ".apart{stroke-width:1.25}.dash{stroke-dasharray:5 4;stroke-width:1.75;stroke-linecap:butt}"
    ".thin{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}"
    ".hair{fill:none;stroke-width:1}.aim{stroke-dasharray:3 3}.zero{stroke-dasharray:2 4}"
    ".far{stroke-dasharray:6 4;stroke-width:2}.point{stroke-width:2}"
    ".halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}"
)


def _colours(theme: Mapping[str, str]) -> str:
    fills = "".join(f".f-{role}{{fill:{theme[role]}}}" for role in _FILLS)
    strokes = "".join(f".s-{role}{{stroke:{theme[role]}}}" for role in _STROKES)
    return f"{fills}{strokes}.point{{fill:{theme['card']}}}.halo{{stroke:{theme['card']}}}"


_RULES: Mapping[Theme, str] = {
    "light": _TYPE + _colours(LIGHT),
    "dark": _TYPE + _colours(DARK),
    "auto": f"{_TYPE}{_colours(LIGHT)}@media (prefers-color-scheme:dark){{{_colours(DARK)}}}",
}


def style(theme: Theme) -> str:
    """Return the style sheet; "auto" follows the reader's preference, programs that know none see light."""
    return _RULES[theme]
