"""Single figures of bindings as they were known: each at an instant of its own, two statements for all.

Two more where any is over a stock.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kpis.queries.points import load_windows
from kpis.queries.points_plan import Clocks, SeriesRef, Window
from kpis.queries.state_courses import course, sides
from kpis.queries.state_own import own_window, preferred_in, ref_of, told_by
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected, SelectedSeries
from kpis.series.definition import Definition
from kpis.series.period import Period
from kpis.series.point import Point

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Then:
    """The figure of [start, end), or of the instant `end`, of a binding, by what was known then."""

    chosen: Selected
    start: datetime | None
    end: datetime
    known_at: datetime


def points_then(
    *, workspace_id: uuid.UUID, asked: Sequence[Then], meant: Mapping[uuid.UUID, Meaning], as_of: datetime
) -> list[Point | None]:
    """Return each figure in its order, None where nothing was known."""
    windows: dict[Window, None] = {}
    for one in asked:
        for series, meaning, by in sides(one.chosen, meant):
            for each in series:
                windows[_window(ref_of(each, told_by(meaning, each.measure, by)), one)] = None
                chosen = preferred_in(meaning, each.measure, by)
                if chosen is not None:
                    windows[_own_window(ref_of(each, chosen), one)] = None
    loaded = load_windows(workspace_id=workspace_id, windows=list(windows), clocks=Clocks(as_of, None))
    found: list[Point | None] = []
    for one in asked:
        points = course(one.chosen, meant, _Loaded(one, loaded))
        found.append(
            next((point for point in points if (point.start, point.end) == (one.start, one.end)), None)
        )
    return found


class _Loaded:
    """What was loaded for one of the figures."""

    def __init__(self, then: Then, points: Mapping[Window, Sequence[Point]]) -> None:
        self._then, self._points = then, points

    def of(
        self, side: Iterable[SelectedSeries], meaning: Meaning, by: Definition | None
    ) -> dict[int, Sequence[Point]]:
        return {
            one.id: self._points[_window(ref_of(one, told_by(meaning, one.measure, by)), self._then)]
            for one in side
        }

    def own(self, one: SelectedSeries, definition: Definition) -> Sequence[Point]:
        return self._points[_own_window(ref_of(one, definition), self._then)]


def _window(ref: SeriesRef, then: Then) -> Window:
    definition = ref.definition
    if definition.period is None or then.start is None:
        return Window(ref, (), then.end, then.end + _MICROSECOND, then.known_at)
    period = Period(then.start, then.end, definition.period, definition.zone)
    return Window(ref, (period,), period.start, period.end, then.known_at)


def _own_window(ref: SeriesRef, then: Then) -> Window:
    assert then.start is not None
    return replace(own_window(ref, then.start, then.end), known_at=then.known_at)
