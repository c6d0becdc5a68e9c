"""Ways between touchpoints that the order of the columns does not tell: loops, leaps, ways out of order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from journeys.document.elements import Touchpoint, Transition
from journeys.document.shape import Document

from .words import share

_FSI, _PDI = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Way:
    """From one column to another, with what is said of it: "gives up · 20 %"."""

    source: int
    target: int
    text: str

    @property
    def is_back(self) -> bool:
        """True where the journey returns to where it was, or stays."""
        return self.target <= self.source


@dataclass(frozen=True, slots=True)
class Arc:
    """A way drawn as an arc; arcs of one level do not touch."""

    way: Way
    level: int


def ways(document: Document, touchpoints: Sequence[Touchpoint | None]) -> tuple[Way, ...]:
    """Return every transition whose ends are on the map; a cyclic map leads from its end to its start."""
    at = _columns(touchpoints)
    found = [
        Way(
            at[step.source],
            at[step.target],
            _said(step),
        )
        for step in document.transitions
        if step.source in at and step.target in at
    ]
    ends = [column for column, touchpoint in enumerate(touchpoints) if touchpoint is not None]
    if document.cyclic and len(ends) > 1:
        start, end = ends[0], ends[-1]
        if not any(way.source == end and way.target == start for way in found):
            found.append(Way(end, start, "and round again"))
    return tuple(found)


def _said(step: Transition) -> str:
    """Return label and likelihood; the figure is isolated, that it keeps its order beside any script."""
    if step.likelihood is None:
        return step.label
    figure = share(step.likelihood)
    if not step.label:
        return figure
    return f"{step.label} · {figure if step.label.isascii() else f'{_FSI}{figure}{_PDI}'}"


def _columns(touchpoints: Sequence[Touchpoint | None]) -> Mapping[str, int]:
    at: dict[str, int] = {}
    for column, touchpoint in enumerate(touchpoints):
        if touchpoint is None:
            continue
        if touchpoint.key:
            at[touchpoint.key] = column
        if touchpoint.id is not None:
            at[str(touchpoint.id)] = column
    return at


def arcs(found: Sequence[Way]) -> tuple[Arc, ...]:
    """Return the ways worth an arc (not those to the next column), the short ones lowest."""
    placed: list[Arc] = []
    levels: list[list[tuple[float, float]]] = []
    worth = [way for way in found if way.target != way.source + 1]
    for way in sorted(worth, key=lambda way: (abs(way.target - way.source), way.source)):
        low, high = min(way.source, way.target) - 0.4, max(way.source, way.target) + 0.4
        level = next(
            (i for i, spans in enumerate(levels) if all(high < a or b < low for a, b in spans)), len(levels)
        )
        if level == len(levels):
            levels.append([])
        levels[level].append((low, high))
        placed.append(Arc(way, level))
    return tuple(placed)
