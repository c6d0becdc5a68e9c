"""One figure in time: of a period, or at an instant."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.sums import EMPTY, Sums
from kpis.series.value import n_of, value, why_null

Revision = int | tuple[int, ...]


class Point(msgspec.Struct, frozen=True, gc=False):
    """What a series said of [start, end), or at `end` where start is None.

    value: None where nothing is known. n: observations behind it, None where nobody said. observed_at: the
    latest instant that its readings speak of, None for `end`; a running period's lies before its end.
    revision: of the definition that it was worked out by; points of two revisions are never compared. reason:
    why there is no value, as a code; None where there is one. drift: of a base given within the period, or at
    its start, it less what the base before it and the flows since came to.
    """

    start: datetime | None
    end: datetime
    sums: Sums = EMPTY
    value: Decimal | None = None
    n: int | None = None
    observed_at: datetime | None = None
    revision: Revision = 1
    reason: str | None = None
    drift: Decimal | None = None


def make_point(
    definition: Definition,
    sums: Sums,
    *,
    start: datetime | None,
    end: datetime,
    observed_at: datetime | None = None,
    revision: Revision = 1,
) -> Point:
    """Return the point of these sums, its figure worked out by `definition`."""
    figure = value(definition, sums)
    reason = why_null(definition, sums) if figure is None else None
    return Point(start, end, sums, figure, n_of(sums), observed_at, revision, reason)
