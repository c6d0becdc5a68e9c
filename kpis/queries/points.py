"""Points of series: what was true as of one instant, as known at another, oldest first.

Whatever the number of series, three statements at most: where each one's last periods lie, the figures in
them, the sums of the events in them. Figures come as rows and are summed here; events are summed by Postgres.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from kpis.queries.points_events import event_points
from kpis.queries.points_figures import figure_points
from kpis.queries.points_plan import Clocks, Range, SeriesRef, plan
from kpis.series.point import Point

LIMIT = 60
__all__ = ["LIMIT", "Point", "Range", "SeriesRef", "load_points"]


def load_points(
    *,
    workspace_id: uuid.UUID,
    series: Iterable[SeriesRef],
    as_of: datetime,
    known_at: datetime | None,
    limit: int = LIMIT,
    within: Range | None = None,
) -> dict[int, list[Point]]:
    """Return the points of each series by its id, oldest first; of periods nobody spoke of there is none.

    as_of: what was true then; the period that holds it is running. known_at: by what had been recorded then,
    None = by all. limit: so many periods (or instants), counted back from the last one with a reading; with
    `within` they are those of a range instead, and of instants at most `limit`, the latest.
    """
    refs = {one.id: one for one in series}
    clocks = Clocks(as_of, known_at)
    windows = plan(workspace_id=workspace_id, series=refs.values(), clocks=clocks, limit=limit, within=within)
    events = [window for window in windows if window.periods and window.series.definition.holds == "events"]
    figures = [
        window for window in windows if not window.periods or window.series.definition.holds != "events"
    ]
    points: dict[int, list[Point]] = {series_id: [] for series_id in refs}
    if figures:
        points |= figure_points(workspace_id=workspace_id, windows=figures, clocks=clocks, limit=limit)
    if events:
        points |= event_points(workspace_id=workspace_id, windows=events, clocks=clocks)
    return points
