"""From a system's own JSON to readings: rules are data, never code.

A mapping names a KPI, where the items are (`items`, a path into the whole body) and, relative to
each item, the paths of value, numerator, denominator, n, distribution, time, labels and external id:

    {"kpi": "visitors", "items": "$.data[*]", "value": "$.users", "start": "$._start_at",
     "end": "$._end_at", "labels": {"page": {"path": "$.page"}, "country": {"const": "gb"}}}

`when` keeps an item only if all its conditions hold. `value_map` replaces words by numbers, `scale`
multiplies (cents to euros: 0.01), `unit` says whether a share is a fraction or a percentage, `cast`
says how times are written (instant, date, epoch, epoch_ms). An item whose figure is null is no
reading: it is counted, never turned into 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from kpis.connectors.paths import find_all, find_one
from service.errors import Issue

FIGURES = ("value", "numerator", "denominator", "n")
TIMES = ("start", "end", "observed_at")
CASTS = ("instant", "date", "epoch", "epoch_ms")
MAX_ISSUES = 20


@dataclass
class Extract:
    """What mappings made of a body: reading items, nulls left out, items that did not fit."""

    items: list[dict[str, Any]] = field(default_factory=list)
    nulls: int = 0
    skipped: int = 0
    issues: list[Issue] = field(default_factory=list)


class _Unfit(ValueError):
    """A value of an item that cannot be what the mapping says."""


def extract(mappings: list[dict[str, Any]], body: Any) -> Extract:
    """Apply every mapping to `body` (parsed with exact decimals). Issues point into the mapped body."""
    found = Extract()
    for number, mapping in enumerate(mappings):
        for place, item in enumerate(find_all(mapping.get("items", "$"), body)):
            if not all(_holds(condition, item) for condition in mapping.get("when", [])):
                found.skipped += 1
                continue
            try:
                reading = _reading(mapping, item)
            except _Unfit as error:
                if len(found.issues) < MAX_ISSUES:
                    found.issues.append(Issue(f"/mappings/{number}/items/{place}", "unfit", str(error)))
                continue
            if reading is None:
                found.nulls += 1
            else:
                found.items.append(reading)
    return found


def _holds(condition: Mapping[str, Any], item: Any) -> bool:
    value = find_one(condition["path"], item)
    if "equals" in condition:
        return bool(value == condition["equals"])
    if "one_of" in condition:
        return value in condition["one_of"]
    return (value is not None) is condition.get("exists", True)


def _reading(mapping: Mapping[str, Any], item: Any) -> dict[str, Any] | None:
    """Return the item's reading, None when it carries no figure."""
    reading: dict[str, Any] = {"kpi": mapping["kpi"]}
    for name in FIGURES:
        if name in mapping:
            number = _number(mapping, name, find_one(mapping[name], item))
            if number is None and name != "n":
                return None
            if number is not None:
                reading[name] = number
    if "distribution" in mapping:
        counts = {step: _count(step, find_one(path, item)) for step, path in mapping["distribution"].items()}
        if all(count is None for count in counts.values()):
            return None
        reading["distribution"] = {step: count or 0 for step, count in counts.items()}
    if "unit" in mapping:
        reading["unit"] = mapping["unit"]
    reading |= _times(mapping, item)
    reading["labels"] = {name: _label(name, rule, item) for name, rule in mapping.get("labels", {}).items()}
    if "external_id" in mapping:
        external_id = find_one(mapping["external_id"], item)
        if not isinstance(external_id, (str, int)) or isinstance(external_id, bool):
            raise _Unfit(f"{mapping['external_id']} is no id: {_shown(external_id)}.")
        reading["external_id"] = str(external_id)
    return reading


def _number(mapping: Mapping[str, Any], name: str, raw: Any) -> Decimal | int | None:
    if raw is None:
        return None
    if isinstance(raw, str) and raw in mapping.get("value_map", {}):
        raw = mapping["value_map"][raw]
    try:
        number = Decimal(str(raw)) if isinstance(raw, (int, float, Decimal, str)) else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(raw, bool) or not number.is_finite():
        raise _Unfit(f"{mapping[name]} is no number: {_shown(raw)}.")
    if name == "n":
        return _count(name, raw)
    return number * Decimal(str(mapping["scale"])) if "scale" in mapping and name == "value" else number


def _count(name: str, raw: Any) -> int | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal)) or raw != int(raw):
        raise _Unfit(f"{name} is no whole number: {_shown(raw)}.")
    return int(raw)


def _times(mapping: Mapping[str, Any], item: Any) -> dict[str, Any]:
    if "period" in mapping:
        period = find_one(mapping["period"], item)
        if not isinstance(period, (str, int)) or isinstance(period, bool):
            raise _Unfit(f"{mapping['period']} is no period: {_shown(period)}.")
        return {"period": str(period)}
    return {name: _instant(mapping, find_one(mapping[name], item)) for name in TIMES if name in mapping}


def _instant(mapping: Mapping[str, Any], raw: Any) -> datetime:
    """Read a time as `cast` says; one without an offset is in the mapping's `zone`, else UTC."""
    cast, zone = mapping.get("cast", "instant"), ZoneInfo(mapping.get("zone", "UTC"))
    try:
        if cast in {"epoch", "epoch_ms"}:
            seconds = Decimal(str(raw)) / (1000 if cast == "epoch_ms" else 1)
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(seconds * 1_000_000))
        if cast == "date":
            day = date.fromisoformat(raw)
            return datetime(day.year, day.month, day.day, tzinfo=zone)
        parsed = datetime.fromisoformat(raw)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        raise _Unfit(f"No {cast}: {_shown(raw)}.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)


def _label(name: str, rule: Mapping[str, Any], item: Any) -> str:
    value = rule["const"] if "const" in rule else find_one(rule["path"], item)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _Unfit(f"The label {name} is no text: {_shown(value)}.")
    return str(value)


def _shown(value: Any) -> str:
    """A value as it may be told: short, since what arrives can hold anything."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
