"""What databases hold, as mappings read it: numbers exact, times as ISO 8601, all else as text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kpis.connectors.base import PullFailed

# Databases do not say how long they will be busy.
BUSY_S = 30


def busy(text: str) -> PullFailed:
    """Return the failure of a database that has no connection left, or is about to start or to stop."""
    return PullFailed(f"The database says: {text}", permanent=False, retry_after=str(BUSY_S))


def names_of(columns: Sequence[str]) -> list[str]:
    """Return the columns' names. Raises PullFailed when two have one name."""
    if twice := {name for name in columns if list(columns).count(name) > 1}:
        shown = ", ".join(sorted(twice))[:200]
        raise PullFailed(
            f"There are several columns of one name: {shown}. Give them names with AS.", permanent=True
        )
    return list(columns)


def plain(value: Any) -> Any:
    """A duration is its seconds; a time without a zone stays without: the mapping says whose it is."""
    if value is None or isinstance(value, (str, bool, int, Decimal)):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return Decimal(value // timedelta(microseconds=1)) / 1_000_000
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(one) for one in value]
    if isinstance(value, (bytes, memoryview, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def weight(row: Sequence[Any]) -> int:
    """About how many bytes a row was sent as."""
    return sum(len(value) if isinstance(value, (str, bytes, memoryview)) else 16 for value in row)
