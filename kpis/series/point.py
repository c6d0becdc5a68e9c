"""One figure in time: of a period, or at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.sums import EMPTY, Sums, combine
from kpis.series.value import n_of, value, why_null

Revision = int | tuple[int, ...]


class Doubt(msgspec.Struct, frozen=True, gc=False):
    """What is left out of a point as suspect: how many readings, and what they say together.

    whole: it is the figure of the whole period that is doubted, which counts as one, and may be confirmed.
    lacks: a whole figure is left out, of these labels or of some of them.
    """

    readings: int = 0
    sums: Sums = EMPTY
    whole: bool = False
    lacks: bool = False


NO_DOUBT = Doubt()


def doubted(parts: Iterable[Sums]) -> Doubt:
    """Return the doubt of suspect readings."""
    found = list(parts)
    return Doubt(len(found), combine(found)) if found else NO_DOUBT


def all_doubts(doubts: Iterable[Doubt]) -> Doubt:
    """Return the doubts of several points as one."""
    found = [one for one in doubts if one.readings]
    if not found:
        return NO_DOUBT
    return Doubt(
        sum(one.readings for one in found),
        combine(one.sums for one in found),
        lacks=any(one.lacks for one in found),
    )


class Point(msgspec.Struct, frozen=True, gc=False):
    """What a series said of [start, end), or at `end` where start is None.

    value: None where nothing is known. n: observations behind it, None where nobody said. observed_at: the
    latest instant that its readings speak of, None for `end`; a running period's lies before its end.
    revision: of the definition that it was worked out by; points of two revisions are never compared. reason:
    why there is no value, as a code; None where there is one. drift: of a base given within the period, or at
    its start, it less what the base before it and the flows since came to. doubt: suspect readings, which are
    in none of these. feeds: of a KPI that combines feeds, those that the figure is made of, by name. parted:
    it is made of figures of shorter periods.
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
    doubt: Doubt = NO_DOUBT
    feeds: tuple[str, ...] = ()
    parted: bool = False


def feeds_of(points: Iterable[Point]) -> tuple[str, ...]:
    """Return the feeds that the figures of several points are made of."""
    return tuple(sorted({name for point in points for name in point.feeds}))


def make_point(
    definition: Definition,
    sums: Sums,
    doubt: Doubt = NO_DOUBT,
    *,
    start: datetime | None,
    end: datetime,
    observed_at: datetime | None = None,
    revision: Revision = 1,
) -> Point:
    """Return the point of these sums, its figure worked out by `definition`."""
    figure = value(definition, sums)
    reason = None
    if figure is None:
        reason = "suspect" if doubt.readings else why_null(definition, sums)
    return Point(start, end, sums, figure, n_of(sums), observed_at, revision, reason, doubt=doubt)


def is_judged(definition: Definition, point: Point) -> bool:
    """Say whether a point may be judged although a suspect reading was left out of it.

    Not one of nothing else, nor a sum of figures, which says too little without a part of it; of single
    events a sum says enough without one, but not without all of a label set.
    """
    if not point.doubt.readings:
        return True
    if point.value is None:
        return False
    return definition.row.form != "sum" or (definition.holds == "events" and not point.doubt.lacks)


def sure_points(definition: Definition, points: Sequence[Point]) -> Sequence[Point]:
    """Return the points that are judged: as a rule all of them."""
    for point in points:
        if point.doubt is not NO_DOUBT:
            return [one for one in points if is_judged(definition, one)]
    return points
