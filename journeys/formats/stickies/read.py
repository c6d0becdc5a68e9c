"""Notes → a map. Header notes at the top name the columns; what stands under none of them is kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from journeys.formats.base import Notice, ReadMap
from journeys.formats.grid.columns import Column, StageColumn
from journeys.formats.grid.fill import Cell, Filler
from journeys.formats.grid.labels import Label
from journeys.formats.lane_words import CUSTOM, IGNORE, lane_of
from journeys.formats.texts import name_and_rest

from .board import Gaps, gaps_of, nearest, rows_of
from .notes import Note, read_notes
from .options import Options, options_of

UNASSIGNED = "Unassigned"
PER_TOUCHPOINT = 100
_UNTITLED = "Untitled map"
_COLOURS = {
    "yellow": "actions",
    "light_yellow": "actions",
    "blue": "thoughts",
    "light_blue": "thoughts",
    "red": "pains",
    "pink": "pains",
    "light_pink": "pains",
    "green": "opportunities",
    "light_green": "opportunities",
    "orange": "needs",
    "violet": "quotes",
    "purple": "quotes",
}
"""What colours are most often used for; nobody agreed on it, so it is told and can be changed."""


@dataclass
class _Board:
    """A board on its way to a map."""

    options: Options
    gaps: Gaps
    rows: list[list[Note]]
    stage_row: int = 0
    touchpoint_row: int = 0


def read_stickies(raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]:
    """Read one map from a board. Options: `stickies.options.Options`."""
    wanted, notices = options_of(options)
    notes, wrong = read_notes(raw)
    notices += wrong
    if not notes:
        return (ReadMap("", None, 0, tuple(notices)),)
    guessed = gaps_of(notes)
    gaps = Gaps(
        guessed.row if wanted.row_gap is None else wanted.row_gap,
        guessed.column if wanted.column_gap is None else wanted.column_gap,
    )
    board = _Board(wanted, gaps, rows_of(notes, gaps.row))
    _heads(board)
    return (_map(board, notices),)


def _heads(board: _Board) -> None:
    """Find the rows of stages and touchpoints: the first, and the one below where it has more columns."""
    rows, options = board.rows, board.options
    board.stage_row = 1 if options.stage_row is None else min(options.stage_row, len(rows))
    if options.touchpoint_row is not None:
        board.touchpoint_row = min(options.touchpoint_row, len(rows))
    elif board.stage_row and len(rows) > board.stage_row + 1:
        stages, below = rows[board.stage_row - 1], rows[board.stage_row]
        labelled = _label(below, stages[0].x - board.gaps.column)
        if len(below) > len(stages) and not labelled and len({note.colour for note in below}) == 1:
            board.touchpoint_row = board.stage_row + 1


def _label(row: Sequence[Note], before: float) -> Note | None:
    """Return the note at the left edge that names the row, if one does."""
    first = row[0]
    return first if first.x <= before and lane_of(first.text) != CUSTOM else None


def _map(board: _Board, notices: list[Notice]) -> ReadMap:
    stages, columns = _columns(board)
    filler = Filler(stages, notices)
    lanes: dict[str, str] = {}
    cells: list[tuple[Label, list[Cell]]] = []
    left: list[tuple[Label, Note]] = []
    edge = min(columns, default=0.0) - board.gaps.column
    touchpoints = [column for stage in stages for column in stage.columns]
    heads = {board.stage_row, board.touchpoint_row}
    for number, row in enumerate(board.rows, start=1):
        if number in heads:
            continue
        named = _label(row, edge)
        for note in row:
            label = _lane(board, note, named, number, lanes)
            if note is named or label.lane == IGNORE:
                continue
            place = board.options.assign.get(str(note.number))
            found = nearest(columns, note.x, board.gaps.column) if place is None else place - 1
            if found is None or not 0 <= found < len(touchpoints):
                left.append((label, note))
            else:
                column = touchpoints[found]
                cells.append((label, [(note.place, note.text, [column], filler.stage_at(found))]))
    kept = _keep(left, filler)
    filler.take([*cells, *kept], "")
    name = board.options.name or _UNTITLED
    guessed: dict[str, Any] = {
        "name": name,
        "stage_row": board.stage_row,
        "touchpoint_row": board.touchpoint_row,
        "row_gap": board.gaps.row,
        "column_gap": board.gaps.column,
        "lanes": lanes,
        "assign": {str(note.number): 0 for _, note in left},
    }
    return ReadMap("", filler.raw(*name_and_rest(name)), filler.items, tuple(notices), guessed)


def _columns(board: _Board) -> tuple[list[StageColumn], list[float]]:
    """Return the stages, and the x of each touchpoint in their order."""
    stages = board.rows[board.stage_row - 1] if board.stage_row else []
    points = board.rows[board.touchpoint_row - 1] if board.touchpoint_row else stages
    found = [StageColumn(_named(note)) for note in stages] or [StageColumn({"name": "Journey"})]
    starts = [note.x for note in stages] or [float("-inf")]
    # A touchpoint belongs to the last stage that begins at or before it; half a note of slack, and no more
    # than stages leave between them: a note far off makes every gap look wide.
    slack = min([board.gaps.column, *(after - before for before, after in pairwise(starts))]) / 2
    for note in points:
        stage = max((n for n, x in enumerate(starts) if x <= note.x + slack), default=0)
        found[stage].columns.append(Column(_named(note)))
    for number, (owner, column) in enumerate((s, c) for s in found for c in s.columns):
        owner.numbers.append(number)
        column.numbers.append(number)
    return found, [note.x for note in points]


def _named(note: Note) -> dict[str, Any]:
    name, rest = name_and_rest(note.text)
    return {"name": name, "description": rest[:2_000]} if rest else {"name": name}


def _lane(board: _Board, note: Note, named: Note | None, row: int, lanes: dict[str, str]) -> Label:
    """Return the lane of a note: by the label of its row, else as told of its row, else by its colour."""
    told = board.options.lanes
    if named is not None:
        key = name_and_rest(named.text)[0]
        lane = told.get(key) or lane_of(named.text)
    elif f"row {row}" in told:
        key, lane = f"row {row}", told[f"row {row}"]
    elif note.colour:
        key = note.colour
        lane = told.get(key) or _COLOURS.get(key.replace(" ", "_"), CUSTOM)
    else:
        key = f"row {row}"
        lane = told.get(key, CUSTOM)
    lanes[key] = lane
    return Label(lane, key[:1].upper() + key[1:])


def _keep(left: Sequence[tuple[Label, Note]], filler: Filler) -> list[tuple[Label, list[Cell]]]:
    """Put what stands under no column into a stage of its own, and tell of each note."""
    if not left:
        return []
    stage = StageColumn({"name": UNASSIGNED})
    filler.stages.append(stage)
    cells: list[tuple[Label, list[Cell]]] = []
    for nth, (label, note) in enumerate(left):
        if nth % PER_TOUCHPOINT == 0:
            number = nth // PER_TOUCHPOINT + 1
            stage.columns.append(Column({"name": UNASSIGNED if number == 1 else f"{UNASSIGNED} {number}"}))
        detail = f"{note.text[:60]!r} stands under no column; kept in the stage {UNASSIGNED!r}."
        filler.notices.append(Notice(note.place, "note", "unassigned", detail))
        cells.append((label, [(note.place, note.text, [stage.columns[-1]], stage)]))
    filler.items += 1 + len(stage.columns)
    return cells
