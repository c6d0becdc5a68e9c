"""JSON or CSV → notes: text, x, y, colour, and size and author where the board tells them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from journeys.formats.base import Notice
from journeys.formats.grid.plain import read_csv
from journeys.formats.texts import clean
from service.errors import BadRequest
from service.strict_json import loads

NOTES_MAX = 20_000
_REACH = 1e9
_NAMES = {
    "text": ("text", "content", "label", "title", "note"),
    "x": ("x", "left"),
    "y": ("y", "top"),
    "colour": ("colour", "color", "fill", "fillcolor", "background"),
    "width": ("width", "w"),
    "height": ("height", "h"),
    "author": ("author", "createdby", "created_by", "user"),
}
_LISTS = ("notes", "stickies", "data", "items", "objects", "widgets")


@dataclass(frozen=True, slots=True)
class Note:
    """A note. number counts from 1 in the order of the file; x and y are of its top left corner."""

    number: int
    text: str
    x: float
    y: float
    colour: str = ""
    width: float = 0
    height: float = 0
    author: str = ""

    @property
    def place(self) -> str:
        return f"note {self.number}"


def read_notes(raw: bytes) -> tuple[list[Note], list[Notice]]:
    """Return the notes that have a text and a place, and what is wrong with the others or with all."""
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    rows, notices = _from_json(raw) if start in (b"{", b"[") else _from_csv(raw)
    if len(rows) > NOTES_MAX:
        return [], [Notice("", "invalid", "too_large", f"A board has at most {NOTES_MAX} notes.")]
    notes = []
    for number, row in enumerate(rows, start=1):
        note = _note(number, row)
        if isinstance(note, Note):
            notes.append(note)
        elif note:
            notices.append(note)
    if not notes and not any(notice.weight == "invalid" for notice in notices):
        notices.append(Notice("", "invalid", "empty", "There is no note with a text, an x and a y."))
    return notes, notices


def _from_json(raw: bytes) -> tuple[list[Any], list[Notice]]:
    try:
        found = loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except BadRequest as refusal:
        detail = refusal.detail or refusal.title
        return [], [Notice("", "invalid", "not_json", f"This is not JSON: {detail}")]
    if isinstance(found, Mapping):
        found = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), None)
    if not isinstance(found, list):
        detail = f"Notes are a list, or stand in a list called {', '.join(_LISTS)}."
        return [], [Notice("", "invalid", "no_notes", detail)]
    return found, []


def _from_csv(raw: bytes) -> tuple[list[Any], list[Notice]]:
    sheet, notices = read_csv(raw, rows_max=NOTES_MAX + 1)
    if sheet is None or not sheet.height:
        return [], notices
    heads = sheet.rows[0]
    return [dict(zip(heads, row, strict=True)) for row in sheet.rows[1:] if any(row)], notices


def _note(number: int, row: object) -> Note | Notice | None:
    """Return the note; a notice where something is missing; nothing where there is no text."""
    place = f"note {number}"
    if not isinstance(row, Mapping):
        return Notice(place, "invalid", "wrong_type", "A note is an object.")
    flat = _flat(row)
    text = clean(_text(flat.get("text")))
    if not text:
        return None
    x, y = _number(flat.get("x")), _number(flat.get("y"))
    if x is None or y is None:
        return Notice(place, "invalid", "no_place", f"x and y of {text[:40]!r} are figures.")
    width, height = _number(flat.get("width")) or 0, _number(flat.get("height")) or 0
    colour = _text(flat.get("colour")).strip().lower()[:60]
    return Note(number, text, x, y, colour, abs(width), abs(height), clean(_text(flat.get("author")))[:200])


def _flat(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the members by our names. Boards put some into objects: position, geometry, style, data."""
    members: dict[str, Any] = {}
    holders: Iterable[Mapping[Any, Any]] = (row, *(v for v in row.values() if isinstance(v, Mapping)))
    for holder in holders:
        for name, value in holder.items():
            members.setdefault(str(name).strip().lower(), value)
    return {
        ours: next((members[name] for name in names if members.get(name) is not None), None)
        for ours, names in _NAMES.items()
    }


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        figure = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return figure if math.isfinite(figure) and abs(figure) <= _REACH else None
