"""What a KPI says of totals that are sent beside their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kpis.series.labels import EVERY, is_text
from service.errors import Issue

_MOST_NAME = 64
_FIELDS = ("label", "tolerance")


@dataclass(frozen=True, slots=True)
class Total:
    """label: the series without it is the total of those with it. tolerance: the share of the total by which
    the sum of its parts may differ, 0..1."""

    label: str
    tolerance: Decimal = Decimal("0.001")


def parse_total(data: object) -> Total | list[Issue]:
    """Return what a JSON object says, or every issue; pointers relative to it."""
    if not isinstance(data, Mapping):
        return [Issue("", "type", "A total is an object.")]
    issues = [
        Issue(f"/{name}", "unknown_field", f"No such field: {name}.") for name in data if name not in _FIELDS
    ]
    label, tolerance = data.get("label"), data.get("tolerance")
    if not is_text(label, _MOST_NAME) or label == EVERY:
        issues.append(Issue("/label", "label_name", "Name the label that tells the parts apart."))
    if tolerance is not None and not _is_share(tolerance):
        issues.append(Issue("/tolerance", "range", "A share of the total, 0 to 1."))
    if issues:
        return issues
    return Total(str(label)) if tolerance is None else Total(str(label), Decimal(str(tolerance)))


def read_total(stored: Mapping[str, Any] | None) -> Total | None:
    """Return what a definition's JSON holds."""
    return None if stored is None else Total(stored["label"], Decimal(stored["tolerance"]))


def _is_share(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    number = Decimal(str(value))
    return number.is_finite() and 0 <= number <= 1
