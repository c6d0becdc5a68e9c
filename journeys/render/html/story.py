"""The story of a touchpoint, whole: lane by lane with the grounds of each statement, for its panel."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.document.lanes import Item
from journeys.render.board import Board, Column
from journeys.render.element import Markup, el
from journeys.render.lanes import FEELING, FIGURES, SHIPPED, entries

from . import feeling
from .entry import entry
from .grounds import grounds


def story(board: Board, column: Column) -> Markup | None:
    """Return what happens at a touchpoint, is thought and felt there; None where nothing is told."""
    rows = list(_rows(board, column))
    return el("dl", {"class": "story"}, *rows) if rows else None


def _rows(board: Board, column: Column) -> Iterator[Markup]:
    felt = board.feelings
    for key, label in _lanes(board):
        if key == FEELING:
            said = any(c.values[column.index] is not None or c.words[column.index] for c in felt.curves)
            if said:
                yield _row(label, key, feeling.track(felt, column.index), feeling.words(felt, column.index))
        elif found := entries(column.touchpoint, key):
            items = (
                entry(item, grounds(board, column.touchpoint, item) if isinstance(item, Item) else [])
                for item in found
            )
            yield _row(label, key, el("ul", {"role": "list"}, *items))


def _lanes(board: Board) -> Iterator[tuple[str, str]]:
    """Yield key and label of each lane that may hold something, figures apart."""
    yield from ((lane.key, lane.label) for lane in SHIPPED if lane.key != FIGURES)
    yield from ((f"own:{lane.key}", lane.label) for lane in board.document.lanes)


def _row(label: str, key: str, *content: Markup | None) -> Markup:
    kind = f"l-{key.partition(':')[0]}"
    return el("div", {"class": kind}, el("dt", {"dir": "auto"}, label), el("dd", None, *content))
