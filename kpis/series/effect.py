"""Before and after: the windows around a dated change, and what the figure did from one to the other.

            before                 change             after
  [ whole periods, the last ] [ mixed ][ washout ][ whole periods, the first ]

The period that holds the change belongs to neither side, save where it begins with it. Periods whose late
figures are still to come are left out. Where nobody says how many there are to be, both sides have the same
number: as many as are over since the change, up to `USUAL`; days go by whole weeks and hours by whole days,
as soon as there is one. What happened is told, never why: this is no proof of cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpis.series.definition import Definition
from kpis.series.period import Period, following, is_complete, period_of, preceding

USUAL: Mapping[str, int] = {"hour": 168, "day": 28, "week": 8, "month": 6, "quarter": 4, "year": 2}
"""Periods on each side, at most, where nobody says how many."""
INSTANTS = 10
"""… and figures of KPIs whose figures are each of an instant."""
MOST = 400
_WHOLE = {"hour": 24, "day": 7}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many periods on either side; None: as is usual. washout: how many after the change are left out."""

    before: int | None = None
    after: int | None = None
    washout: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """One side: half-open [start, end), its periods (none of KPIs without), and how many were wanted."""

    start: datetime
    end: datetime
    periods: tuple[Period, ...]
    wanted: int


@dataclass(frozen=True, slots=True)
class Windows:
    """cut: periods before were left out because nothing is kept of them."""

    before: Window
    after: Window
    cut: bool = False


def standing(effective_at: datetime, until: datetime | None, at: datetime) -> str:
    """Return how a change stands at an instant: planned, live or withdrawn."""
    if effective_at > at:
        return "planned"
    return "withdrawn" if until is not None and until <= at else "live"


def windows(
    definition: Definition,
    *,
    effective_at: datetime,
    until: datetime | None,
    as_of: datetime,
    wanted: Wanted,
    kept_from: datetime | None = None,
) -> Windows:
    """Return both windows, as far as they are over at `as_of`. kept_from: nothing earlier is kept."""
    last = as_of if until is None else min(as_of, until)
    if definition.period is None:
        return _instants(effective_at, max(last, effective_at), wanted, kept_from)
    change = period_of(effective_at, definition.period, definition.zone)
    first = change if change.start == effective_at else following(change)
    for _ in range(wanted.washout):
        first = following(first)
    most = wanted.after or USUAL[definition.period]
    after = _over(first, most, definition, last, as_of)
    if wanted.after is None:
        whole = _WHOLE.get(definition.period, 1)
        after = after[: len(after) - len(after) % whole] if len(after) >= whole else after
    most_before = wanted.before or len(after) or most
    before: list[Period] = []
    one = preceding(change)
    while len(before) < most_before:
        before.append(one)
        one = preceding(one)
    kept = [
        period
        for period in reversed(before)
        if is_complete(period.end, definition.settle_s, as_of)
        and (kept_from is None or period.start >= kept_from)
    ]
    cut = kept_from is not None and any(period.start < kept_from for period in before)
    return Windows(_window(kept, change.start, most_before), _window(after, first.start, most), cut)


def _over(
    first: Period, most: int, definition: Definition, last: datetime, as_of: datetime
) -> tuple[Period, ...]:
    """The periods from the first on that are over, and settled."""
    found: list[Period] = []
    one = first
    while len(found) < most and one.end <= last and is_complete(one.end, definition.settle_s, as_of):
        found.append(one)
        one = following(one)
    return tuple(found)


def _window(periods: Sequence[Period], empty: datetime, wanted: int) -> Window:
    if not periods:
        return Window(empty, empty, (), wanted)
    return Window(periods[0].start, periods[-1].end, tuple(periods), wanted)


def _instants(effective_at: datetime, last: datetime, wanted: Wanted, kept_from: datetime | None) -> Windows:
    """Figures of instants have no periods: how many of them lie there is only known with them."""
    beginning = kept_from or datetime.min.replace(tzinfo=effective_at.tzinfo)
    return Windows(
        Window(min(beginning, effective_at), effective_at, (), wanted.before or wanted.after or INSTANTS),
        Window(effective_at, last + timedelta(microseconds=1), (), wanted.after or INSTANTS),
    )
