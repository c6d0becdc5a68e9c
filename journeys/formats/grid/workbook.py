"""XLSX → sheets. A workbook is a ZIP of XML: it is measured before anything of it is unfolded.

The reader (calamine) holds a sheet as a full rectangle up to its last cell, so a single cell in the far
corner would take all memory; and a ZIP of a few kilobytes may unfold to gigabytes. Both are refused here.
"""

from __future__ import annotations

import datetime
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

import python_calamine as calamine

from journeys.formats.base import Notice
from journeys.formats.texts import clean

from .sheet import CELLS_MAX, COLUMNS_MAX, ROWS_MAX, Area, Sheet, column_number, sheet_of

SHEETS_MAX = 200
PARTS_MAX = 2_000
UNFOLDED_MAX = 64 * 1024 * 1024
_CHUNK = 1024 * 1024
_REFERENCE = re.compile(rb"""\br\s*=\s*["']\$?([A-Za-z]{0,4})\$?([0-9]{1,10})["']""")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml\Z", re.IGNORECASE)

# What zipfile and calamine raise at bytes that are no workbook, found by damaging one in every way.
_DAMAGE = (
    calamine.CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
)

Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


class Unfit(Exception):
    """The bytes are not read, for a reason that the client is told."""

    def __init__(self, code: str, detail: str, place: str = "") -> None:
        super().__init__(detail)
        self.notice = Notice(place, "invalid", code, detail)


def read_workbook(raw: bytes) -> tuple[list[Sheet], list[Notice]]:
    """Return the visible sheets that hold something, in their order; [] and why, where there is none."""
    try:
        _measure(raw)
        return _sheets(raw)
    except Unfit as unfit:
        return [], [unfit.notice]
    except _DAMAGE as error:
        detail = f"This is not a workbook in the XLSX format that can be read: {error}."
        return [], [Notice("", "invalid", "not_xlsx", detail)]


def _measure(raw: bytes) -> None:
    """Raise Unfit where the workbook would not fit in memory. Each part is unfolded once, piece by piece."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = archive.infolist()
        if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
            raise Unfit("not_xlsx", "This is not an XLSX workbook: save it as one (.xlsx) and send that.")
        total = sum(part.file_size for part in parts)
        if len(parts) > PARTS_MAX or total > UNFOLDED_MAX:
            allowed = f"{UNFOLDED_MAX // 1024**2} MiB in {PARTS_MAX} parts"
            raise Unfit("too_large", f"The workbook unfolds to more than {allowed}.")
        for part in parts:
            if part.flag_bits & 1:
                raise Unfit("encrypted", "The workbook is encrypted: save it without a password.")
            _walk(archive, part, measured=bool(_SHEET_PART.match(part.filename)))


def _walk(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, measured: bool) -> None:
    """Read a part to its end: zipfile refuses one that is longer than its directory says."""
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if not measured:
                continue
            piece = rest + chunk
            for column, row in _REFERENCE.findall(piece):
                if int(row) > ROWS_MAX or (column and column_number(column.decode()) >= COLUMNS_MAX):
                    cell = f"{column.decode()}{row.decode()}"
                    allowed = f"{ROWS_MAX} rows and {COLUMNS_MAX} columns"
                    raise Unfit("too_large", f"There is a cell at {cell}; a grid has at most {allowed}.")
            rest = piece[-32:]


def _sheets(raw: bytes) -> tuple[list[Sheet], list[Notice]]:
    sheets: list[Sheet] = []
    notices: list[Notice] = []
    cells = 0
    with calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw)) as book:
        if len(book.sheet_names) > SHEETS_MAX:
            raise Unfit("too_large", f"A workbook has at most {SHEETS_MAX} sheets.")
        for about in book.sheets_metadata:
            if about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            if about.visible != calamine.SheetVisibleEnum.Visible:
                told = "This sheet is hidden and was not read."
                notices.append(Notice(about.name, "note", "hidden_sheet", told))
                continue
            found = book.get_sheet_by_name(about.name)
            cells += found.total_height * found.total_width
            if cells > CELLS_MAX:
                raise Unfit("too_large", f"All sheets together have more than {CELLS_MAX} cells.", about.name)
            sheet = sheet_of(about.name, _rows(found), list(_areas(found)))
            if sheet.height:
                sheets.append(sheet)
    if not sheets:
        raise Unfit("empty", "There is nothing in the workbook.")
    return sheets, notices


def _rows(sheet: calamine.CalamineSheet) -> list[list[str]]:
    return [[text_of(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]


def text_of(value: Value) -> str:
    """Return a cell as its reader sees it: whole figures without a point, days as ISO dates."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ", "minutes")
    return clean(str(value))


def _areas(sheet: calamine.CalamineSheet) -> Iterator[Area]:
    """Yield merged areas that do not overlap: of those that do, the first counts."""
    seen: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        bottom, right = min(bottom, sheet.total_height - 1), min(right, sheet.total_width - 1)
        covered = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if len(covered) > 1 and not covered & seen:
            seen |= covered
            yield Area(top, left, bottom, right)
