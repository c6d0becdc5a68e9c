"""One observation as it comes in, before it is known to be good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec


class Reading(msgspec.Struct, frozen=True, gc=False):
    """A period's figure, an instant's value, or one event. See `check_reading` and `canonical`.

    end: aware; when it was true (of a period: its exclusive end). start: of the period, None for an instant.
    Exactly one of: value; numerator and denominator; distribution (answers per step: {"5": 42}). All None
    says that there is no figure, which is not 0. n: observations behind `value`.
    unit: unit of `value` as sent, None for the KPI's own; shares need `fraction` or `percent`.
    """

    end: datetime
    start: datetime | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | Decimal | None = None
    distribution: Mapping[str, int | Decimal] | None = None
    unit: str | None = None
