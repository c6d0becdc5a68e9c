"""Which items a rule keeps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpis.connectors.paths import find_one


def holds(condition: Mapping[str, Any], item: Any) -> bool:
    value = find_one(condition["path"], item)
    if "equals" in condition:
        return _same(value, condition["equals"])
    if "one_of" in condition:
        return any(_same(value, one) for one in condition["one_of"])
    return (value is not None) is condition.get("exists", True)


def is_of_item(condition: Mapping[str, Any]) -> bool:
    path: str = condition["path"]
    return path.startswith("$.item") and path[6:7] in ("", ".", "[")


def _same(value: Any, wanted: Any) -> bool:
    """Compare as JSON does: true is not 1, and 0.1 is 0.1 whether it was read exactly or not."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(wanted, float):
        wanted = Decimal(str(wanted))
    if isinstance(value, float):
        value = Decimal(str(value))
    return bool(value == wanted)
