"""The statuses' glyphs as shapes, the same wherever the picture is drawn. Nine units wide."""

from __future__ import annotations

from journeys.render.element import Markup, el
from journeys.render.mark import Standing
from journeys.render.palette import SIGNS

SIZE = 9.0


def sign(standing: Standing, x: float, y: float, *, rtl: bool) -> Markup:
    """Return the glyph with its leading top corner at (x, y)."""
    left = -x - SIZE if rtl else x
    middle, half = (left + SIZE / 2, y + SIZE / 2), SIZE / 2
    role = SIGNS[standing].role
    full, open_ = {"class": f"f-{role}"}, {"class": f"thin s-{role}"}
    if standing == "breach":
        return el("rect", full | {"x": left, "y": y, "width": SIZE, "height": SIZE})
    if standing == "warn":
        return el("path", full | {"d": f"M{left} {y + SIZE}h{SIZE}L{middle[0]} {y}Z"})
    if standing == "ok":
        return el("circle", full | {"cx": middle[0], "cy": middle[1], "r": half})
    if standing == "broken":
        return el("path", open_ | {"d": f"M{left + 1} {y + 1}l7 7m0 -7l-7 7"})
    if standing == "missing":
        return el("path", open_ | {"d": f"M{left + 1} {middle[1]}h7"})
    if standing == "insufficient":
        return el("path", open_ | {"d": f"M{middle[0]} {y}l{half} {half}l{-half} {half}l{-half} {-half}Z"})
    dashes = {"stroke-dasharray": "2 1.6"} if standing == "stale" else {}
    return el("circle", open_ | dashes | {"cx": middle[0], "cy": middle[1], "r": half - 0.75})
