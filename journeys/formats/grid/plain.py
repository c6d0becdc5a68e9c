"""CSV → a sheet: RFC 4180 quotes, commas, semicolons or tabs, with or without a byte order mark."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice

from journeys.formats.base import Notice
from journeys.formats.texts import clean

from .sheet import CELLS_MAX, COLUMNS_MAX, ROWS_MAX, Sheet, sheet_of

_GUARD = re.compile(r"'+[=+\-@\t\r]")
_FIELD_MAX = 1_000_000
_HEAD, _ROWS_SEEN = 100_000, 30
csv.field_size_limit(_FIELD_MAX)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def unguarded(text: str) -> str:
    """Take off the apostrophe that keeps a text from being a formula; see `write.guarded`."""
    return text[1:] if _GUARD.match(text) else text


def decoded(raw: bytes) -> tuple[str, list[Notice]]:
    """Return the text: by its byte order mark, else UTF-8, else Windows-1252 with a note."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace"), []
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        detail = "The bytes are not UTF-8; read as Windows-1252. Look at letters with accents."
        return raw.decode("cp1252", "replace"), [Notice(f"line {line}", "note", "encoding_guessed", detail)]


def delimiter_of(text: str) -> str:
    """Return the sign between cells: the one by which most of the first rows have equally many cells."""
    return max(",;\t", key=lambda sign: _evenness(text[:_HEAD], sign))


def _evenness(head: str, sign: str) -> tuple[int, int]:
    """Return (rows of the commonest width, that width); (0, 0) where rows have one cell each."""
    try:
        rows = list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=sign), _ROWS_SEEN))
    except csv.Error:
        return 0, 0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, count = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
    return count, width


def read_csv(raw: bytes, rows_max: int = ROWS_MAX) -> tuple[Sheet | None, list[Notice]]:
    """Return the sheet, or None and why it cannot be read."""
    text, notices = decoded(raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append([clean(unguarded(cell)) for cell in row])
            if len(rows) > rows_max or len(row) > COLUMNS_MAX or len(rows) * len(row) > CELLS_MAX:
                detail = f"A grid has at most {rows_max} rows, {COLUMNS_MAX} columns and {CELLS_MAX} cells."
                return None, [*notices, Notice(f"line {reader.line_num}", "invalid", "too_large", detail)]
    except csv.Error as error:
        told = Notice(f"line {reader.line_num}", "invalid", "not_csv", f"This is not CSV: {error}.")
        return None, [*notices, told]
    return sheet_of("", rows), notices
