from __future__ import annotations

from itertools import pairwise
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from journeys.render.curve import Piece, below, through, windows

VALUES = st.lists(st.one_of(st.none(), st.floats(-1, 1)), max_size=12)


def height(piece: Piece, x: float) -> float:
    """Return the height of a piece at x, by Bernstein's formula."""
    t = (x - piece.x0) / (piece.x1 - piece.x0)
    a, b, c, d = piece.y
    return a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3


def samples(piece: Piece) -> list[float]:
    return [piece.x0 + (piece.x1 - piece.x0) * i / 16 for i in range(17)]


@given(VALUES)
def test_passes_through_its_points_and_never_overshoots(values: list[float | None]) -> None:
    pieces = through(values)
    known = [(i + 0.5, v) for i, v in enumerate(values) if v is not None]
    assert len(pieces) == max(0, len(known) - 1)
    for piece, (x0, y0), (x1, y1) in zip(pieces, known, known[1:], strict=False):
        assert (piece.x0, piece.x1, piece.y[0], piece.y[3]) == (x0, x1, y0, y1)
        heights = [height(piece, x) for x in samples(piece)]
        assert min(y0, y1) - 1e-9 <= min(heights) <= max(heights) <= max(y0, y1) + 1e-9
        rising = [b - a for a, b in pairwise(heights)]
        assert all(step >= -1e-9 for step in rising) or all(step <= 1e-9 for step in rising)


@given(VALUES)
def test_windows_cut_without_changing_the_curve(values: list[float | None]) -> None:
    pieces = through(values)
    edges = [(float(i), i + 1.0) for i in range(len(values))]
    found = windows(pieces, edges)
    assert len(found) == len(edges)
    for (left, right), inside in zip(edges, found, strict=True):
        for part in inside:
            assert left <= part.x0 < part.x1 <= right
            whole = next(piece for piece in pieces if piece.x0 <= part.x0 and part.x1 <= piece.x1)
            assert all(isclose(height(part, x), height(whole, x), abs_tol=1e-9) for x in samples(part))
    assert isclose(
        sum(p.x1 - p.x0 for part in found for p in part), sum(p.x1 - p.x0 for p in pieces), abs_tol=1e-9
    )


@given(VALUES)
def test_below_is_where_the_curve_is_under_zero(values: list[float | None]) -> None:
    pieces = through(values)
    runs = below(pieces)
    for run in runs:
        assert all(a.x1 == b.x0 for a, b in pairwise(run))
        assert all(height(piece, x) <= 1e-4 for piece in run for x in samples(piece))
    covered = [(run[0].x0, run[-1].x1) for run in runs]
    for piece in pieces:
        for x in samples(piece):
            if height(piece, x) < -1e-3:
                assert any(start - 1e-4 <= x <= end + 1e-4 for start, end in covered)
