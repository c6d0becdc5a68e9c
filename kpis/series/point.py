"""One figure in time: of a period, or at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kpis.series.definition import Definition
from kpis.series.sums import EMPTY, Sums
from kpis.series.value import n_of, value


@dataclass(frozen=True, slots=True)
class Point:
    """What a series said of [start, end), or at `end` where start is None.

    value: None where nothing is known. n: observations behind it, None where nobody said. observed_at: the
    latest instant that its readings speak of, None for `end`; a running period's lies before its end.
    revision: number of the definition that it was worked out by; points of two revisions are never compared.
    """

    start: datetime | None
    end: datetime
    sums: Sums = EMPTY
    value: Decimal | None = None
    n: int | None = None
    observed_at: datetime | None = None
    revision: int = 1


def make_point(
    definition: Definition,
    sums: Sums,
    *,
    start: datetime | None,
    end: datetime,
    observed_at: datetime | None = None,
    revision: int = 1,
) -> Point:
    """Return the point of these sums, its figure worked out by `definition`."""
    return Point(start, end, sums, value(definition, sums), n_of(sums), observed_at, revision)
