"""The id of a period's figure that no single reading has, as text for URLs. Opaque to clients."""

from __future__ import annotations

import binascii
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from kpis.series.exact import plain
from kpis.series.labels import check_selector

PREFIX = "figure."
_MOST_DIGITS = 200


class FigureRef(msgspec.Struct, frozen=True, gc=False):
    """The figure that was shown of [start, end) of a KPI under labels; of what is made of KPIs a selector."""

    kpi_id: uuid.UUID
    labels: Mapping[str, str]
    start: datetime
    end: datetime
    value: Decimal


class _Said(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    kpi: uuid.UUID
    labels: dict[str, str]
    start: datetime
    end: datetime
    value: str


def figure_id(ref: FigureRef) -> str:
    """Return the id of the figure."""
    said = _Said(
        ref.kpi_id,
        dict(sorted(ref.labels.items())),
        ref.start.astimezone(UTC),
        ref.end.astimezone(UTC),
        str(plain(ref.value)),
    )
    return PREFIX + urlsafe_b64encode(msgspec.json.encode(said)).decode().rstrip("=")


def parse_figure_id(text: str) -> FigureRef | None:
    """Return what an id says, None for what is no id of a figure."""
    if not text.startswith(PREFIX):
        return None
    try:
        raw = text.removeprefix(PREFIX).encode("ascii")
        said = msgspec.json.decode(urlsafe_b64decode(raw + b"=" * (-len(raw) % 4)), type=_Said)
        value = parse_figure(said.value)
        if value is None or said.start.tzinfo is None or said.end.tzinfo is None:
            return None
        if check_selector(said.labels) or said.start >= said.end:
            return None
        ref = FigureRef(said.kpi, said.labels, said.start, said.end, value)
        return ref if figure_id(ref) == text else None  # an id has one spelling
    except (ValueError, OverflowError, binascii.Error, msgspec.DecodeError):
        return None


def parse_figure(text: str) -> Decimal | None:
    """Return a finite number by its digits; None for what is none, or longer than a figure can be."""
    if len(text) > _MOST_DIGITS:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None
