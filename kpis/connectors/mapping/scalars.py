"""One value of an item as its mapping reads it: numbers, instants, labels, ids. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kpis.connectors.mapping.words import TIMES, Unfit
from kpis.connectors.paths import find_one
from kpis.series.intake import MOST_KEY

# Wider than any KPI takes; a text like "1e999999999" must not be worked out.
_MOST_CHARS, _MOST_EXPONENT = 64, 400
_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


def number_at(mapping: Mapping[str, Any], name: str, raw: Any) -> Decimal | int | None:
    """Return the figure `name`, None where it is null. Raises Unfit, as all of these do."""
    if raw is None:
        return None
    if isinstance(raw, str) and raw in mapping.get("value_map", {}):
        raw = mapping["value_map"][raw]
    number = _decimal(raw)
    if number is None:
        raise Unfit(f"{mapping[name]} is no number: {shown(raw)}.")
    if name == "n":
        return count_at(name, raw)
    return number * Decimal(str(mapping["scale"])) if "scale" in mapping and name == "value" else number


def _decimal(raw: Any) -> Decimal | None:
    """Return the number that JSON, or a plain text in it, writes; None for anything else."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal, str)):
        return None
    text = str(raw)
    if len(text) > _MOST_CHARS or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if not number:
        return Decimal(0)  # without the exponent that it may carry
    return number if abs(number.adjusted()) <= _MOST_EXPONENT else None


def count_at(name: str, raw: Any) -> int | None:
    """Return a whole number, None where it is null."""
    if raw is None:
        return None
    number = None if isinstance(raw, str) else _decimal(raw)
    if number is None or number != number.to_integral_value():
        raise Unfit(f"{name} is no whole number: {shown(raw)}.")
    return int(number)


def times_of(mapping: Mapping[str, Any], item: Any) -> dict[str, Any]:
    """Return the members of a reading that say when it was true."""
    if "period" in mapping:
        period = find_one(mapping["period"], item)
        if not isinstance(period, (str, int)) or isinstance(period, bool):
            raise Unfit(f"{mapping['period']} is no period: {shown(period)}.")
        return {"period": str(period)}
    return {name: _instant(mapping, find_one(mapping[name], item)) for name in TIMES if name in mapping}


def _instant(mapping: Mapping[str, Any], raw: Any) -> datetime:
    """Read a time as `cast` says; one without an offset is in the mapping's `zone`, else UTC."""
    cast, zone = mapping.get("cast", "instant"), ZoneInfo(mapping.get("zone", "UTC"))
    try:
        if cast in {"epoch", "epoch_ms"}:
            ticks = _decimal(raw)
            if ticks is None:
                raise ValueError
            factor = 1_000 if cast == "epoch_ms" else 1_000_000
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(ticks * factor))
        if cast == "date":
            day = date.fromisoformat(raw)
            return datetime(day.year, day.month, day.day, tzinfo=zone)
        parsed = datetime.fromisoformat(raw)
    except (ValueError, TypeError, OverflowError):
        raise Unfit(f"No {cast}: {shown(raw)}.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)


def label_of(name: str, rule: Mapping[str, Any], item: Any) -> str:
    """Return what an item is labelled with."""
    value = rule["const"] if "const" in rule else find_one(rule["path"], item)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Unfit(f"The label {name} is no text: {shown(value)}.")
    return str(value)


def _id_paths(mapping: Mapping[str, Any]) -> list[str]:
    found: list[str] = mapping.get("external_ids") or []
    return found or [mapping[name] for name in ("external_id",) if name in mapping]


def id_of(mapping: Mapping[str, Any], item: Any) -> str | None:
    """Return the id of an item, None where the mapping names none."""
    paths = _id_paths(mapping)
    return _joined([_id(path, item) for path in paths]) if paths else None


def _joined(parts: list[str]) -> str:
    """Several texts as one id, by its hash where that would not fit."""
    id = ":".join(parts)
    return id if len(parts) == 1 or len(id) <= MOST_KEY else hashlib.sha256(id.encode()).hexdigest()


def _id(path: str, item: Any) -> str:
    found = find_one(path, item)
    if not isinstance(found, (str, int)) or isinstance(found, bool):
        raise Unfit(f"{path} is no id: {shown(found)}.")
    return str(found)


def shown(value: Any) -> str:
    """A value as it may be told: short, since what arrives can hold anything."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    text = repr(value[:60] if isinstance(value, str) else value)
    return text if len(text) <= 60 else text[:57] + "…"
