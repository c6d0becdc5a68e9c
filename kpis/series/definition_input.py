"""Reading a KPI's definition from JSON, and filling it up from the table of kinds.

The one validator of definitions: the HTTP layer passes the client's object to `parse_definition` and shows
`definition_json` of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from decimal import Decimal
from typing import Any

from kpis.series import stock_terms
from kpis.series.definition import Definition, defaults
from kpis.series.definition_check import check_definition, check_kind
from kpis.series.plausibility import parse_plausibility
from kpis.series.pointer import pointer
from kpis.series.total import parse_total
from service.errors import Issue

_TEXTS = (
    *("kind", "method", "unit", "direction", "input", "holds", "period", "zone", "currency", "dedupe"),
    *("expression", "combine", "invited_kpi"),
    *stock_terms.NAMES,
)
_NUMBERS = ("lower", "upper")
_WHOLES = ("scale_min", "scale_max", "min_n", "settle_s", "window_s")
_NULLABLE = (
    *("period", "currency", "scale_min", "scale_max", "lower", "upper", "window_s", "dedupe"),
    *("expression", "plausibility", "combine", "total", "invited_kpi"),
    *stock_terms.NAMES,
)
_PARTS: Mapping[str, Callable[[object], object]] = {
    "plausibility": parse_plausibility,
    "total": parse_total,
}
_FIELDS = tuple(field.name for field in fields(Definition))


def parse_definition(data: object) -> Definition | list[Issue]:
    """Return the definition that a JSON object describes, filled up from its kind; or every issue."""
    if not isinstance(data, Mapping):
        return [Issue("", "type", "A definition is an object.")]
    issues = [
        Issue(pointer(name), "unknown_field", f"No such field: {name}.")
        for name in data
        if name not in _FIELDS
    ]
    issues += [issue for name, given in data.items() if name in _FIELDS for issue in _check_type(name, given)]
    if not issues:
        issues = check_kind(data.get("kind", ""), data.get("method"))
    if issues:
        return issues
    parts: dict[str, Any] = {}
    for name, parse in _PARTS.items():
        parts[name] = None if data.get(name) is None else parse(data[name])
        if isinstance(parts[name], list):
            return [issue.under(f"/{name}") for issue in parts[name]]
    scale = _scale(data)
    base = defaults(data["kind"], data.get("method"), scale)
    given: dict[str, Any] = {
        name: Decimal(str(value)) if name in _NUMBERS and value is not None else value
        for name, value in data.items()
    }
    given |= parts
    given["feeds"] = tuple(data.get("feeds", ()))
    if given.get("input") == "answers":
        given.setdefault("holds", "events")  # single answers can be nothing else
    definition = replace(base, **given)
    return check_definition(definition) or definition


def definition_json(definition: Definition) -> dict[str, object]:
    """Return the definition as plain data; `parse_definition` reads it back to the same definition."""
    return asdict(definition)


def _scale(data: Mapping[str, Any]) -> tuple[int, int] | None:
    low, high = data.get("scale_min"), data.get("scale_max")
    if low is None and high is None:
        return None
    kind, method = data["kind"], data.get("method")
    given = defaults(kind, method)
    if given.scale_min is None or given.scale_max is None:
        return None
    return (given.scale_min if low is None else low, given.scale_max if high is None else high)


def _are_texts(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)


def _check_type(name: str, value: object) -> list[Issue]:
    if value is None:
        return [] if name in _NULLABLE else [Issue(f"/{name}", "null", "This field cannot be null.")]
    if name in _TEXTS:
        return [] if isinstance(value, str) else [Issue(f"/{name}", "type", "Must be a string.")]
    if name in _PARTS:
        return []  # their own readers tell all
    if name == "feeds":
        return [] if _are_texts(value) else [Issue("/feeds", "type", "Must be a list of strings.")]
    if name == "sampled":
        return [] if isinstance(value, bool) else [Issue("/sampled", "type", "Must be true or false.")]
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return [Issue(f"/{name}", "type", "Must be a number.")]
    if not Decimal(str(value)).is_finite() or abs(Decimal(str(value))) >= Decimal("1E15"):
        return [Issue(f"/{name}", "out_of_range", "Must be a finite number below 1e15 in size.")]
    if name in _WHOLES and not isinstance(value, int):
        return [Issue(f"/{name}", "type", "Must be a whole number.")]
    return []
