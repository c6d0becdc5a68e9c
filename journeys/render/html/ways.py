"""Arcs between touchpoints, above the lanes: loops and leaps, drawn thin, with their words.

The same is said in words at the touchpoint (`touch._hops`), for ears and for small screens.
"""

from __future__ import annotations

from journeys.render.element import Attributes, Markup, el, number
from journeys.render.lanes import WAYS_ROW
from journeys.render.paths import Arc

from .digits import digits

_LEVEL = 18.0
_TOP = 2.0


def arcs(found: tuple[Arc, ...], columns: int, *, mirrored: bool) -> Markup | None:
    """Return the drawing of all arcs over `columns` columns, as wide as these."""
    if not found:
        return None
    depth = _LEVEL * (1 + max(arc.level for arc in found)) + _TOP
    box: Attributes = {"viewBox": f"0 0 {columns * 100} {number(depth)}", "preserveAspectRatio": "none"}
    lines = (el("path", {"class": "way", "d": _path(arc, columns, mirrored=mirrored)}) for arc in found)
    heads, texts = [], []
    for arc in found:
        start, end = _ends(arc, columns, mirrored=mirrored)
        heads.append(el("use", {"class": "way-head", "href": "#p-head", "x": _percent(end, columns), "y": 1}))
        if arc.way.text:
            at: Attributes = {"x": _percent((start + end) / 2, columns), "y": number(_bottom(arc) - 4)}
            texts.append(el("text", at | {"class": "way-words"}, arc.way.text))
    frame: Attributes = {"class": f"arcs r{WAYS_ROW} {digits(columns)}", "height": depth + 2}
    return el(
        "svg", frame | {"aria-hidden": "true"}, el("svg", box | {"height": depth}, *lines), *heads, *texts
    )


def _percent(x: float, columns: int) -> str:
    return f"{number(x * 100 / columns)}%"


def _bottom(arc: Arc) -> float:
    return _LEVEL * (arc.level + 1) - 4


def _ends(arc: Arc, columns: int, *, mirrored: bool) -> tuple[float, float]:
    """Return where the arc leaves and arrives, in columns from the left edge."""
    away = -1 if arc.way.is_back else 1
    start, end = arc.way.source + 0.5 + 0.08 * away, arc.way.target + 0.5 - 0.08 * away
    if arc.way.source == arc.way.target:
        start, end = arc.way.source + 0.65, arc.way.source + 0.35
    return (columns - start, columns - end) if mirrored else (start, end)


def _path(arc: Arc, columns: int, *, mirrored: bool) -> str:
    """Return a cubic from top to top that is deepest at the arc's level (it reaches 3/4 of its depth)."""
    start, end = (number(x * 100) for x in _ends(arc, columns, mirrored=mirrored))
    deep = number(_bottom(arc) * 4 / 3)
    return f"M{start} 0C{start} {deep} {end} {deep} {end} 2"
