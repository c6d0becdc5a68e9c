"""What a figure did around a change: both figures, their difference, and what may be said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from kpis.series.definition import Definition
from kpis.series.effect import Window, Windows
from kpis.series.effect_noise import Pool, Sides, difference_interval, drifted, proof
from kpis.series.exact import EXACT, ZERO, quotient, rounded
from kpis.series.interval import Interval
from kpis.series.point import Point, Revision, sure_points

CAVEATS: Mapping[str, str] = MappingProxyType(
    {
        "still_filling": "More periods after the change are to come: this may still turn.",
        "taken_back": "The change was taken back: periods after that do not count.",
        "gaps": "Some periods have no figure and count on neither side.",
        "unequal_windows": "There are not as many figures after the change as before it.",
        "other_weekdays": "The windows are no whole weeks: they hold other weekdays.",
        "already_moving": "The figure was moving before the change, too.",
        "suspect": "Readings beyond what is plausible are left out.",
        "definition_changed": "Some periods were measured otherwise and are left out.",
        "beyond_retention": "Periods before the change are no longer kept and are left out.",
    }
)


@dataclass(frozen=True, slots=True)
class Side:
    """A window with its figure. told: the points that it is made of; point None: there is no figure."""

    window: Window
    told: Sequence[Point]
    point: Point | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a figure did. change: after less before. share: of the figure before, where that is above 0.

    verdict: more_than_noise | within_noise | too_early | no_data | incomparable. reason, where it is none of
    the first two: not_yet, no_period_over, below_min_n, too_few_periods; no_figure_before, no_figure_after,
    not_summable; measured_otherwise. better: whether the change is for the good, None where nobody can say.
    interval: of the change, method `samples` or `periods`. caveats: keys of `CAVEATS`.
    """

    before: Side
    after: Side
    change: Decimal | None
    share: Decimal | None
    interval: Interval | None
    verdict: str
    reason: str | None
    better: bool | None
    caveats: tuple[str, ...]


def measured(
    definition: Definition,
    found: Windows,
    points: Sequence[Point],
    pool: Pool,
    *,
    effective_at: datetime,
    until: datetime | None,
    as_of: datetime,
) -> Effect:
    """Return what the figure did. points: those in the windows, oldest first; pool: what some come to."""
    before, after = _inside(found.before, points, last=True), _inside(found.after, points, last=False)
    sure_before, sure_after = sure_points(definition, before), sure_points(definition, after)
    revision = _revision(sure_after) or _revision(sure_before)
    told = [[p for p in side if p.value is not None] for side in (sure_before, sure_after)]
    was, now = ([p for p in side if p.revision == revision] for side in told)
    sides = (_side(found.before, was, pool), _side(found.after, now, pool))
    caveats = tuple(
        code
        for code, holds in (
            ("still_filling", _may_grow(found.after, now, until, as_of)),
            ("taken_back", until is not None and until <= as_of),
            ("gaps", any(len(side.told) < len(side.window.periods) for side in sides)),
            ("unequal_windows", len(was) != len(now)),
            ("other_weekdays", definition.period == "day" and bool(len(was) % 7 or len(now) % 7)),
            ("already_moving", drifted(definition, pool, was)),
            ("suspect", any(point.doubt.readings for point in (*before, *after))),
            ("definition_changed", bool(was) and len(was) + len(now) < sum(map(len, told))),
            ("beyond_retention", found.cut),
        )
        if holds
    )
    verdict, reason = "", None
    lacking = _lacking(definition, sides, told, effective_at, as_of)
    if lacking is not None:
        verdict, reason = lacking
    change = share = ends = None
    before_point, after_point = sides[0].point, sides[1].point
    if before_point is not None and after_point is not None and (not lacking or reason == "below_min_n"):
        change = _difference(before_point, after_point)
        share = _share(definition, change, before_point.value)
        compared = Sides(definition, pool, was, now, before_point, after_point)
        ends = difference_interval(compared)
        if lacking is None:
            proven = proof(compared)
            verdict, reason = (proven, None) if proven else ("too_early", "too_few_periods")
    return Effect(*sides, change, share, ends, verdict, reason, _better(definition, change), caveats)


def _inside(window: Window, points: Sequence[Point], *, last: bool) -> Sequence[Point]:
    """The points of a window's periods; of instants so many as are wanted, those next to the change."""
    if window.periods:
        spans = {(period.start, period.end) for period in window.periods}
        return [point for point in points if (point.start, point.end) in spans]
    if window.start == window.end:
        return []
    inside = [p for p in points if p.start is None and window.start <= p.end < window.end]
    return inside[-window.wanted :] if last else inside[: window.wanted]


def _revision(points: Sequence[Point]) -> Revision | None:
    told = [point.revision for point in points if point.value is not None]
    return told[-1] if told else None


def _side(window: Window, told: Sequence[Point], pool: Pool) -> Side:
    return Side(window, told, pool(told) if told else None)


def _may_grow(after: Window, told: Sequence[Point], until: datetime | None, as_of: datetime) -> bool:
    if until is not None and until <= as_of:
        return False
    return max(len(after.periods), len(told)) < after.wanted


def _lacking(
    definition: Definition,
    sides: tuple[Side, Side],
    told: Sequence[Sequence[Point]],
    effective_at: datetime,
    as_of: datetime,
) -> tuple[str, str] | None:
    """Return the verdict and its reason where nothing can be compared."""
    before, after = sides
    if as_of < effective_at:
        return "too_early", "not_yet"
    if not after.told:
        over = bool(after.window.periods)
        return ("no_data", "no_figure_after") if over else ("too_early", "no_period_over")
    if not before.told:
        return ("incomparable", "measured_otherwise") if told[0] else ("no_data", "no_figure_before")
    if before.point is None or after.point is None:
        return "no_data", "not_summable"
    for side, verdict in ((after, "too_early"), (before, "no_data")):
        assert side.point is not None
        if definition.min_n and (side.point.n is None or side.point.n < definition.min_n):
            return verdict, "below_min_n"
    return None


def _difference(before: Point, after: Point) -> Decimal | None:
    if before.value is None or after.value is None:
        return None
    return rounded(EXACT.subtract(after.value, before.value))


def _share(definition: Definition, change: Decimal | None, before: Decimal | None) -> Decimal | None:
    """A balance of points has no natural zero: a tenth more of it means nothing."""
    if change is None or before is None or before <= ZERO or definition.row.form == "balance":
        return None
    return quotient(change, before)


def _better(definition: Definition, change: Decimal | None) -> bool | None:
    if not change or definition.direction not in ("up", "down"):
        return None
    return (change > ZERO) == (definition.direction == "up")


def told_caveats(effect: Effect) -> Iterator[tuple[str, str]]:
    """Yield the caveats with their sentences."""
    for code in effect.caveats:
        yield code, CAVEATS[code]
