"""The rows of a map, in the order in which they are drawn, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from journeys.document.elements import Touchpoint
from journeys.document.lanes import Item, Link
from journeys.document.shape import Document

FIGURES = "figures"
FEELING = "feeling"
WAYS_ROW = 3
OWN_ROW = 8
"""The stage's own figures, under those of its touchpoints."""
_CUSTOM_ROW = 15
VISIBILITY_ROW, BACK_ROW = 35, 36
ROWS = 36


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: its name, a word on what it holds, and the grid row that is its place for ever."""

    key: str
    label: str
    hint: str
    row: int


SHIPPED = (
    Lane("actions", "Doing", "what happens", 4),
    Lane("thoughts", "Thinking", "in their words", 5),
    Lane(FEELING, "Feeling", "", 6),
    Lane(FIGURES, "Figures", "measured", 7),
    Lane("pains", "Pains", "what hurts", 9),
    Lane("opportunities", "Could be better", "opportunities", 10),
    Lane("gains", "Gains", "what delights", 11),
    Lane("needs", "Needs", "what it takes", 12),
    Lane("quotes", "Quotes", "word for word", 13),
    Lane("links", "More", "links", 14),
)
"""Rows 1 to 3 are the stage, the touchpoint, the ways between touchpoints; 15 to 34 the map's custom
lanes; 35 and 36 the line of visibility and what happens behind it."""


def entries(touchpoint: Touchpoint, lane: str) -> tuple[Item | Link, ...]:
    """Return what a touchpoint has in a lane of entries; () in the lanes that are drawn otherwise."""
    if lane in (FEELING, FIGURES):
        return ()
    if lane in _FIELDS:
        return getattr(touchpoint, lane)  # type: ignore[no-any-return]
    return touchpoint.lane_items.get(lane.removeprefix("own:"), ())


_FIELDS = frozenset(lane.key for lane in SHIPPED) - {FEELING, FIGURES}


def used(document: Document, *, feeling: bool, figures: bool) -> tuple[Lane, ...]:
    """Return the lanes to draw: those with something in them at a front-stage touchpoint."""
    front = [touchpoint for touchpoint in document.touchpoints() if touchpoint.visibility == "front"]
    custom = (
        Lane(f"own:{lane.key}", lane.label, lane.description, _CUSTOM_ROW + i)
        for i, lane in enumerate(document.lanes)
    )
    drawn = {FEELING: feeling, FIGURES: figures}
    return tuple(
        lane
        for lane in (*SHIPPED, *custom)
        if (drawn[lane.key] if lane.key in drawn else _anything(front, lane.key))
    )


def _anything(touchpoints: Iterable[Touchpoint], lane: str) -> bool:
    return any(entries(touchpoint, lane) for touchpoint in touchpoints)
