"""The curves over a band, with their points, the gaps, and words beside them."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.render.curve import Piece, below, windows
from journeys.render.element import Attributes, Markup, el, number
from journeys.render.feeling import Curve, Feelings, apart, side_of_word

from .plan import COLUMN, Band
from .stack import Block, centred, text

HEIGHT = 148.0
_SWING = 58.0
_SHAPES = {
    "ring": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
    "square": "M-4 -4H4V4H-4Z",
    "triangle": "M0 -5.5L5 4H-5Z",
    "cross": "M-4 -4L4 4M-4 4L4 -4",
    "bar": "M0 -5.5V5.5",
    "diamond": "M0 -5.5L5.5 0L0 5.5L-5.5 0Z",
}


def height(value: float) -> float:
    """Return how far under the row's top a feeling of −1 … +1 lies."""
    return HEIGHT / 2 - _SWING * max(-1.0, min(1.0, value))


def curves(felt: Feelings, band: Band, *, rtl: bool) -> Block:
    """Return all curves over the band; the origin is the leading edge of its first column."""
    count = len(band.columns)
    side = -1 if rtl else 1
    edges = [(float(band.first), float(band.first + count))]
    zero = f"M0 {HEIGHT / 2:g}H{side * count * COLUMN:g}"
    parts: list[Markup | None] = [el("path", {"class": "hair zero s-edge", "d": zero})]
    cut = [windows(curve.pieces, edges)[0] for curve in felt.curves]
    if felt.drawn:
        parts += [_ground(run, band, side) for run in below(cut[0])]
    for curve, pieces in zip(felt.curves, cut, strict=True):
        if pieces:
            parts.append(el("path", {"class": _line(curve), "d": _trace(pieces, band, side)}))
    for column in range(band.first, band.first + count):
        x = _x(column + 0.5, band, side)
        parts.append(_gap(felt, column, x, rtl=rtl))
        parts += [_point(curve, column, x) for curve in felt.curves]
        parts.append(_word(felt, column, x, side))
    return Block(HEIGHT, el("g", None, *parts))


def _x(column: float, band: Band, side: int) -> float:
    return side * (column - band.first) * COLUMN


def _line(curve: Curve) -> str:
    kind = " dash" if curve.shape == "diamond" else ("" if curve.leading else " apart")
    return f"line s-{curve.role}{kind}"


def _trace(pieces: Sequence[Piece], band: Band, side: int) -> str:
    parts = [f"M{number(_x(pieces[0].x0, band, side))} {number(height(pieces[0].y[0]))}"]
    for piece in pieces:
        third = (piece.x1 - piece.x0) / 3
        spots = ((_x(piece.x0 + third * i, band, side), height(piece.y[i])) for i in (1, 2, 3))
        parts.append("C" + " ".join(f"{number(x)} {number(y)}" for x, y in spots))
    return "".join(parts)


def _ground(run: Sequence[Piece], band: Band, side: int) -> Markup:
    start, end = (number(_x(x, band, side)) for x in (run[0].x0, run[-1].x1))
    middle = number(HEIGHT / 2)
    return el("path", {"class": "f-low", "d": f"{_trace(run, band, side)}L{end} {middle}L{start} {middle}Z"})


def _point(curve: Curve, column: int, x: float) -> Markup | None:
    value = curve.values[column]
    if value is None:
        return None
    look = f"f-{curve.role}" if curve.shape == "diamond" else f"point s-{curve.role}"
    return el("path", {"class": look, "transform": _to(x, height(value)), "d": _SHAPES[curve.shape]})


def _to(x: float, y: float) -> str:
    return f"translate({number(x)} {number(y)})"


def _gap(felt: Feelings, column: int, x: float, *, rtl: bool) -> Markup | None:
    gap = felt.gaps[column]
    real = felt.measured.values[column] if felt.measured else None
    if gap is None or real is None:
        return None
    top, bottom = sorted((height(real), height(real - gap)))
    bar = el(
        "rect", {"class": "f-gap", "x": x - 3, "y": top, "width": 6, "height": bottom - top, "opacity": 0.55}
    )
    at: Attributes = {"x": x + 10, "y": (top + bottom) / 2 + 4, "class": "z11 b f-breach halo"}
    return el("g", None, bar, el("text", at, apart(gap)))


def _word(felt: Feelings, column: int, x: float, side: int) -> Markup | None:
    if not felt.drawn or not felt.drawn[0].words[column]:
        return None
    word, value = felt.drawn[0].words[column], felt.drawn[0].values[column]
    place = side_of_word(felt, column)
    if place == "beside":
        return text(word, side * x - 11, height(value or 0) + 4, "z11 f-dim halo", rtl=side < 0, end=True)
    y = height(value or 0) + (19 if place == "below" else -11)
    return centred(word, x, y)


def sample(curve: Curve) -> Markup:
    """Return a short piece of the curve for the legend, 26 wide, around (13, 0)."""
    line = el("path", {"class": _line(curve), "d": "M0 0H26"})
    look = f"f-{curve.role}" if curve.shape == "diamond" else f"point s-{curve.role}"
    return el(
        "g",
        None,
        line,
        el("path", {"class": look, "transform": "translate(13 0)", "d": _SHAPES[curve.shape]}),
    )
