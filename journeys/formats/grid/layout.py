"""Which row, column and cell of a sheet is what: guessed as its author would read it, unless told."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from journeys.formats.lane_words import CUSTOM, STAGE_WORDS, STEP_WORDS, TOUCHPOINT_WORDS, lane_of, words_of

from .options import Options
from .sheet import Sheet, column_number

TITLED = "Map: "
"""Stands before the name of a map that would read as the label of a row."""

_HEAD_ROWS = 12
"""So far down the rows of stages and touchpoints are looked for."""


@dataclass(frozen=True, slots=True)
class Layout:
    """All counted from 0; None = there is no such row. Lanes are the rows from `body` on."""

    title: str
    stage_row: int | None
    touchpoint_row: int | None
    lane_column: int
    body: int

    @property
    def first(self) -> int:
        """The first row that says something of a column below its stage."""
        return self.body if self.touchpoint_row is None else min(self.body, self.touchpoint_row)

    def columns(self, sheet: Sheet) -> range:
        """Return the columns of the map."""
        return range(self.lane_column + 1, sheet.width)


def turned(sheet: Sheet, options: Options) -> Sheet:
    """Return the sheet with lanes as rows: exchanged where the first row reads as lanes, not a column."""
    wanted = options.turned
    if wanted is None:
        head = next((row for row in sheet.rows if sum(map(bool, row)) > 1), ())
        across = sum(map(is_word, head))
        down = max((_lanes_in(sheet, column) for column in range(min(3, sheet.width))), default=0)
        wanted = across > max(1, down) and is_word(next(filter(None, head)))
    return sheet.turn() if wanted else sheet


def layout_of(sheet: Sheet, options: Options) -> Layout:
    """Return what stands where."""
    column = column_number(options.lane_column) if options.lane_column else _lane_column(sheet)
    column = min(column, max(sheet.width - 1, 0))
    stage_row = _told(options.stage_row) if options.stage_row is not None else _stage_row(sheet, column)
    first = 0 if stage_row is None else stage_row + 1
    if options.touchpoint_row is not None:
        touchpoint_row = _told(options.touchpoint_row)
    else:
        touchpoint_row = _touchpoint_row(sheet, column, first, stage_row)
    body = max(first, 0 if touchpoint_row is None else touchpoint_row + 1)
    return Layout(_title(sheet, column, stage_row), stage_row, touchpoint_row, column, body)


def _told(row: int) -> int | None:
    return row - 1 if row else None


def _lanes_in(sheet: Sheet, column: int) -> int:
    """Return how many labels of a column are words for rows."""
    return sum(is_word(sheet.text(row, column)) for row in range(sheet.height))


def is_word(text: str) -> bool:
    """Return True for a text that labels a row."""
    words = words_of(text)
    return lane_of(text) != CUSTOM or words in STAGE_WORDS or words in TOUCHPOINT_WORDS


def _lane_column(sheet: Sheet) -> int:
    """Return the column of labels: of the first three filled ones the one with most words for rows."""
    filled = [column for column in range(sheet.width) if any(row[column] for row in sheet.rows)][:3]
    return max(filled, key=lambda column: (_lanes_in(sheet, column), -column), default=0)


def _stage_row(sheet: Sheet, lane_column: int) -> int | None:
    rows = range(min(_HEAD_ROWS, sheet.height))
    for row in rows:
        if words_of(sheet.text(row, lane_column)) in STAGE_WORDS:
            return row
    for row in rows:
        if any(column > lane_column for column in sheet.filled(row)):
            label = sheet.text(row, lane_column)
            # A row that is somebody's lane cannot be the row of stages.
            return None if lane_of(label) != CUSTOM else row
    return None


def _touchpoint_row(sheet: Sheet, lane_column: int, first: int, stage_row: int | None) -> int | None:
    """Return the row below the stages, where it is labelled as touchpoints or not at all."""
    if first >= sheet.height:
        return None
    words = words_of(sheet.text(first, lane_column))
    filled = [column for column in sheet.filled(first) if column > lane_column]
    if not filled or words in TOUCHPOINT_WORDS:
        return first if words in TOUCHPOINT_WORDS else None
    if words == "":
        return first
    return first if words in STEP_WORDS and _has_wide_stages(sheet, lane_column, stage_row) else None


def _has_wide_stages(sheet: Sheet, lane_column: int, stage_row: int | None) -> bool:
    """Return True where a stage covers more than one column, so that columns have names of their own."""
    if stage_row is None:
        return True
    names = [sheet.text(stage_row, column) for column in range(lane_column + 1, sheet.width)]
    return any(names) and any(not name or name == before for before, name in pairwise(names))


def _title(sheet: Sheet, lane_column: int, stage_row: int | None) -> str:
    """Return what stands above the stages or in the corner beside them: the name of the map, if anything."""
    below = stage_row + 1 if stage_row is not None else 0
    while stage_row is None and below < sheet.height and not sheet.text(below, lane_column + 1):
        below += 1
    for row in range(below):
        text = sheet.text(row, lane_column)
        if text.startswith(TITLED) and is_word(text.removeprefix(TITLED)):
            return text.removeprefix(TITLED)
        if text and not is_word(text):
            return text
    return ""
