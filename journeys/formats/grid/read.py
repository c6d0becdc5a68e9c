"""A sheet → a map. Whatever cannot be placed is told of by its cell; nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from journeys.formats.base import Notice, ReadMap
from journeys.formats.lane_words import CUSTOM, IGNORE
from journeys.formats.texts import name_and_rest

from .columns import Column, StageColumn, columns_of
from .fill import Filler
from .labels import Label, label_of
from .layout import Layout, layout_of, turned
from .options import Options, options_for, unknown_sheets, wrong_options
from .plain import read_csv
from .sheet import Sheet, letters
from .workbook import read_workbook

NOTICES_MAX = 1_000
_UNTITLED = "Untitled map"


def read_grid_csv(raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]:
    """Read one map from CSV bytes. Options: `grid.options.Options`."""
    sheet, notices = read_csv(raw)
    notices = wrong_options(options) + notices
    if sheet is None:
        return (ReadMap("", None, 0, tuple(notices)),)
    return (_read(sheet, options, notices),)


def read_grid_xlsx(raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]:
    """Read a map from each visible sheet of a workbook. Options: those for all, and `sheets` by name."""
    sheets, notices = read_workbook(raw)
    notices = wrong_options(options) + notices
    if not sheets:
        return (ReadMap("", None, 0, tuple(notices)),)
    notices += unknown_sheets([sheet.name for sheet in sheets], options)
    skipped = {sheet.name for sheet in sheets if options_for(sheet.name, options).skip}
    maps = [_read(sheet, options, []) for sheet in sheets if sheet.name not in skipped]
    if not maps:
        told = Notice("options", "invalid", "nothing_left", "Every sheet is skipped.")
        return (ReadMap("", None, 0, (*notices, told)),)
    if notices:  # what concerns the workbook stands with its first map
        first = maps[0]
        told_all = (*notices, *first.notices)
        maps[0] = ReadMap(first.place, first.raw, first.items, told_all, first.guessed)
    return tuple(maps)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A sheet on its way to a map."""

    sheet: Sheet
    options: Options
    layout: Layout
    filler: Filler


def _read(sheet: Sheet, said: Mapping[str, Any], notices: list[Notice]) -> ReadMap:
    options = options_for(sheet.name, said)
    if not sheet.height:
        empty = Notice(sheet.name, "invalid", "empty", "There is nothing in this grid.")
        return ReadMap(sheet.name, None, 0, (*notices, empty))
    sheet = turned(sheet, options)
    layout = layout_of(sheet, options)
    labelled = _labelled(sheet, layout, options)
    rows = [(row, label) for row, _, label in labelled if label.lane != IGNORE]
    with_touchpoints = [row for row, label in rows if label.lane != "customer_goal"]
    filler = Filler(columns_of(sheet, layout, with_touchpoints, notices), notices)
    reading = _Reading(sheet, options, layout, filler)
    cells = [(label, list(_cells(reading, row))) for row, label in rows]
    scale = filler.take(cells, options.emotion_scale)
    raw = filler.raw(*_name(reading))
    if len(notices) > NOTICES_MAX:
        more = Notice(sheet.name, "note", "more", f"{len(notices) - NOTICES_MAX} more notices are not shown.")
        notices[NOTICES_MAX:] = [more]
    return ReadMap(sheet.name, raw, filler.items, tuple(notices), _guessed(reading, labelled, scale))


def _name(reading: _Reading) -> tuple[str, str]:
    title = reading.options.name or reading.layout.title or reading.sheet.name or _UNTITLED
    return name_and_rest(title)


def _labelled(sheet: Sheet, layout: Layout, options: Options) -> list[tuple[int, str, Label]]:
    """Return (row, label as written, what it means) of the rows below the heads that hold anything.

    A row without a label goes on with the lane above it.
    """
    found = []
    text, label = "", None
    for row in range(layout.body, sheet.height):
        if said := sheet.text(row, layout.lane_column):
            text, label = said, label_of(said, options)
        if any(column > layout.lane_column for column in sheet.filled(row)):
            found.append((row, text, label or Label(CUSTOM, f"Row {row + 1}")))
    return found


def _cells(reading: _Reading, row: int) -> Iterator[tuple[str, str, list[Column], StageColumn]]:
    """Yield (place, text, the touchpoints that it belongs to, the stage) for the filled cells of a row."""
    sheet, filler = reading.sheet, reading.filler
    for column in sheet.filled(row):
        if column not in reading.layout.columns(sheet):
            continue
        area = sheet.area(row, column)
        stage = filler.stage_at(column)
        covered = filler.columns_at(range(column, area.right + 1))
        if reading.options.merged == "first":
            covered = covered[:1]
        yield sheet.place(row, column), sheet.text(row, column), covered, stage


def _guessed(reading: _Reading, rows: list[tuple[int, str, Label]], scale: str) -> dict[str, Any]:
    layout = reading.layout
    guessed: dict[str, Any] = {
        "name": _name(reading)[0],
        "turned": reading.sheet.turned,
        "stage_row": 0 if layout.stage_row is None else layout.stage_row + 1,
        "touchpoint_row": 0 if layout.touchpoint_row is None else layout.touchpoint_row + 1,
        "lane_column": letters(layout.lane_column),
        "lanes": {text: label.lane for _, text, label in rows if text},
        "merged": reading.options.merged,
    }
    if scale:
        guessed["emotion_scale"] = scale
    if personas := {text: label.persona for _, text, label in rows if label.persona}:
        guessed["personas"] = personas
    return guessed
