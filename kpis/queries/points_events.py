"""Points of events: what is summed of them by period, and what is left out as suspect."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kpis.queries.points_plan import Clocks, Window
from kpis.queries.points_sums import Part, load_parts
from kpis.queries.sql import fetch, statement
from kpis.series.intake_sides import takes_sides
from kpis.series.point import NO_DOUBT, Doubt, Point, doubted, make_point
from kpis.series.sums import Sums, combine, of_columns

_SUSPECTS = statement("suspect_events")
_MICROSECOND = timedelta(microseconds=1)


def event_points(
    *, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> dict[int, list[Point]]:
    """Return the points of the windows' series, each in one window, whose KPIs have periods. One
    statement."""
    found = events_each(workspace_id=workspace_id, windows=windows, clocks=clocks)
    return {window.series.id: points for window, points in zip(windows, found, strict=True)}


def events_each(*, workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks) -> list[list[Point]]:
    """Return the points of each window, in their order. One statement."""
    found: list[dict[int, list[Part]]] = [{} for _ in windows]
    sided = [takes_sides(window.series.definition) for window in windows]
    for part in load_parts(workspace_id=workspace_id, windows=windows, clocks=clocks):
        if sided[part.window] and part.sums.denominator is None:
            continue  # numerators alone: they wait, or count in the period of their denominator
        found[part.window].setdefault(part.bucket, []).append(part)
    doubts = _doubts(workspace_id, windows, clocks)
    return [
        _points(window, parts, doubts.get(place, {}))
        for place, (window, parts) in enumerate(zip(windows, found, strict=True))
    ]


def _doubts(
    workspace_id: uuid.UUID, windows: Sequence[Window], clocks: Clocks
) -> dict[int, dict[int, Doubt]]:
    """Return the suspect events by window and bucket. One statement, if any KPI has a plausibility band."""
    bounded = [
        (place, one) for place, one in enumerate(windows) if one.series.definition.plausibility is not None
    ]
    if not bounded:
        return {}
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "windows": [place for place, _ in bounded],
        "ids": [one.series.id for _, one in bounded],
        "sinces": [one.since for _, one in bounded],
        "untils": [min(one.until, clocks.as_of + _MICROSECOND) for _, one in bounded],
        "knowns": [clocks.of(one) for _, one in bounded],
    }
    found: dict[int, dict[int, list[Sums]]] = defaultdict(lambda: defaultdict(list))
    for place, end, *columns in fetch(_SUSPECTS, values):
        window = windows[place]
        bucket = bisect_right(window.periods, end, key=lambda period: period.start)
        found[place][bucket].append(of_columns(window.series.definition, end, *columns))
    return {
        place: {bucket: doubted(parts) for bucket, parts in buckets.items()}
        for place, buckets in found.items()
    }


def _points(window: Window, found: dict[int, list[Part]], doubts: Mapping[int, Doubt]) -> list[Point]:
    """found, doubts: by bucket."""
    definition, revision, periods = window.series.definition, window.series.revision, window.periods
    for bucket in doubts:
        found.setdefault(bucket, [])
    points: list[Point] = []
    observed_at: datetime | None
    for bucket, parts in sorted(found.items()):
        if len(parts) == 1:
            sums, observed_at = parts[0].sums, parts[0].observed_at
        else:
            sums = combine(part.sums for part in parts)
            observed_at = max(part.observed_at for part in parts) if parts else None
        period = periods[bucket - 1]
        points.append(
            make_point(
                definition,
                sums,
                doubts.get(bucket, NO_DOUBT),
                start=period.start,
                end=period.end,
                observed_at=observed_at,
                revision=revision,
            )
        )
    return points
