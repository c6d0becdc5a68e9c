"""What a grid is made of, on its way from a document to cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from journeys.document.elements import Touchpoint
from journeys.formats.base import Notice


@dataclass(frozen=True, slots=True)
class Row:
    """A lane: its label and a text for each column. wide: the text counts for the whole stage."""

    label: str
    cells: tuple[str, ...]
    wide: bool = False


@dataclass
class Table:
    """What stands in the grid. stages: (name, first column, columns), from 0 beside the labels."""

    title: str
    stages: list[tuple[str, int, int]] = field(default_factory=list)
    touchpoints: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    losses: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Spot:
    """A column: the touchpoint that stands there, if any, and its pointer."""

    touchpoint: Touchpoint | None
    where: str


def text_of(table: Table, text: str, where: str, fit: Callable[[str], str]) -> str:
    """Return the text as a cell can hold it; note where that is not as it was."""
    found = fit(text)
    if found != text:
        detail = "White space or control characters of this text are not kept in a cell."
        table.losses.append(Notice(where, "lossy", "white_space", detail))
    return found


def add_row(table: Table, label: str, cells: Sequence[str]) -> None:
    """Add a lane with one text for each column; one that says nothing has no row."""
    if any(cells):
        table.rows.append(Row(label, tuple(cells)))
