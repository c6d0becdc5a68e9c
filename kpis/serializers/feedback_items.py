"""Many at once, as JSON or CSV: each is read by itself, so that one keeps no other from being recorded."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from kpis.serializers.feedback import MOST_ITEMS, FeedbackIn
from service.errors import Issue, ValidationProblem
from service.problems import issues_of

LABEL = "label."
COLUMNS = tuple(name for name in FeedbackIn._declared_fields if name != "labels")
_TRUTH = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}

Items = dict[int, dict[str, Any]]
Misformed = dict[int, list[Issue]]


def items_of(body: Any) -> tuple[Items, Misformed]:
    """Return by index the items of a body and what is wrong with those that are none.

    body: parsed JSON, or the bytes of a CSV. Raises ValidationProblem where the body has another shape.
    """
    given = rows_of(body) if isinstance(body, bytes) else _listed(body)
    if not 1 <= len(given) <= MOST_ITEMS:
        raise ValidationProblem([Issue("/items", "count", f"Send 1 to {MOST_ITEMS} items.")])
    form = FeedbackIn()
    items: Items = {}
    misformed: Misformed = {}
    for index, one in enumerate(given):
        try:
            items[index] = dict(form.run_validation(one))
        except serializers.ValidationError as error:
            misformed[index] = list(issues_of(error.detail))
    return items, misformed


def _listed(body: Any) -> list[Any]:
    if not isinstance(body, Mapping):
        raise ValidationProblem([Issue("", "not_an_object", "A JSON object is expected.")])
    issues = [
        Issue(f"/{name}", "unknown_field", "There is no such field here.") for name in body.keys() - {"items"}
    ]
    items = body.get("items")
    if not isinstance(items, list):
        issues.append(Issue("/items", "not_a_list", "An array of items is expected."))
        items = []
    if issues:
        raise ValidationProblem(issues)
    return items


def rows_of(body: bytes) -> list[dict[str, Any]]:
    """Return the rows of a CSV as items: columns named as members, `label.<name>` for labels.

    An empty cell is absent. Raises ValidationProblem: not UTF-8, no header, a column that is no member.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("", "not_utf8", f"Byte {error.start} is not UTF-8.") from error
    if "\x00" in text:
        raise _refused("", "nul", "There is a NUL in it.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [line for line in _bounded(reader) if line]
    except csv.Error as error:
        raise _refused("", "no_csv", f"Line {reader.line_num}: {error}.") from error
    if not lines:
        raise _refused("", "empty", "The first line names the columns.")
    header = [name.strip() for name in lines[0]]
    unknown = [name for name in header if name not in COLUMNS and not name.startswith(LABEL)]
    if unknown or len(set(header)) < len(header) or "text" not in header:
        detail = f"Columns are {', '.join(COLUMNS)} and {LABEL}<name>, each once, and text is one of them."
        raise _refused("", "columns", detail + (f" Unknown: {', '.join(unknown)[:200]}." if unknown else ""))
    return [_row(header, line) for line in lines[1:]]


def _bounded(reader: Any) -> list[list[str]]:
    lines = []
    for line in reader:
        lines.append(line)
        if len(lines) > MOST_ITEMS * 2:
            break
    return lines


def _row(header: list[str], line: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if len(line) > len(header):
        row["cells beyond the header"] = line[len(header) :]
    for name, cell in zip(header, line, strict=False):
        if not cell:
            continue
        if name.startswith(LABEL):
            row.setdefault("labels", {})[name.removeprefix(LABEL)] = cell
        elif name in ("score", "sentiment"):
            row[name] = _number(cell)
        elif name == "solicited":
            row[name] = _TRUTH.get(cell.lower(), cell)
        else:
            row[name] = cell
    return row


def _number(cell: str) -> float | str:
    """A cell that is no number is refused as the text that it is."""
    try:
        number = float(cell)
    except ValueError:
        return cell
    return number if abs(number) < float("inf") else cell


def _refused(pointer: str, code: str, detail: str) -> ValidationProblem:
    return ValidationProblem([Issue(pointer, code, detail)])
