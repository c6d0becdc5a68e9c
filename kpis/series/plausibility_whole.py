"""Whether the figure of a whole period is plausible, where no reading has a figure of its own.

Answers, events that are counted or added up, sides of a rate, flows, figures of shorter periods and what is
made of KPIs come to a figure only when their period is over: so that figure is held against the band,
whenever it is worked out. The bounds hold for each. Jumps are held against what was usual: of the twelve
periods before, the longest row of figures that follow each other without a jump says what that is, by its
last. A single outlier is in no such row, and of two levels that held equally long the earlier is the usual.
What somebody confirmed is usual, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.plausibility import Plausibility, is_beyond, jumps_too_far
from kpis.series.point import Doubt, Point, Revision
from kpis.series.restated import Span
from kpis.series.sums import EMPTY, Sums
from kpis.series.value import value

LOOKBACK = 12
"""So many periods before a figure say what is usual."""
_LONGEST = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
    "quarter": timedelta(days=92),
    "year": timedelta(days=366),
}


class _Figure(msgspec.Struct, frozen=True, gc=False):
    """A figure within the bounds, or that somebody confirmed (`sure`). jumped: from the one before it."""

    start: datetime
    value: Decimal
    revision: Revision
    sure: bool
    jumped: bool


def lookback(kind: str) -> timedelta:
    """Return how far before the start of a period of `kind` the twelve before it begin, and no thirteenth."""
    return _LONGEST[kind] * LOOKBACK + _LONGEST[kind] / 2


def without_suspects(
    definition: Definition,
    points: Sequence[Point],
    confirmed: Mapping[Span, Decimal],
    *,
    until: datetime,
) -> Sequence[Point]:
    """Return the points, those that are not plausible without their figure, which is their doubt.

    points: of one label set in the definition's periods, oldest first, from twelve periods before those that
    matter. confirmed: figures that somebody said are right, by their span. until: periods that have settled
    by then are looked at; younger ones still change.
    """
    band = definition.whole_band
    if band is None or definition.period is None:
        return points
    settled_by = until - timedelta(seconds=definition.settle_s)
    reach = lookback(definition.period)
    held: list[_Figure] = []
    found = list(points)
    for place, point in enumerate(points):
        if point.value is None or point.start is None or point.end > settled_by:
            continue
        sure = is_confirmed(band, confirmed.get((point.start, point.end)), point.value)
        told = definition.parted and not point.parted  # by one reading, which was held when it came
        if not (sure or told) and is_beyond(band, point.value):
            found[place] = doubted_whole(definition, point)
            continue
        jumped = bool(held) and jumps_too_far(band, held[-1].value, point.value)
        figure = _Figure(point.start, point.value, point.revision, sure, jumped)
        if band.jumps and not (sure or told) and _jumps(band, held, figure, reach):
            found[place] = doubted_whole(definition, point)
        held.append(figure)
    return found


def is_confirmed(band: Plausibility, confirmed: Decimal | None, figure: Decimal) -> bool:
    """Say whether a figure is plausible since somebody confirmed one of its period.

    It need not be the same to the digit: what came late may change it, by less than a jump, no further out.
    """
    if confirmed is None:
        return False
    if figure == confirmed:
        return True
    low = None if band.low is None else min(band.low, confirmed)
    high = None if band.high is None else max(band.high, confirmed)
    return not is_beyond(replace(band, low=low, high=high), figure) and not jumps_too_far(
        band, confirmed, figure
    )


def doubted_whole(definition: Definition, point: Point, *, told: bool = True) -> Point:
    """Return a point whose figure is not plausible: it has none, what it would be is its doubt.

    told: it is the figure that somebody may confirm, not one of a longer period.
    """
    sums = point.sums
    if value(definition, sums) != point.value:  # made of KPIs: no sums give the figure
        sums = Sums(bare=point.value, bare_n=point.n, bares=1)
    doubt = Doubt(point.doubt.readings + 1, sums, told, lacks=True)
    return msgspec.structs.replace(point, sums=EMPTY, value=None, n=None, reason="suspect", doubt=doubt)


def overshadowed(definition: Definition, points: Sequence[Point], own: Sequence[Point]) -> Sequence[Point]:
    """Return points of other periods than the KPI's, without the figures that one of its own makes doubtful.

    own: the points in the KPI's own periods. A doubtful one bears on that in whose middle it lies, or that
    lies in its middle.
    """
    doubtful = [(one.start, one.end) for one in own if one.doubt.whole and one.start is not None]
    return [
        doubted_whole(definition, point, told=False)
        if point.value is not None
        and point.start is not None
        and any(_holds_middle(span, (point.start, point.end)) for span in doubtful)
        else point
        for point in points
    ]


def _holds_middle(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Say whether the middle of either lies in the other."""
    middle, others = one[0] + (one[1] - one[0]) / 2, other[0] + (other[1] - other[0]) / 2
    return one[0] <= others < one[1] or other[0] <= middle < other[1]


def _jumps(band: Plausibility, held: Sequence[_Figure], figure: _Figure, reach: timedelta) -> bool:
    """Say whether a figure lies too far from what was usual in the periods before it, confirmed or not."""
    before: list[_Figure] = []
    for one in reversed(held):
        if one.start < figure.start - reach or one.revision != figure.revision:
            break
        before.append(one)
    before.reverse()
    if not figure.jumped and not any(one.jumped for one in before[1:]):  # as a rule
        return False
    rows = [_row(band, before[first:]) for first in range(len(before))]
    usual = [max(rows, key=lambda row: row[0])] if rows else []  # of rows equally long the earliest
    usual += [row for one, row in zip(before, rows, strict=True) if one.sure]
    return bool(usual) and all(jumps_too_far(band, last, figure.value) for _, last in usual)


def _row(band: Plausibility, figures: Sequence[_Figure]) -> tuple[int, Decimal]:
    """Return how many figures follow the first one without a jump, and the last of them."""
    count, last = 0, figures[0].value
    for one in figures:
        if not jumps_too_far(band, last, one.value):
            count, last = count + 1, one.value
    return count, last
