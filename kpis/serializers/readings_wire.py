"""Bodies of readings, decoded without a serializer: one pass over the bytes, every issue where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import msgspec

from kpis.series.pointer import pointer
from kpis.series.reading_in import ReadingIn
from service.errors import Issue, ValidationProblem
from service.strict_json import screen

MOST_ITEMS = 1000
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
MISSING = Issue("/kpi", "required", "Name the KPI by its id or key.")


class _Item(ReadingIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As it is written: a number is an int or, digit by digit, a Decimal; other types are refused later."""

    value: Any = None
    numerator: Any = None
    denominator: Any = None
    n: Any = None
    distribution: dict[str, Any] | None = None
    answers: list[Any] | None = None
    start: _Instant | None = None
    end: _Instant | None = None
    observed_at: _Instant | None = None
    labels: dict[str, str] = {}
    flows: dict[str, Any] | None = None
    base: Any = None


class _Items(msgspec.Struct, forbid_unknown_fields=True):
    items: list[_Item]


class _RawItems(msgspec.Struct, forbid_unknown_fields=True):
    items: list[msgspec.Raw]


def exact(literal: str) -> Decimal:
    """Return every digit that is written."""
    try:
        return Decimal(literal)
    except InvalidOperation:  # an exponent beyond all bounds; refused later, as not finite
        return Decimal("NaN")


_item = msgspec.json.Decoder(_Item, float_hook=exact)
_items = msgspec.json.Decoder(_Items, float_hook=exact)
_raw_items = msgspec.json.Decoder(_RawItems)
_any = msgspec.json.Decoder(float_hook=exact)
FIELD_TYPES = {field.encode_name: field.type for field in msgspec.structs.fields(_Item)}


def read_item(body: bytes) -> ReadingIn:
    """Return the reading that a body writes. Raises InvalidJson, ValidationProblem with every issue."""
    screen(body)
    try:
        return _item.decode(body)
    except (msgspec.ValidationError, ValueError):
        raise ValidationProblem(_issues_of(body)) from None


def read_items(body: bytes) -> tuple[dict[int, ReadingIn], dict[int, tuple[Issue, ...]]]:
    """Return by index the items of `{"items": […]}` and what is wrong with those that are none.

    Raises InvalidJson, ValidationProblem where the body itself is not of that shape.
    """
    screen(body)
    try:
        items = _items.decode(body).items
        _check_count(len(items))
        return dict(enumerate(items)), {}
    except (msgspec.ValidationError, ValueError):
        return _one_by_one(body)


def _one_by_one(body: bytes) -> tuple[dict[int, ReadingIn], dict[int, tuple[Issue, ...]]]:
    try:
        raws = _raw_items.decode(body).items
    except (msgspec.ValidationError, ValueError):
        raise ValidationProblem(_shape_of(body)) from None
    _check_count(len(raws))
    good: dict[int, ReadingIn] = {}
    bad: dict[int, tuple[Issue, ...]] = {}
    for index, raw in enumerate(raws):
        try:
            good[index] = _item.decode(raw)
        except (msgspec.ValidationError, ValueError):
            bad[index] = tuple(_issues_of(bytes(raw)))
    return good, bad


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_ITEMS:
        raise ValidationProblem([Issue("/items", "count", f"Send 1 to {MOST_ITEMS} items.")])


def _shape_of(body: bytes) -> list[Issue]:
    data = _any.decode(body)
    if not isinstance(data, Mapping):
        return [Issue("", "not_an_object", 'Send {"items": […]}.')]
    issues = [_unknown(name) for name in data if name != "items"]
    if "items" not in data:
        issues.append(Issue("/items", "required", "A list of readings is expected."))
    elif not isinstance(data["items"], list):
        issues.append(Issue("/items", "type", "A list of readings is expected."))
    return issues


def _issues_of(body: bytes) -> list[Issue]:
    """Return everything that is wrong with the form of an item that the decoder refused."""
    try:
        data = _any.decode(body)
    except ValueError as error:  # an integer of thousands of digits
        return [Issue("", "number_out_of_range", str(error))]
    if not isinstance(data, Mapping):
        return [Issue("", "not_an_object", "A reading is an object.")]
    issues = [] if "kpi" in data else [MISSING]
    for name, given in data.items():
        if name not in FIELD_TYPES:
            issues.append(_unknown(name))
            continue
        try:
            msgspec.convert(given, FIELD_TYPES[name])
        except msgspec.ValidationError as error:
            issues.append(Issue(pointer(name), "type", f"{str(error).partition(' - at')[0]}."))
    return issues


def _unknown(name: str) -> Issue:
    return Issue(pointer(name), "unknown_field", "There is no such field here.")
