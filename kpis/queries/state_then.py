"""Single figures of bindings as they were known: each at an instant of its own, two statements for all.

Two more where any is over a stock.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpis.queries.points_events import events_each
from kpis.queries.points_figures import figures_each
from kpis.queries.points_plan import Clocks, SeriesRef, Window
from kpis.queries.points_stock import over_stock, reach_back
from kpis.queries.state_courses import course, sides
from kpis.queries.state_points import ref_of
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
        for side, meaning, by in sides(one.chosen, meant):
            windows |= dict.fromkeys(_window(ref_of(series, meaning, by), one) for series in side)
    loaded = _load(workspace_id, list(windows), Clocks(as_of, None))
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
        return {one.id: self._points[_window(ref_of(one, meaning, by), self._then)] for one in side}


def _load(
    workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> dict[Window, Sequence[Point]]:
    wide, reaches = reach_back(workspace_id=workspace_id, windows=windows, clocks=clocks)
    events = [one for one in wide if one.periods and one.series.definition.holds == "events"]
    figures = [one for one in wide if not one.periods or one.series.definition.holds != "events"]
    found: dict[Window, Sequence[Point]] = {}
    if events:
        each = events_each(workspace_id=workspace_id, windows=events, clocks=clocks)
        found |= zip(events, each, strict=True)
    if figures:
        each = figures_each(workspace_id=workspace_id, windows=figures, clocks=clocks, limit=1)
        found |= zip(figures, each, strict=True)
    return {
        window: found[read] if reach is None else over_stock(reach, found[read], clocks)[0]
        for window, read, reach in zip(windows, wide, reaches, strict=True)
    }


def _window(ref: SeriesRef, then: Then) -> Window:
    definition = ref.definition
    if definition.period is None or then.start is None:
        return Window(ref, (), then.end, then.end + _MICROSECOND, then.known_at)
    period = Period(then.start, then.end, definition.period, definition.zone)
    return Window(ref, (period,), period.start, period.end, then.known_at)
