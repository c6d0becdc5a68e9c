"""Bytes → records: the cells of a row by their columns, with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from journeys.formats.base import Notice
from journeys.formats.grid.plain import decoded, delimiter_of

from .columns import COLUMNS, KPI, column_of

COLUMNS_MAX = 200
ROWS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Record:
    """A row: {column: cell as it stands} of cells that are not empty."""

    line: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """Return the cell without white space around it."""
        return self.cells.get(column, "").strip()


@dataclass(slots=True)
class Table:
    records: list[Record] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def refuse(self, line: int, code: str, detail: str) -> None:
        self.notices.append(Notice(f"line {line}", "invalid", code, detail))


def table_of(raw: bytes) -> Table:
    """Return the records; where something is refused, those before it."""
    text, notices = decoded(raw)
    table = Table(notices=list(notices))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    rows = _rows(reader, table)
    for line, head in rows:
        _head(table, line, head)
        break
    else:
        if not table.notices:
            table.refuse(1, "empty", "There is no row. The first one has the names of the columns.")
    if not table.columns:
        return table
    for line, row in rows:
        if len(row) > len(table.columns) and any(row[len(table.columns) :]):
            table.refuse(
                line, "too_many_cells", f"There are {len(row)} cells to {len(table.columns)} columns."
            )
            continue
        cells = {column: cell for column, cell in zip(table.columns, row, strict=False) if cell and column}
        if any(cell.strip() for cell in cells.values()):
            table.records.append(Record(line, cells))
        if len(table.records) > ROWS_MAX:
            table.refuse(line, "too_many_rows", f"A table has at most {ROWS_MAX} rows.")
            return table
    return table


def _rows(reader: Iterator[list[str]], table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which it begins, row) for rows that hold something."""
    line = 1
    try:
        for row in reader:
            if any(row):
                yield line, row
            line = reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        table.refuse(line, "not_csv", f"This is not CSV: {error}.")


def _head(table: Table, line: int, head: list[str]) -> None:
    if len(head) > COLUMNS_MAX:
        table.refuse(line, "too_many_columns", f"A table has at most {COLUMNS_MAX} columns, not {len(head)}.")
        return
    columns: list[str] = []
    for name in head:
        column = column_of(name)
        if column and column in columns:
            table.refuse(line, "column_twice", f"The column {column} stands there twice.")
        elif name.strip() and not column:
            detail = f"The column {name.strip()[:80]!r} is none of {', '.join(COLUMNS)}."
            table.notices.append(Notice(f"line {line}", "lossy", "unknown_column", detail))
        elif column == KPI:
            detail = "KPIs are no part of the map: bind them to its touchpoints (/bindings)."
            table.notices.append(Notice(f"line {line}", "lossy", "kpis_apart", detail))
        columns.append("" if column == KPI else column)
    if "touchpoint" not in columns and "stage" not in columns:
        table.refuse(line, "no_columns", "A column `stage` or `touchpoint` is expected in the first row.")
        return
    table.columns = columns
