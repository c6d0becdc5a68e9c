"""Batches of readings as CSV (RFC 4180): a header of fields, and a reading per line.

Columns are named as the fields of a reading are; `label:segment`, `distribution:5` and `flows:lost` name a
member of one. An empty cell says nothing, as a member that is left out. A byte order mark is dropped, and so
is the apostrophe that keeps a text from being a formula. What is wrong with the header is wrong with the
file; what is wrong with a line is wrong with that line alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from kpis.serializers.readings_wire import FIELD_TYPES, MISSING, MOST_ITEMS, exact
from kpis.series.pointer import pointer
from kpis.series.reading_in import ReadingIn
from service.errors import Issue, ValidationProblem

CSV = "text/csv"
TEXTS = ("kpi", "period", "unit", "side", "external_id", "reason")
INSTANTS = ("start", "end", "observed_at")
NUMBERS = ("value", "numerator", "denominator", "n", "base")
GROUPS = {"label": "labels", "distribution": "distribution", "flows": "flows"}
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_MOST_DIGITS = 64
_RETRACT = {"true": True, "false": False}

Column = tuple[str, ...]  # ("value",) or ("labels", "segment")


def read_lines(body: bytes) -> tuple[dict[int, ReadingIn], dict[int, tuple[Issue, ...]]]:
    """Return by index the readings of the lines below the header, and what is wrong with those that are none.

    Lines count from 0 and blank ones do not. Raises ValidationProblem where the file itself cannot be read.
    """
    reader = csv.reader(io.StringIO(_text(body), newline=""), strict=True)
    try:
        columns = _columns(next(reader, []))
        lines = list(islice(filter(None, reader), MOST_ITEMS + 1))
    except csv.Error as error:
        detail = f"Line {reader.line_num} is no CSV: {error}."
        raise ValidationProblem([Issue("", "syntax", detail)]) from None
    if not 1 <= len(lines) <= MOST_ITEMS:
        raise ValidationProblem([Issue("", "count", f"Send 1 to {MOST_ITEMS} lines below the header.")])
    good: dict[int, ReadingIn] = {}
    bad: dict[int, tuple[Issue, ...]] = {}
    for index, cells in enumerate(lines):
        read = _reading(columns, cells)
        if isinstance(read, ReadingIn):
            good[index] = read
        else:
            bad[index] = tuple(read)
    return good, bad


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        detail = f"Byte {error.start}, in line {line}, is not UTF-8."
        raise ValidationProblem([Issue("", "not_utf8", detail)]) from None
    if (place := text.find("\0")) >= 0:
        line = text.count("\n", 0, place) + 1
        raise ValidationProblem([Issue("", "nul_character", f"The NUL character is in line {line}.")])
    return text


def _columns(header: Sequence[str]) -> list[Column]:
    columns = [_column(_plain(name)) for name in header]
    issues = [
        Issue(
            pointer("columns", place), "unknown_column", f"There is no column {name[:100]!r} here: {_KNOWN}"
        )
        for place, (name, column) in enumerate(zip(header, columns, strict=True))
        if column is None
    ]
    known = [column for column in columns if column is not None]
    issues += [
        Issue(pointer("columns", place), "duplicate_column", f"The column {name[:100]!r} is there twice.")
        for place, (name, column) in enumerate(zip(header, columns, strict=True))
        if column is not None and column in columns[:place]
    ]
    if ("kpi",) not in known and not issues:
        issues.append(Issue("/columns", "required", "The first line names the columns; one of them is kpi."))
    if issues:
        raise ValidationProblem(issues[:_MOST_ISSUES])
    return known


def _column(name: str) -> Column | None:
    if name in (*TEXTS, *INSTANTS, *NUMBERS, "retract"):
        return (name,)
    group, colon, member = name.partition(":")
    return (GROUPS[group], member) if colon and member and group in GROUPS else None


_MOST_ISSUES = 20
_KNOWN = (
    f"{', '.join((*TEXTS, *INSTANTS, *NUMBERS))}, retract, label:…, distribution:…, flows:… "
    "are known, with commas between them."
)


def _reading(columns: Sequence[Column], cells: Sequence[str]) -> ReadingIn | list[Issue]:
    if len(cells) != len(columns):
        detail = f"The line has {len(cells)} cells, the header {len(columns)}."
        return [Issue("", "cells", detail)]
    found: dict[str, Any] = {}
    issues: list[Issue] = []
    for column, cell in _told(columns, cells):
        read = _cell(column, cell)
        if isinstance(read, Issue):
            issues.append(read)
        elif len(column) == 1:
            found[column[0]] = read
        else:
            found.setdefault(column[0], {})[column[1]] = read
    if "kpi" not in found:
        issues.append(MISSING)
    return issues or ReadingIn(**found)


def _told(columns: Sequence[Column], cells: Sequence[str]) -> Iterator[tuple[Column, str]]:
    for column, cell in zip(columns, cells, strict=True):
        if plain := _plain(cell):
            yield column, plain


def _plain(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _cell(column: Column, cell: str) -> Any:
    name = column[0]
    if name in TEXTS or name == "labels":
        return cell
    if name in INSTANTS:
        try:
            return msgspec.convert(cell, FIELD_TYPES[name])
        except msgspec.ValidationError as error:
            return Issue(pointer(name), "type", f"{error}.")
    if name == "retract":
        read = _RETRACT.get(cell.lower())
        return Issue("/retract", "type", "Write true or false.") if read is None else read
    return _number(column, cell)


def _number(column: Column, cell: str) -> int | Decimal | Issue:
    if not _NUMBER.fullmatch(cell):
        return Issue(pointer(*column), "type", "Must be a number with a point: 1234.5.")
    if len(cell) > _MOST_DIGITS:
        return Issue(pointer(*column), "number_out_of_range", f"At most {_MOST_DIGITS} characters.")
    return int(cell) if cell.lstrip("+-").isdigit() else exact(cell)
