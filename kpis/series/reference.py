"""Figures that lines are relative to, and figures of few observations summed again with those before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from kpis.series.definition import Definition
from kpis.series.exact import EXACT, ZERO, quotient, rounded
from kpis.series.period import Period, period_of, periods_back, periods_between, years_back
from kpis.series.point import Point, make_point
from kpis.series.sums import combine
from kpis.series.thresholds import Band, Relation, Rules

Baselines = Mapping[Period, Point]
"""The points of baselines that are named by their period, see `baseline_of`."""
NO_BASELINES: Baselines = {}


@dataclass(frozen=True, slots=True)
class Case:
    """A point to be judged, with the lines worked out.

    point: the figure, or that of several periods together. references: the figures that lines are relative
    to. lacking: why there is no judgement, None where there is.
    """

    point: Point
    rules: Rules
    references: Mapping[str, Point] | None = None
    lacking: str | None = None


def baseline_of(definition: Definition, period: Period, points: Sequence[Point]) -> Point | None:
    """Return the figure of a longer period from the points in it: summed again, or the mean of sums.

    What is added up (counts, money) or cannot be (the latest of a gauge) is told by the mean of its periods.
    None where nothing is known of it, or where figures of two definitions meet.
    """
    told = [point for point in points if point.value is not None and _lies_in(point, period)]
    if not told or any(point.revision != told[-1].revision for point in told):
        return None
    return pooled(definition, told, start=period.start, end=period.end)


def pooled(definition: Definition, told: Sequence[Point], *, start: datetime, end: datetime) -> Point | None:
    """Return the figure of several points of one revision, each with a figure: summed again, or the mean of
    sums; None where it cannot be known from their parts."""
    if definition.row.form in ("sum", "last"):
        total = sum((point.value for point in told if point.value is not None), ZERO)
        value = quotient(total, Decimal(len(told)))
        return Point(start, end, value=value, n=_n(told), revision=told[-1].revision)
    together = make_point(
        definition,
        combine(point.sums for point in told),
        start=start,
        end=end,
        revision=told[-1].revision,
    )
    return None if together.value is None else together


def _lies_in(point: Point, period: Period) -> bool:
    """Weeks lie across the ends of months; an instant on the end belongs to what follows."""
    if point.start is None:
        return period.start <= point.end < period.end
    return period.start <= point.start and point.end <= period.end


def _n(points: Sequence[Point]) -> int | None:
    counts = [point.n for point in points if point.n is not None]
    return sum(counts) if len(counts) == len(points) else None


@dataclass(frozen=True)
class Course:
    """The points of one definition, oldest first, and the baselines that rules name."""

    points: Sequence[Point]
    definition: Definition
    baselines: Baselines

    @cached_property
    def _places(self) -> dict[object, int]:
        return {point.start: place for place, point in enumerate(self.points)}

    def case(self, place: int, rules: Rules) -> Case:
        """Return how the point at `place` is to be judged by `rules`."""
        first = self._first(place, rules)
        point = self._together(first, place)
        if not rules.open:
            return Case(point, rules)
        references: dict[str, Point] = {}
        for name in {relation.to for relation in rules.relations if relation.to != "target"}:
            found = (
                self._baseline(point, rules)
                if name == "baseline"
                else self._together_before(first, place, rules)
            )
            if found is None or found.value is None:
                return Case(point, rules, lacking="no_baseline" if name == "baseline" else "no_figure_before")
            if lacking := self._unfit(found, found.value, name, rules):
                return Case(point, rules, lacking=lacking)
            references[name] = found
        return Case(point, _resolved(rules, references), references)

    def periods(self, point: Point) -> int:
        """Return how many periods, or instants, a figure of several is made of, gaps included."""
        kind = self.definition.period
        if kind is None or point.start is None:
            return max(1, sum(point.start <= one.end <= point.end for one in self.points if point.start))
        return sum(1 for _ in periods_between(point.start, point.end, kind, self.definition.zone))

    def _first(self, place: int, rules: Rules) -> int:
        """The point with which a window begins: as few as are needed for enough observations."""
        window, known = rules.window, self.points[place].n
        if window is None or known is None or known >= window.until_n:
            return place
        first, earliest = place, None
        if self.definition.period is not None:
            earliest = periods_back(self._period(place), window.most - 1).start
        while first > 0 and known < window.until_n:
            earlier = self.points[first - 1]
            if place - first + 1 >= window.most or (
                earliest is not None and (earlier.start or earlier.end) < earliest
            ):
                break
            first -= 1
            known += earlier.n or 0
        return first

    def _together(self, first: int, place: int) -> Point:
        """The points from `first` to `place` summed again; those without a figure or a base add nothing."""
        last = self.points[place]
        parts = [part for part in self.points[first:place] if part.value is not None and part.n]
        if not parts:
            return last
        together = make_point(
            self.definition,
            combine([*(part.sums for part in parts), last.sums]),
            start=parts[0].start or parts[0].end,
            end=last.end,
            observed_at=last.observed_at,
            revision=last.revision,
        )
        return last if together.value is None or together.n is None else together

    def _together_before(self, first: int, place: int, rules: Rules) -> Point | None:
        """The figure of as many periods, as far back as the rules say."""
        back = rules.before
        if self.definition.period is None:
            since, until = first - back.periods, place - back.periods
            return self._together(since, until) if since >= 0 else None
        since_at, until_at = (
            years_back(period, back.years) if back.years else periods_back(period, back.periods)
            for period in (self._period(first), self._period(place))
        )
        end = self._places.get(until_at.start)
        if end is None:
            return None
        begin = end
        while begin > 0 and (self.points[begin - 1].start or self.points[begin - 1].end) >= since_at.start:
            begin -= 1
        return self._together(begin, end)

    def _baseline(self, judged: Point, rules: Rules) -> Point | None:
        """A figure is not judged by a baseline that had not been measured yet, or otherwise."""
        assert isinstance(rules.baseline, Period)
        found = self.baselines.get(rules.baseline)
        if found is None or found.revision != judged.revision or judged.end <= rules.baseline.end:
            return None
        return found

    def _unfit(self, found: Point, figure: Decimal, name: str, rules: Rules) -> str | None:
        least = self.definition.min_n if rules.min_n is None else rules.min_n
        if least and (found.n is None or found.n < least):
            return "reference_below_min_n"
        times = any(relation.times and relation.to == name for relation in rules.relations)
        return "reference_not_positive" if times and figure <= ZERO else None

    def _period(self, place: int) -> Period:
        start = self.points[place].start
        assert start is not None
        assert self.definition.period is not None
        return period_of(start, self.definition.period, self.definition.zone)


def _resolved(rules: Rules, references: Mapping[str, Point]) -> Rules:
    lines: dict[str, dict[str, Decimal | None]] = {
        name: {"low": band.low, "high": band.high} if band else {}
        for name, band in (("warn", rules.warn), ("breach", rules.breach))
    }
    for relation in rules.relations:
        figure = references[relation.to].value if relation.to in references else None
        if figure is not None:
            lines[relation.level][relation.side] = line(relation, figure)
    warn, breach = (Band(**found) if found else None for found in (lines["warn"], lines["breach"]))
    return replace(rules, warn=warn, breach=breach)


def line(relation: Relation, figure: Decimal) -> Decimal:
    """Return where the line lies when what it is relative to is `figure`."""
    exact = EXACT.multiply(figure, relation.by) if relation.times else EXACT.add(figure, relation.by)
    return rounded(exact)
