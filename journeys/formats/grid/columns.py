"""The columns of a grid as stages and touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from journeys.formats.base import Notice
from journeys.formats.texts import name_and_rest

from .layout import Layout
from .sheet import Sheet

_UNNAMED = "Unnamed stage"


@dataclass
class Column:
    """A touchpoint on its way: `raw` as the document has it, and the columns that are its."""

    raw: dict[str, Any]
    numbers: list[int] = field(default_factory=list)


@dataclass
class StageColumn:
    """A stage on its way."""

    raw: dict[str, Any]
    numbers: list[int] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


def columns_of(sheet: Sheet, layout: Layout, rows: Sequence[int], notices: list[Notice]) -> list[StageColumn]:
    """Return the stages with their touchpoints, in the order of the columns.

    A column with a text in one of `rows` has a touchpoint, even if nobody named it.
    """
    stages: list[StageColumn] = []
    for number in layout.columns(sheet):
        filled = any(sheet.text(row, number) for row in rows)
        name = sheet.text(layout.stage_row, number) if layout.stage_row is not None else ""
        if name and not _goes_on(sheet, layout, stages, number, name):
            stages.append(StageColumn(_named(name)))
        elif not stages:
            if not any(sheet.text(row, number) for row in range(layout.first, sheet.height)):
                continue
            where = sheet.place(layout.stage_row or 0, number)
            detail = "No stage stands above these cells; they are kept in a stage of their own."
            notices.append(Notice(where, "note", "no_stage", detail))
            stages.append(StageColumn({"name": _UNNAMED}))
        stages[-1].numbers.append(number)
        _place(sheet, layout, stages[-1], number, filled, notices)
    return stages


def _goes_on(sheet: Sheet, layout: Layout, stages: list[StageColumn], number: int, name: str) -> bool:
    """Return True where the stage's name is only said again above its next touchpoint."""
    if not stages or layout.touchpoint_row is None or layout.stage_row is None:
        return False
    before = sheet.area(layout.stage_row, number - 1)
    alone = before.left == before.right and sheet.area(layout.stage_row, number).right == number
    return alone and stages[-1].raw["name"] == name_and_rest(name)[0]


def _touchpoint(sheet: Sheet, layout: Layout, number: int) -> str:
    return "" if layout.touchpoint_row is None else sheet.text(layout.touchpoint_row, number)


def _place(
    sheet: Sheet, layout: Layout, stage: StageColumn, number: int, filled: bool, notices: list[Notice]
) -> None:
    name = _touchpoint(sheet, layout, number)
    if name:
        stage.columns.append(Column(_named(name), [number]))
        return
    covered = layout.touchpoint_row is not None and sheet.area(layout.touchpoint_row, number).left < number
    if covered and stage.columns:
        stage.columns[-1].numbers.append(number)
    elif not filled:
        return
    elif layout.touchpoint_row is not None and stage.columns:
        stage.columns[-1].numbers.append(number)
        detail = "No touchpoint stands above these cells; they belong to the one before."
        notices.append(Notice(sheet.place(layout.touchpoint_row, number), "note", "no_touchpoint", detail))
    else:
        nth = len(stage.columns) + 1
        name = stage.raw["name"] if nth == 1 else f"{stage.raw['name'][:190]} ({nth})"
        stage.columns.append(Column({"name": name}, [number]))


def _named(text: str) -> dict[str, Any]:
    name, rest = name_and_rest(text)
    return {"name": name, "description": rest[:2_000]} if rest else {"name": name}
