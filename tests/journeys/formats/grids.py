"""Workbooks as people make them, and documents without what no grid can say."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from journeys.document.canonical import to_plain
from journeys.document.shape import Document
from journeys.formats.base import Notice
from journeys.formats.texts import one_line

Merged = tuple[int, int, int, int, str]
"""(first row, first column, last row, last column, text), all from 0."""


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]], merged: Sequence[Merged] = ()) -> bytes:
    """Return an XLSX; `merged` holds for every sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value not in (None, ""):
                    sheet.write(number, column, value)
        for top, left, bottom, right, text in merged:
            sheet.merge_range(top, left, bottom, right, text)
    book.close()
    return out.getvalue()


def without_ids(document: Document) -> dict[str, Any]:
    """Return the document as JSON without ids; personas are referred to by name."""
    names = {str(p.id): p.name for p in document.personas if p.name}
    plain = to_plain(document)
    _strip(plain, names)
    return plain


def _strip(value: Any, names: Mapping[str, str]) -> None:
    if isinstance(value, dict):
        value.pop("id", None)
        if isinstance(value.get("persona"), str):
            value["persona"] = names.get(value["persona"], value["persona"])
        for member in value.values():
            _strip(member, names)
    elif isinstance(value, list):
        for member in value:
            _strip(member, names)


def without(plain: dict[str, Any], losses: Sequence[Notice]) -> dict[str, Any]:
    """Return the document without whatever stands at the places of losses, and without what is empty then."""
    for loss in reversed(losses):
        *way, last = [token.replace("~1", "/").replace("~0", "~") for token in loss.place.split("/")[1:]]
        holder: Any = plain
        for token in way:
            holder = holder[int(token)] if isinstance(holder, list) else holder.get(token, {})
        if isinstance(holder, list):
            holder[int(last)] = None
        else:
            holder.pop(last, None)
    return dict(tidy(plain))


def tidy(value: Any) -> Any:
    """Return plain JSON without None and without empty lists, objects and texts."""
    if isinstance(value, dict):
        kept = ((name, tidy(member)) for name, member in value.items())
        return {name: member for name, member in kept if member not in ({}, [], "")}
    if isinstance(value, list):
        return [tidy(member) for member in value if member is not None]
    return value


def sorted_feelings(plain: dict[str, Any]) -> dict[str, Any]:
    """Return the document with emotions in an order of their own: a grid keeps them by persona and scale."""
    for stage in plain.get("stages", ()):
        for touchpoint in stage.get("touchpoints", ()):
            if "emotions" in touchpoint:
                touchpoint["emotions"].sort(key=lambda emotion: sorted(map(str, emotion.items())))
    return plain


def plain_texts(value: Any) -> Any:
    """Return raw JSON with texts on one line, as a cell keeps them."""
    if isinstance(value, dict):
        return {plain_texts(name): plain_texts(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain_texts(member) for member in value]
    return one_line(value) or "–" if isinstance(value, str) and value else value
