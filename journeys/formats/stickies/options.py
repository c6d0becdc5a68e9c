"""What a client may say about a board, in the words in which the reader tells what it guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from journeys.formats.base import Notice, unknown_options
from journeys.formats.grid.options import is_lane


@dataclass(frozen=True, slots=True)
class Options:
    """stage_row, touchpoint_row: which row from the top they stand in, 0 = none. row_gap, column_gap: how far
    notes of one row or column may be apart. lanes: by a row's label, "row 3", or a colour. assign: by the
    number of a note, the number of the touchpoint that it belongs to (from 1), 0 = none.
    """

    name: str = ""
    stage_row: int | None = None
    touchpoint_row: int | None = None
    row_gap: float | None = None
    column_gap: float | None = None
    lanes: Mapping[str, str] = field(default_factory=dict)
    assign: Mapping[str, int] = field(default_factory=dict)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 20_000


def _gap(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda v: isinstance(v, str) and len(v) <= 200, "the name of the map, at most 200 characters"),
    "stage_row": (_whole, "a row counted from 1; 0 = none"),
    "touchpoint_row": (_whole, "a row counted from 1; 0 = none"),
    "row_gap": (_gap, "a distance, 0 to 1e9"),
    "column_gap": (_gap, "a distance, 0 to 1e9"),
    "lanes": (
        lambda v: isinstance(v, Mapping) and all(map(is_lane, v.values())),
        "labels of rows, 'row 3' or colours, each with a lane",
    ),
    "assign": (
        lambda v: isinstance(v, Mapping) and all(map(_whole, v.values())),
        "numbers of notes, each with the number of a touchpoint; 0 = none",
    ),
}


def options_of(said: Mapping[str, Any]) -> tuple[Options, list[Notice]]:
    """Return the options and what is wrong with the others."""
    notices = [*unknown_options(said, tuple(_RULES))]
    right = {}
    for name, value in said.items():
        if name not in _RULES:
            continue
        fits, text = _RULES[name]
        if fits(value):
            right[name] = value
        else:
            notices.append(Notice("options", "invalid", "invalid_option", f"`{name}` is {text}."))
    return Options(**right), notices
