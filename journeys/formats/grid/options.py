"""What a client may say about a grid, in the words in which the reader tells what it guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journeys.formats.base import Notice, unknown_options
from journeys.formats.feelings import is_scale
from journeys.formats.lane_words import CUSTOM, LANES

from .sheet import COLUMNS_MAX, ROWS_MAX

_COLUMN = re.compile(r"[A-Z]{1,3}\Z")
_OWN_LANE = re.compile(rf"{CUSTOM}:[a-z0-9]([a-z0-9._-]{{0,62}}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class Options:
    """All absent: everything is guessed. Rows count from 1, 0 = there is none; columns are letters.

    lanes: what a row holds, by its label as written: a word of `lane_words.LANES` or "custom:key".
    merged: whether a cell merged over several touchpoints counts at each (repeat) or at the first.
    turned: stages run down, lanes across. personas: the persona in a label of feelings, "" = none.
    """

    name: str = ""
    stage_row: int | None = None
    touchpoint_row: int | None = None
    lane_column: str = ""
    lanes: Mapping[str, str] = field(default_factory=dict)
    emotion_scale: str = ""
    personas: Mapping[str, str] = field(default_factory=dict)
    merged: str = "repeat"
    turned: bool | None = None
    skip: bool = False


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 200


def _texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_text, value.values()))


def _row(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= max(ROWS_MAX, COLUMNS_MAX)


def is_lane(value: object) -> bool:
    """Return True for what a row may be said to hold."""
    return isinstance(value, str) and (value in LANES or _OWN_LANE.match(value) is not None)


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_text, "The name of the map, at most 200 characters."),
    "stage_row": (_row, "The row that holds the stages, counted from 1; 0 = none."),
    "touchpoint_row": (_row, "The row that holds the touchpoints, counted from 1; 0 = none."),
    "lane_column": (lambda v: isinstance(v, str) and _COLUMN.match(v) is not None, "Letters of a column."),
    "lanes": (
        lambda v: isinstance(v, Mapping) and all(map(is_lane, v.values())),
        f"Labels of rows with what they hold: {', '.join(LANES)} or custom:key.",
    ),
    "emotion_scale": (
        lambda v: isinstance(v, str) and is_scale(v),
        "sentiment, smaply, mermaid, lines-N, five-words, dimensional, dramatic-arc or low..high (0..10).",
    ),
    "personas": (_texts, "Labels of rows of feelings with the name of the persona."),
    "merged": (lambda v: v in ("repeat", "first"), "repeat or first."),
    "turned": (lambda v: isinstance(v, bool), "true where stages run down and lanes across."),
    "skip": (lambda v: isinstance(v, bool), "true where the sheet shall not be read."),
}


def options_for(sheet: str, said: Mapping[str, Any]) -> Options:
    """Return the right options of one sheet: those of `sheets.{name}` before those for all."""
    own = _by_sheet(said).get(sheet, {})
    common = {name: value for name, value in said.items() if name != "sheets"}
    both = {**common, **(own if isinstance(own, Mapping) else {})}
    return Options(**{name: value for name, value in both.items() if _fits(name, value)})


def wrong_options(said: Mapping[str, Any]) -> list[Notice]:
    """Return what is wrong with the options, for all sheets and for single ones."""
    notices = _wrong({name: value for name, value in said.items() if name != "sheets"}, "")
    if "sheets" in said and not isinstance(said["sheets"], Mapping):
        notices.append(_invalid("`sheets` holds options by name of a sheet."))
    for name, own in _by_sheet(said).items():
        if isinstance(own, Mapping):
            notices += _wrong(own, f" of the sheet {name[:60]!r}")
        else:
            notices.append(_invalid(f"What `sheets` says of {name[:60]!r} is an object of options."))
    return notices


def unknown_sheets(names: Sequence[str], said: Mapping[str, Any]) -> list[Notice]:
    """Return a notice for each sheet that has options but is not there."""
    return [
        Notice("options", "invalid", "unknown_sheet", f"There is no sheet {name[:60]!r} with anything in it.")
        for name in _by_sheet(said)
        if name not in names
    ]


def _by_sheet(said: Mapping[str, Any]) -> Mapping[str, Any]:
    own = said.get("sheets")
    return own if isinstance(own, Mapping) else {}


def _fits(name: str, value: object) -> bool:
    return name in _RULES and _RULES[name][0](value)


def _wrong(said: Mapping[str, Any], whose: str) -> list[Notice]:
    found = [*unknown_options(said, (*_RULES, "sheets"))]
    for name, value in said.items():
        if name in _RULES and not _fits(name, value):
            found.append(_invalid(f"`{name}`{whose}: {_RULES[name][1]}"))
    return found


def _invalid(detail: str) -> Notice:
    return Notice("options", "invalid", "invalid_option", detail)
