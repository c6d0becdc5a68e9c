"""The curve's part in one column, its points, the gap; the same in words, and as a track for small screens.

Heights are percentages of the cell, so that the points keep their shape whatever the cell's size; the
lines are stretched in a box of 100 × 100 of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeys.render.curve import Piece, below
from journeys.render.element import Attributes, Markup, el, join, number
from journeys.render.feeling import Curve, Feelings, Side, apart, side_of_word
from journeys.render.words import feeling

_SHIFTS: Mapping[Side, Attributes] = {
    "above": {"dy": -11},
    "below": {"dy": 19},
    "beside": {"dx": -11, "dy": 4},
}
_SWING = 40.0
_LAP = 0.8
"""How far the ground reaches into the next column, so that no seam shows."""


def height(value: float) -> float:
    """Return how far down the cell a feeling of −1 … +1 lies, in percent."""
    return 50 - _SWING * max(-1.0, min(1.0, value))


def trace(pieces: Sequence[Piece], left: float) -> str:
    """Return the path of pieces of a curve in a column that begins at x = `left`; columns are 100 wide."""
    if not pieces:
        return ""
    parts = [f"M{number((pieces[0].x0 - left) * 100)} {number(height(pieces[0].y[0]))}"]
    for piece in pieces:
        third = (piece.x1 - piece.x0) / 3
        spots = ((piece.x0 + third * i, piece.y[i]) for i in (1, 2, 3))
        parts.append("C" + " ".join(f"{number((x - left) * 100)} {number(height(y))}" for x, y in spots))
    return "".join(parts)


def cell(felt: Feelings, column: int, cuts: Sequence[Sequence[Piece]], *, mirrored: bool) -> Markup:
    """Return the column's part of all curves; `cuts[i]` are the pieces of curve i inside the column."""
    lines = _low(cuts[0], column) if felt.drawn else []
    for curve, pieces in zip(felt.curves, cuts, strict=True):
        if pieces:
            lines.append(el("path", {"class": f"line {_class(curve)}", "d": trace(pieces, column)}))
    flip = {"transform": "matrix(-1 0 0 1 100 0)"} if mirrored else None
    return el(
        "svg",
        {"class": "curve", "aria-hidden": "true"},
        el("line", {"class": "zero", "x1": 0, "x2": "100%", "y1": "50%", "y2": "50%"}),
        el("svg", {"viewBox": "0 0 100 100", "preserveAspectRatio": "none"}, el("g", flip, *lines))
        if lines
        else None,
        _gap(felt, column),
        *(_point(curve, column) for curve in felt.curves),
        _word(felt, column),
    )


def _class(curve: Curve) -> str:
    return f"c-{curve.role}{'' if curve.leading else ' apart'}"


def _low(pieces: Sequence[Piece], left: float) -> list[Markup]:
    """Return the ground between the leading curve and the middle, where it is below: here it hurts."""
    grounds = []
    for run in below(pieces):
        start, end = (run[0].x0 - left) * 100, (run[-1].x1 - left) * 100
        lap = _LAP if end >= 100 else 0
        d = f"{trace(run, left)}H{number(end + lap)}V50H{number(start)}Z"
        grounds.append(el("path", {"class": "low", "d": d}))
    return grounds


def _point(curve: Curve, column: int) -> Markup | None:
    value = curve.values[column]
    if value is None:
        return None
    return el(
        "use",
        {
            "class": f"point {_class(curve)}",
            "href": f"#p-{curve.shape}",
            "x": "50%",
            "y": f"{number(height(value))}%",
        },
    )


def _gap(felt: Feelings, column: int) -> Markup | None:
    gap = felt.gaps[column]
    if gap is None or felt.measured is None:
        return None
    real = felt.measured.values[column] or 0.0
    ends = {"y1": f"{number(height(real))}%", "y2": f"{number(height(real - gap))}%"}
    middle = f"{number(height(real - gap / 2))}%"
    words = el("text", {"class": "gap-words", "x": "50%", "y": middle, "dx": 10, "dy": 4}, apart(gap))
    return el("g", None, el("line", {"class": "gap", "x1": "50%", "x2": "50%"} | ends), words)


def _word(felt: Feelings, column: int) -> Markup | None:
    """Return the leading persona's own word for the feeling, on the side of its point that has more room."""
    if not felt.drawn or not felt.drawn[0].words[column]:
        return None
    lead = felt.drawn[0]
    value, word = lead.values[column], lead.words[column]
    if value is None:
        return el("text", {"class": "feel-word", "x": "50%", "y": "50%", "dy": -8}, word)
    side = side_of_word(felt, column)
    at: Attributes = {
        "class": f"feel-word{' beside' if side == 'beside' else ''}",
        "x": "50%",
        "y": f"{number(height(value))}%",
    }
    return el("text", at | _SHIFTS[side], word)


def words(felt: Feelings, column: int) -> Markup:
    """Return the column's feelings as text: "Grace −0.6 (anxious) · measured −0.8, 0.2 lower"."""
    said = []
    for curve in felt.curves:
        value, word = curve.values[column], curve.words[column]
        if value is None and not word:
            continue
        figure = "" if value is None else f" {feeling(value)}"
        inner = (el("bdi", None, curve.label), figure, f" ({word})" if word else None)
        said.append(el("span", {"class": _class(curve)}, *inner))
    gap = felt.gaps[column]
    if gap is not None:
        said.append(el("span", {"class": "gap-words"}, f"measured {apart(gap)} than drawn"))
    return el("p", {"class": "feel-words"}, *(join(" ", part) for part in said))


def track(felt: Feelings, column: int) -> Markup | None:
    """Return the column's points on a line from bad to good, for screens that show no curve."""
    points = []
    for curve in felt.curves:
        value = curve.values[column]
        if value is not None:
            x = f"{number(50 + 46 * max(-1.0, min(1.0, value)))}%"
            points.append(
                el("use", {"class": f"point {_class(curve)}", "href": f"#p-{curve.shape}", "x": x, "y": 9})
            )
    if not points:
        return None
    rail = el("line", {"class": "rail", "x1": 0, "x2": "100%", "y1": 9, "y2": 9})
    middle = el("line", {"class": "rail", "x1": "50%", "x2": "50%", "y1": 4, "y2": 14})
    return el("svg", {"class": "track", "aria-hidden": "true"}, rail, middle, *points)
