"""Tables written as text: bytes to rows by column name, with numbers and dates as mappings read them. Pure.

Each row becomes a document: {"Week": "2026-10-05", "Open rate": "0.31"}. An empty cell is null, so that it
makes no reading. A row with more cells than the header is a fault of the whole file: somewhere a delimiter
stands unquoted, and columns would shift without a word.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from rest_framework import serializers

from kpis.connectors.base import PullFailed
from kpis.connectors.mapping import MAX_ITEMS
from service.fields import StrictChar, StrictInteger, StrictList
from service.serializers import Part

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15", "iso-8859-2", "shift_jis")
DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 1_000
_TOKENS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = re.compile("|".join(_TOKENS))
_HTML = re.compile(rb"\s*<(?:!doctype html|html)[\s>]", re.IGNORECASE)

Read = Callable[[str], str]


class PatternField(StrictChar):
    """How a column writes its dates: DD.MM.YYYY, MM/DD/YYYY HH:mm, YYYY-MM."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        pattern = super().to_internal_value(data)
        found = _TOKEN.findall(pattern)
        if len(set(found)) != len(found) or not {"YYYY", "YY"} & set(found) or "%" in pattern:
            raise serializers.ValidationError(
                f"Use {', '.join(_TOKENS)}, each once, with a year: DD.MM.YYYY.", code="bad_pattern"
            )
        return pattern


class TableIn(Part):
    """How a table is written."""

    delimiter = serializers.ChoiceField(DELIMITERS, required=False, help_text="A comma when left out.")
    encoding = serializers.ChoiceField(
        ENCODINGS, required=False, help_text="utf-8 when left out; a byte order mark is read and dropped."
    )
    header_row = StrictInteger(
        required=False, min_value=0, max_value=100, help_text="1 when left out; what is above is passed over."
    )
    columns = StrictList(
        child=StrictChar(max_length=200), required=False, max_length=100, help_text="With header_row 0."
    )
    decimal = serializers.ChoiceField([".", ","], required=False, help_text="1,234.56 or 1.234,56")
    dates = serializers.DictField(
        child=PatternField(), required=False, help_text='By column: {"Datum": "DD.MM.YYYY"}.'
    )

    def validate(self, table: dict[str, Any]) -> dict[str, Any]:
        if ("columns" in table) != (table.get("header_row", 1) == 0):
            raise serializers.ValidationError(
                {"columns": ["Name the columns where header_row is 0, and only there."]}, code="columns"
            )
        return table


def rows(body: bytes, table: Mapping[str, Any]) -> list[dict[str, str | None]]:
    """Return the rows by column name, one more than are mapped at the most. Raises PullFailed."""
    if _HTML.match(body):
        raise PullFailed("This is a web page, not CSV: is the address right, and public?", permanent=True)
    reader = csv.reader(
        io.StringIO(_text(body, table.get("encoding")), newline=""),
        delimiter=table.get("delimiter", ","),
        strict=True,
    )
    try:
        names = _names(reader, table)
        reads = _reads(names, table)
        return list(islice(_rows(reader, names, reads), MAX_ITEMS + 1))
    except csv.Error as error:
        raise PullFailed(f"Line {reader.line_num} is no CSV: {error}.", permanent=False) from error


def _text(body: bytes, encoding: str | None) -> str:
    if encoding is None:
        marked = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        encoding = "utf-16" if marked else "utf-8"
    try:
        return body.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise PullFailed(
            f"Byte {error.start} is not {encoding}: name the encoding.", permanent=True
        ) from error


def _names(reader: Iterator[list[str]], table: Mapping[str, Any]) -> list[str]:
    names = table.get("columns")
    if names is None:
        header = next(islice(reader, table.get("header_row", 1) - 1, None), None)
        if header is None:
            raise PullFailed("The table has no header row.", permanent=False)
        names = [name.strip() for name in header]
    if len(names) > MAX_COLUMNS:
        raise PullFailed(f"The table has more than {MAX_COLUMNS} columns.", permanent=True)
    if twice := {name for name in names if name and names.count(name) > 1}:
        shown = ", ".join(sorted(twice))[:200]
        raise PullFailed(f"There are several columns of one name: {shown}.", permanent=True)
    return list(names)


def _rows(
    reader: Iterator[list[str]], names: list[str], reads: Mapping[int, Read]
) -> Iterator[dict[str, str | None]]:
    plain = reads[-1]
    for number, cells in enumerate(reader, 1):
        if not any(cells):
            continue
        if any(cells[len(names) :]):
            raise PullFailed(
                f"Row {number} below the header has {len(cells)} cells for {len(names)} columns.",
                permanent=False,
            )
        padded = cells + [""] * (len(names) - len(cells))
        yield {
            name: reads.get(place, plain)(cell) if (cell := padded[place].strip()) else None
            for place, name in enumerate(names)
            if name
        }


def _reads(names: list[str], table: Mapping[str, Any]) -> dict[int, Read]:
    """Return how cells are read, by column; -1 stands for all others."""
    reads: dict[int, Read] = {-1: _numbers(table.get("decimal", "."))}
    for name, pattern in table.get("dates", {}).items():
        if name not in names:
            raise PullFailed(f"There is no column {name[:100]!r} to read dates of.", permanent=True)
        reads[names.index(name)] = _dates(pattern)
    return reads


def _numbers(point: str) -> Read:
    """Return what writes a number with separators plainly, and leaves all else as it is."""
    apart = f"[{'.' if point == ',' else ','} \u00a0\u202f']"
    number = re.compile(
        rf"([+-]?(?:\d+|\d{{1,3}}(?:{apart}\d{{3}})+)(?:{re.escape(point)}\d+)?)\s?%?", re.ASCII
    )
    between = re.compile(apart)

    def read(cell: str) -> str:
        match = number.fullmatch(cell)
        return between.sub("", match[1]).replace(point, ".") if match else cell

    return read


def _dates(pattern: str) -> Read:
    """Return what writes a date as ISO 8601 does: day, instant or month; what is none stays as it is."""
    directive = _TOKEN.sub(lambda match: _TOKENS[match[0]], pattern)
    written = "%Y-%m" + ("-%d" if "DD" in pattern else "") + ("T%H:%M:%S" if "HH" in pattern else "")

    def read(cell: str) -> str:
        try:
            return datetime.strptime(cell, directive).strftime(written)  # noqa: DTZ007  (the mapping has the zone)
        except ValueError:
            return cell

    return read
