"""A sheet: texts in rows and columns, what is merged, and what each cell is called by its author."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

ROWS_MAX, COLUMNS_MAX, CELLS_MAX = 2_000, 2_100, 500_000


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, all ends included, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int

    def turned(self) -> Area:
        return Area(self.left, self.top, self.right, self.bottom)


def letters(column: int) -> str:
    """Return the name of a column counted from 0: A … Z, AA …"""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """Return the place of a column by its letters, counted from 0."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(frozen=True)
class Sheet:
    """Texts without outer white space, in rows of equal width.

    name: "" where the file is one sheet. turned: rows and columns were exchanged, so that lanes are rows.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[Area, ...] = ()
    turned: bool = field(default=False)

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    @property
    def height(self) -> int:
        return len(self.rows)

    @cached_property
    def _areas(self) -> dict[tuple[int, int], Area]:
        return {
            (row, column): area
            for area in self.merged
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        }

    def text(self, row: int, column: int) -> str:
        """Return a cell's text, "" beyond the edge."""
        return self.rows[row][column] if row < self.height and column < self.width else ""

    def area(self, row: int, column: int) -> Area:
        """Return the merged area that a cell belongs to, or the cell itself."""
        return self._areas.get((row, column)) or Area(row, column, row, column)

    def filled(self, row: int) -> Iterator[int]:
        """Yield the columns of a row that hold text."""
        return (column for column, text in enumerate(self.rows[row]) if text)

    def place(self, row: int, column: int) -> str:
        """Return what the author calls the cell: "Sheet1!C4", "C4" where there is one sheet only."""
        if self.turned:
            row, column = column, row
        cell = f"{letters(column)}{row + 1}"
        return f"{self.name}!{cell}" if self.name else cell

    def turn(self) -> Sheet:
        """Return the sheet with rows and columns exchanged; places keep their names."""
        return replace(
            self,
            rows=tuple(zip(*self.rows, strict=True)),
            merged=tuple(area.turned() for area in self.merged),
            turned=not self.turned,
        )


def sheet_of(name: str, rows: list[list[str]], merged: list[Area] | tuple[Area, ...] = ()) -> Sheet:
    """Return a sheet of rows of any widths; empty rows and columns at the end are left off."""
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((column + 1 for row in rows for column, text in enumerate(row) if text), default=0)
    even = tuple(tuple(row[:width]) + ("",) * (width - len(row)) for row in rows)
    inside = tuple(
        Area(a.top, a.left, min(a.bottom, len(even) - 1), min(a.right, width - 1))
        for a in merged
        if a.top < len(even) and a.left < width
    )
    return Sheet(name, even, inside)
