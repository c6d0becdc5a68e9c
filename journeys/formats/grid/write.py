"""A document → CSV and XLSX grids. No text ever becomes a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from journeys.document.shape import Document
from journeys.formats.base import Written

from .rows import table_of
from .table import Row, Table
from .workbook import text_of

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_FIGURE = re.compile(r"-?\d{1,15}(\.\d{1,15})?\Z")
_NOT_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_HEAD = "Touchpoint"
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 (xlsxwriter takes naive instants; equal maps give equal bytes)
_WIDTHS = (22, 30)


def guarded(text: str) -> str:
    """Return the text as it may stand in CSV: what would be taken for a formula gets an apostrophe."""
    return f"'{text}" if _DANGEROUS.match(text) and not _FIGURE.match(text) else text


def write_grid_csv(document: Document) -> Written:
    """Write UTF-8 with a byte order mark (else Excel takes another encoding), CR LF, RFC 4180 quotes."""
    table = table_of(document)
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    width = len(table.touchpoints)
    stages = [""] * width
    for name, first, _ in table.stages:
        stages[first] = name
    heads = [[table.title, *stages]] + ([[_HEAD, *table.touchpoints]] if width else [])
    for row in (*heads, *([row.label, *row.cells] for row in table.rows)):
        rows.writerow([guarded(cell) for cell in row])
    return Written(b"\xef\xbb\xbf" + out.getvalue().encode(), tuple(table.losses))


def write_grid_xlsx(document: Document) -> Written:
    """Write a workbook of one sheet: stages merged over their touchpoints, heads that stay in view."""
    table = table_of(document)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": table.title, "created": _MADE_AT})
    sheet = book.add_worksheet(_sheet_name(table.title))
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#F3F0EA", "border": 1}
    )
    cell = book.add_format({"text_wrap": True, "valign": "top"})
    _heads(sheet, table, head)
    for number, row in enumerate(table.rows, start=2):
        sheet.write_string(number, 0, row.label, head)
        _lane(sheet, number, row, _spans(table) if row.wide else (), cell)
    sheet.freeze_panes(2, 1)
    sheet.set_column(0, 0, _WIDTHS[0])
    if table.touchpoints:
        sheet.set_column(1, len(table.touchpoints), _WIDTHS[1])
    book.close()
    return Written(out.getvalue(), tuple(table.losses))


def _spans(table: Table) -> list[tuple[int, int]]:
    return [(first, width) for _, first, width in table.stages]


def _heads(sheet: Worksheet, table: Table, head: Format) -> None:
    sheet.write_string(0, 0, table.title, head)
    for name, first, width in table.stages:
        _across(sheet, 0, first, width, name, head)
    if table.touchpoints:
        sheet.write_string(1, 0, _HEAD, head)
        for column, name in enumerate(table.touchpoints, start=1):
            sheet.write_string(1, column, name, head)


def _across(sheet: Worksheet, row: int, first: int, width: int, text: str, style: Format) -> None:
    if width > 1:
        # Merged as an empty cell first: merge_range would look into the text for figures and formulas.
        sheet.merge_range(row, first + 1, row, first + width, "", style)
    sheet.write_string(row, first + 1, text, style)


def _lane(sheet: Worksheet, number: int, row: Row, spans: Sequence[tuple[int, int]], style: Format) -> None:
    for first, width in spans:
        if row.cells[first]:
            _across(sheet, number, first, width, row.cells[first], style)
    if not spans:
        for column, text in enumerate(row.cells, start=1):
            if _FIGURE.match(text) and text_of(float(text)) == text:
                sheet.write_number(number, column, float(text), style)
            elif text:
                sheet.write_string(number, column, text, style)


def _sheet_name(title: str) -> str:
    """Return a name that Excel takes: at most 31 characters, none of []:*?/\\, no apostrophe at the ends."""
    name = _NOT_A_SHEET_NAME.sub(" ", title)
    name = "".join(character for character in name if character.isprintable())[:31].strip().strip("'").strip()
    return name if name and name.lower() != "history" else "Map"
