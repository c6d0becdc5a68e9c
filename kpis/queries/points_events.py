"""Points of events: what is summed of them by period, and what is left out as suspect."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from kpis.queries.points_plan import Clocks, Window
from kpis.queries.points_sums import Part, load_parts
from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.intake_sides import takes_sides
from kpis.series.point import NO_DOUBT, Doubt, Point, doubted, make_point
from kpis.series.sums import EMPTY, Sums, combine, of_columns

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
    found = load_parts(workspace_id=workspace_id, windows=windows, clocks=clocks)
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


def _points(window: Window, parts: Sequence[Part], doubts: Mapping[int, Doubt]) -> list[Point]:
    """doubts: by bucket."""
    definition, revision, periods = window.series.definition, window.series.revision, window.periods
    by_bucket = _by_bucket(_counted(definition, parts))
    points: list[Point] = []
    for bucket in sorted(by_bucket.keys() | doubts.keys() if doubts else by_bucket):
        period = periods[bucket - 1]
        part = by_bucket.get(bucket)
        points.append(
            make_point(
                definition,
                part.sums if part else EMPTY,
                doubts.get(bucket, NO_DOUBT),
                start=period.start,
                end=period.end,
                observed_at=part.observed_at if part else None,
                revision=revision,
            )
        )
    return points


def _counted(definition: Definition, parts: Sequence[Part]) -> Sequence[Part]:
    """Numerators alone wait, or count in the period of their denominator."""
    if not takes_sides(definition):
        return parts
    return [part for part in parts if part.sums.denominator is not None]


def _by_bucket(parts: Sequence[Part]) -> dict[int, Part]:
    """Return what the parts of each bucket are together; as a rule there is one."""
    found: dict[int, Part] = {}
    several: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        if found.setdefault(part.bucket, part) is not part:
            several[part.bucket].append(part)
    for bucket, others in several.items():
        together = [found[bucket], *others]
        sums = combine(part.sums for part in together)
        found[bucket] = Part(bucket, max(part.observed_at for part in together), sums)
    return found
