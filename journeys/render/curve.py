"""A smooth curve through points one column apart that never overshoots them.

Monotone cubic interpolation after F. N. Fritsch and R. E. Carlson (1980), with the slope limit of
M. Steffen (1990): between two points the curve stays between their values, so that a dip is where the
dip is. The points of a Bézier piece lie at thirds in x, hence x is linear in the parameter and the curve
can be cut at a column's edge exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Piece:
    """One cubic Bézier piece: x from `x0` to `x1`, and the four heights at x0, 1/3, 2/3, x1."""

    x0: float
    x1: float
    y: tuple[float, float, float, float]

    def cut(self, start: float, end: float) -> Piece:
        """Return the part between two x inside the piece (de Casteljau, by blossoming)."""
        width = self.x1 - self.x0
        s, t = (start - self.x0) / width, (end - self.x0) / width
        y = self.y
        return Piece(
            start,
            end,
            (_blossom(y, s, s, s), _blossom(y, s, s, t), _blossom(y, s, t, t), _blossom(y, t, t, t)),
        )


def _blossom(y: tuple[float, float, float, float], a: float, b: float, c: float) -> float:
    p, q, r = (y[i] + (y[i + 1] - y[i]) * a for i in range(3))
    p, q = p + (q - p) * b, q + (r - q) * b
    return p + (q - p) * c


def through(values: Sequence[float | None]) -> tuple[Piece, ...]:
    """Return the pieces of the curve through (i + 0.5, values[i]); a missing value is bridged."""
    points = [(i + 0.5, v) for i, v in enumerate(values) if v is not None]
    if len(points) < 2:
        return ()
    steps = [(x1 - x0, (y1 - y0) / (x1 - x0)) for (x0, y0), (x1, y1) in pairwise(points)]
    slopes = [steps[0][1], *(_slope(*a, *b) for a, b in pairwise(steps)), steps[-1][1]]
    pieces = []
    for i, (width, _) in enumerate(steps):
        (x0, y0), (x1, y1) = points[i], points[i + 1]
        lift0, lift1 = slopes[i] * width / 3, slopes[i + 1] * width / 3
        pieces.append(Piece(x0, x1, (y0, _between(y0 + lift0, y0, y1), _between(y1 - lift1, y0, y1), y1)))
    return tuple(pieces)


def _slope(h0: float, s0: float, h1: float, s1: float) -> float:
    if s0 * s1 <= 0:
        return 0.0
    mean = (s0 * h1 + s1 * h0) / (h0 + h1)
    sign = 1.0 if mean > 0 else -1.0
    return sign * min(2 * abs(s0), 2 * abs(s1), abs(mean))


def _between(value: float, a: float, b: float) -> float:
    return min(max(value, min(a, b)), max(a, b))


def below(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the stretches of a curve that lie at or under 0. A piece is monotone: it crosses once."""
    stretches: list[list[Piece]] = []
    open_at: float | None = None
    for piece in pieces:
        start, end = piece.y[0], piece.y[3]
        if start > 0 and end > 0:
            continue
        if start > 0 or end > 0:
            at = _crossing(piece)
            piece = piece.cut(at, piece.x1) if start > 0 else piece.cut(piece.x0, at)
            if piece.x1 - piece.x0 < _SPECK:
                continue
        if open_at is None or piece.x0 > open_at:
            stretches.append([])
        stretches[-1].append(piece)
        open_at = piece.x1
    return [stretch for stretch in stretches if any(min(piece.y) < 0 for piece in stretch)]


_SPECK = 1e-6
"""Width, in columns, under which a stretch is nothing to draw."""


def _crossing(piece: Piece) -> float:
    """Return the x at which a piece whose ends lie on both sides of 0 crosses it, by bisection."""
    low, high = 0.0, 1.0
    falls = piece.y[0] > 0
    for _ in range(20):
        middle = (low + high) / 2
        if (_blossom(piece.y, middle, middle, middle) > 0) == falls:
            low = middle
        else:
            high = middle
    return piece.x0 + (piece.x1 - piece.x0) * high


def windows(pieces: Sequence[Piece], edges: Sequence[tuple[float, float]]) -> list[list[Piece]]:
    """Return for each window [left, right], ascending and apart, the parts of the curve inside it."""
    found: list[list[Piece]] = []
    first = 0
    for left, right in edges:
        while first < len(pieces) and pieces[first].x1 <= left:
            first += 1
        inside = []
        for piece in pieces[first:]:
            if piece.x0 >= right:
                break
            inside.append(piece.cut(max(piece.x0, left), min(piece.x1, right)))
        found.append(inside)
    return found
