"""Points of series: what was true as of one instant, as known at another, oldest first.

Whatever the number of series, three statements at most: where each one's last periods lie, the figures in
them, the sums of the events in them; two more where there are series over a stock. Figures come as rows and
are summed here; events are summed by Postgres.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kpis.queries.points_events import event_points, events_each
from kpis.queries.points_figures import figure_points, figures_each
from kpis.queries.points_kept import Figures, Standing, Told, keep, standing
from kpis.queries.points_plan import Clocks, Range, SeriesRef, Window, latest, plan, window_from
from kpis.queries.points_stock import over_stock, reach_back
from kpis.series.point import Point

LIMIT = 60
__all__ = ["LIMIT", "Figures", "Point", "Range", "SeriesRef", "Told", "load_points", "load_windows"]


def load_points(
    *,
    workspace_id: uuid.UUID,
    series: Iterable[SeriesRef],
    as_of: datetime,
    known_at: datetime | None,
    limit: int = LIMIT,
    within: Range | None = None,
    told: Mapping[int, Told] | None = None,
) -> dict[int, Sequence[Point]]:
    """Return the points of each series by its id, oldest first; of periods nobody spoke of there is none.

    as_of: what was true then; the period that holds it is running. known_at: by what had been recorded then,
    None = by all. limit: so many periods (or instants), counted back from the last one with a reading; with
    `within` they are those of a range instead, and of instants at most `limit`, the latest. told: for the
    state of now, what this transaction told of series; figures that still hold are then not loaded again.
    """
    refs = {one.id: one for one in series}
    clocks = Clocks(as_of, known_at)
    held = {} if told is None else _held(workspace_id, refs.values(), told, as_of, limit)
    unknown = [one for one in refs.values() if one.id not in held]
    windows = plan(workspace_id=workspace_id, series=unknown, clocks=clocks, limit=limit, within=within)
    windows += [
        window_from(refs[series_id], one.since, one.until, clocks)
        for series_id, one in held.items()
        if one.since is not None
    ]
    windows, reaches = reach_back(workspace_id=workspace_id, windows=windows, clocks=clocks)
    events = [window for window in windows if window.periods and window.series.definition.holds == "events"]
    figures = [
        window for window in windows if not window.periods or window.series.definition.holds != "events"
    ]
    points: dict[int, Sequence[Point]] = {series_id: [] for series_id in refs}
    if figures:
        points |= figure_points(workspace_id=workspace_id, windows=figures, clocks=clocks, limit=limit)
    if events:
        points |= event_points(workspace_id=workspace_id, windows=events, clocks=clocks)
    for reach in reaches:
        if reach is not None:
            series_id = reach.window.series.id
            points[series_id], _ = over_stock(reach, points[series_id], clocks)
    for series_id, one in held.items():
        points[series_id] = latest(refs[series_id].definition, [*one.points, *points[series_id]], limit)
    for series_id in told or ():
        if series_id in refs and _kept(refs[series_id]):
            keep(workspace_id, refs[series_id], points[series_id], as_of, limit)
    return points


def load_windows(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> dict[Window, Sequence[Point]]:
    """Return the points of windows, which may be several of one series.

    Two statements at most, two more where any is over a stock.
    """
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


def _kept(one: SeriesRef) -> bool:
    """Figures are: events are summed by Postgres, of the days before today by rollups, and a stock may follow
    from before the points."""
    return one.definition.holds == "figures" and not one.definition.stocked


def _held(
    workspace_id: uuid.UUID,
    series: Iterable[SeriesRef],
    told: Mapping[int, Told],
    as_of: datetime,
    limit: int,
) -> dict[int, Standing]:
    """Return what still holds of those series whose points are kept."""
    figures = (one for one in series if _kept(one))
    found = ((one.id, standing(workspace_id, one, told, as_of, limit)) for one in figures)
    return {series_id: one for series_id, one in found if one is not None}
