"""A bar of parts, each as wide as its share and of the colour of its standing. What it says stands beside it
in words, so it is hidden from readers of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.render.element import Attributes, Markup, el
from journeys.render.mark import Standing
from journeys.render.palette import SIGNS

GAP = 1.0
LEAST = 3.0


def bar(parts: Sequence[tuple[Standing, int]], width: float, height: float) -> Iterator[Markup]:
    """Yield the rectangles of a bar from (0, 0) on, the worst first; nothing where there are no parts."""
    counted = [(standing, count) for standing in SIGNS for own, count in parts if own == standing and count]
    total = sum(count for _, count in counted)
    room = width - GAP * (len(counted) - 1) - LEAST * len(counted)
    x = 0.0
    for standing, count in counted:
        wide = LEAST + room * count / total
        open_ = SIGNS[standing].role == "dim"
        yield el("rect", _at(x, wide, height) | {"class": f"f-{'line' if open_ else SIGNS[standing].role}"})
        x += wide + GAP


def meter(share: float, width: float, height: float) -> Iterator[Markup]:
    """Yield a track and, on it, as much as the share (0 to 1)."""
    yield el("rect", _at(0, width, height) | {"class": "f-line"})
    if share > 0:
        yield el("rect", _at(0, max(LEAST, width * min(share, 1.0)), height) | {"class": "f-drawn"})


def _at(x: float, width: float, height: float) -> Attributes:
    return {"x": x, "y": 0, "width": width, "height": height, "rx": min(1.5, height / 2)}
