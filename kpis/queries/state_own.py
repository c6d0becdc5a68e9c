"""KPIs that are told in other periods than their own, looked at in these as well.

In its own periods it is said which feed is preferred, and which figure of a whole period is not plausible:
what is told of a month follows from its days, and is not worked out of all that was said in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kpis.queries.points import load_windows
from kpis.queries.points_plan import Clocks, SeriesRef, Window
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import SelectedSeries
from kpis.series.definition import Definition
from kpis.series.period import period_of, periods_back, periods_between
from kpis.series.plausibility_whole import lookback
from kpis.series.point import Point

MOST_OWN = 20_000
"""So many of a KPI's own periods are looked at: of what lies before them nothing is told in other ones."""
_MICROSECOND = timedelta(microseconds=1)


def told_by(meaning: Meaning, measure: int, by: Definition | None) -> Definition:
    """Return the definition that a measure's points are worked out by: in the periods of `by`, if given."""
    definition = meaning.by_measure[measure]
    if by is None or by.period is None:
        return definition
    return replace(definition, period=by.period, zone=by.zone)


def preferred_in(meaning: Meaning, measure: int, by: Definition | None) -> Definition | None:
    """Return the definition in whose periods a feed is preferred, where a measure is told in longer ones."""
    if meaning.definition.combine != "prefer":
        return None
    told, own = told_by(meaning, measure, by), meaning.in_own(measure)
    return None if own.period in (None, told.period) else replace(own, zone=told.zone)


def held_in(meaning: Meaning, measure: int, by: Definition | None) -> Definition | None:
    """Return the definition in whose periods figures are held against a band, where a measure is told in
    others."""
    own = meaning.in_own(measure)
    if own.whole_band is None:
        return None
    told = told_by(meaning, measure, by)
    return None if (told.period, told.zone) == (own.period, own.zone) else own


def own_looks(
    side: Iterable[SelectedSeries], meaning: Meaning, by: Definition | None
) -> Iterator[tuple[SelectedSeries, Definition]]:
    """Yield series of a KPI with the definitions by which they are looked at in its own periods."""
    for one in side:
        found = (preferred_in(meaning, one.measure, by), held_in(meaning, one.measure, by))
        for definition in dict.fromkeys(found):
            if definition is not None:
                yield one, definition


def ref_of(one: SelectedSeries, definition: Definition) -> SeriesRef:
    """Return a series with the definition that its points are worked out by."""
    return SeriesRef(one.id, one.measure, definition, one.told_at)


class OwnPoints:
    """What is looked at of bindings' series in the KPIs' own periods. Two statements, where there are any."""

    def __init__(self) -> None:
        self._windows: dict[SeriesRef, Window] = {}
        self._points: dict[SeriesRef, Sequence[Point]] = {}
        self._cuts: dict[int, datetime] = {}

    def look(
        self,
        place: int,
        looks: Iterable[tuple[SelectedSeries, Definition]],
        told: Iterable[Sequence[Point]],
    ) -> None:
        """Ask for series of a KPI in the stretch that is told of them. place: of the binding that shows
        them."""
        points = [point for course in told for point in course]
        if not points:
            return
        since, until = min(point.start or point.end for point in points), max(point.end for point in points)
        for one, definition in looks:
            first = _first(definition, until)
            if since < first:
                self._cuts[place] = max(first, self._cuts.get(place, first))
            self._ask(ref_of(one, definition), max(since, first), until)

    def _ask(self, ref: SeriesRef, since: datetime, until: datetime) -> None:
        window = own_window(ref, since, until)
        asked = self._windows.get(ref)
        if asked is not None:
            window = own_window(ref, min(asked.since, window.since), max(asked.until, window.until))
        self._windows[ref] = window

    def load(self, *, workspace_id: uuid.UUID, clocks: Clocks) -> None:
        found = load_windows(workspace_id=workspace_id, windows=list(self._windows.values()), clocks=clocks)
        self._points = {ref: found[window] for ref, window in self._windows.items()}

    def of(self, one: SelectedSeries, definition: Definition) -> Sequence[Point]:
        return self._points.get(ref_of(one, definition), ())

    def tellable(self, place: int, points: list[Point]) -> list[Point]:
        """Return the points of a binding without those before the first of the periods that are looked at."""
        cut = self._cuts.get(place)
        return points if cut is None else [one for one in points if (one.start or one.end) >= cut]


def own_window(ref: SeriesRef, since: datetime, until: datetime) -> Window:
    """Return the window of own periods in a stretch; of a band's with those, too, that say what is usual."""
    definition = ref.definition
    assert definition.period is not None
    if definition.whole_band is not None:
        since -= lookback(definition.period)
    periods = tuple(periods_between(since, until, definition.period, definition.zone))
    return Window(ref, periods, periods[0].start, periods[-1].end)


def _first(definition: Definition, until: datetime) -> datetime:
    """Where the first of the own periods begins that are looked at, counted back from the last."""
    assert definition.period is not None
    last = period_of(until - _MICROSECOND, definition.period, definition.zone)
    return periods_back(last, MOST_OWN - 1).start
