"""What a figure may plausibly be: a reading beyond it is stored as suspect until somebody confirms it.

Bounds hold for every reading. The largest jump holds against the figure before, the last one that is not
suspect itself, as it is known when the reading comes; a reading without one before it jumps nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from kpis.series.exact import EXACT
from service.errors import Issue

_MOST = Decimal("1E15")


@dataclass(frozen=True, slots=True)
class Plausibility:
    """In the KPI's unit. low, high: the figure lies between them. jump: most that it differs from the one
    before; jump_share: the same as a share of that one's size (0.5: by half). None: no such line.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    jump: Decimal | None = None
    jump_share: Decimal | None = None

    @property
    def jumps(self) -> bool:
        """Whether the figure before is asked for."""
        return self.jump is not None or self.jump_share is not None


FIELDS = tuple(field.name for field in fields(Plausibility))


def is_beyond(band: Plausibility, figure: Decimal | None) -> bool:
    """Say whether a figure lies beyond the bounds; none (None) lies nowhere."""
    if figure is None:
        return False
    if band.low is not None and figure < band.low:
        return True
    return band.high is not None and figure > band.high


def jumps_too_far(band: Plausibility, before: Decimal | None, figure: Decimal | None) -> bool:
    """Say whether a figure lies too far from the one before it, where both are known.

    A share of 0 says nothing: against a figure of 0 only `jump` holds.
    """
    if before is None or figure is None:
        return False
    size = abs(EXACT.subtract(figure, before))
    if band.jump is not None and size > band.jump:
        return True
    return band.jump_share is not None and before != 0 and size > EXACT.multiply(band.jump_share, abs(before))


def parse_plausibility(data: object) -> Plausibility | list[Issue]:
    """Return the band that a JSON object describes, or every issue; pointers relative to it."""
    if not isinstance(data, Mapping):
        return [Issue("", "type", "A plausibility band is an object.")]
    issues = [
        Issue(f"/{name}", "unknown_field", f"No such field: {name}.") for name in data if name not in FIELDS
    ]
    given = {name: data[name] for name in FIELDS if data.get(name) is not None}
    issues += [issue for name, value in given.items() for issue in _check(name, value)]
    if issues:
        return issues
    band = Plausibility(**{name: Decimal(str(value)) for name, value in given.items()})
    if not given:
        return [Issue("", "required", f"Name at least one of {', '.join(FIELDS)}.")]
    if band.low is not None and band.high is not None and band.low > band.high:
        return [Issue("/high", "order", "The upper bound must not lie below the lower one.")]
    return band


def read_plausibility(stored: Mapping[str, Any] | None) -> Plausibility | None:
    """Return the band that a definition's JSON holds."""
    if stored is None:
        return None
    return Plausibility(
        **{name: Decimal(value) for name in FIELDS if (value := stored.get(name)) is not None}
    )


def _check(name: str, value: object) -> list[Issue]:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return [Issue(f"/{name}", "type", "Must be a number.")]
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= _MOST:
        return [Issue(f"/{name}", "out_of_range", "Must be a finite number below 1e15 in size.")]
    if name.startswith("jump") and number <= 0:
        return [Issue(f"/{name}", "too_small", "A jump is greater than 0.")]
    return []
