"""Several feeds of one KPI: whose figures are added up, or which of them is preferred, period by period.

Each feed's readings are kept apart. A feed is named by the id of its source or endpoint, or `api`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from kpis.series.definition import Definition
from kpis.series.period import Period, period_of
from kpis.series.point import Point, all_doubts, feeds_of, make_point
from kpis.series.sums import combine

API = "api"


def feed_name(feed_id: uuid.UUID | None) -> str:
    """Return what a feed is called; None is whoever calls the API."""
    return API if feed_id is None else str(feed_id)


def combined(definition: Definition, courses: Sequence[tuple[str, Sequence[Point]]]) -> list[Point]:
    """Return the points of one label set that several feeds tell of, each saying which it is made of.

    courses: the feeds' points by their names, oldest first, of one measure. Summed, a period's figure is that
    of the feeds that have one. Preferred, it is the first feed's that has one, in the definition's order;
    feeds that this does not name come last, in the order in which they are given.
    """
    spans: dict[tuple[datetime, datetime], list[tuple[str, Point]]] = defaultdict(list)
    for name, points in _in_order(definition, courses):
        for point in points:
            spans[point.end, point.start or point.end].append((name, point))
    return [
        (_sum if definition.combine == "sum" else _preferred)(definition, spans[span])
        for span in sorted(spans)
    ]


def in_longer(points: Sequence[Point], definition: Definition) -> list[Point]:
    """Return points of longer periods, those of `definition`, each summed of the points that lie in it.

    So each of the shorter ones is of the feed that is preferred of those that have a figure. points: of one
    label set and measure, oldest first.
    """
    assert definition.period is not None
    buckets: dict[Period, list[Point]] = defaultdict(list)
    for point in points:
        bucket = period_of(point.start or point.end, definition.period, definition.zone)
        if point.end <= bucket.end:
            buckets[bucket].append(point)
    found = []
    for bucket, told in buckets.items():
        seen = max(point.observed_at or point.end for point in told)
        summed = make_point(
            definition,
            combine(point.sums for point in told),
            all_doubts(point.doubt for point in told),
            start=bucket.start,
            end=bucket.end,
            observed_at=None if seen == bucket.end else seen,
            revision=told[0].revision,
        )
        found.append(msgspec.structs.replace(summed, feeds=feeds_of(told)))
    return found


def _in_order(
    definition: Definition, courses: Sequence[tuple[str, Sequence[Point]]]
) -> list[tuple[str, Sequence[Point]]]:
    rank = {name: place for place, name in enumerate(definition.feeds)}
    return sorted(courses, key=lambda course: rank.get(course[0], len(rank)))


def _preferred(definition: Definition, told: Sequence[tuple[str, Point]]) -> Point:
    name, point = next((one for one in told if one[1].value is not None), told[0])
    return msgspec.structs.replace(point, feeds=(name,) if point.value is not None else ())


def _sum(definition: Definition, told: Sequence[tuple[str, Point]]) -> Point:
    points = [point for _, point in told]
    names = tuple(sorted(name for name, point in told if point.value is not None))
    if len(points) == 1:
        return msgspec.structs.replace(points[0], feeds=names)
    first = points[0]
    seen = [point.observed_at for point in points if point.observed_at is not None]
    summed = make_point(
        definition,
        combine(point.sums for point in points),
        all_doubts(point.doubt for point in points),
        start=first.start,
        end=first.end,
        observed_at=max(seen) if len(seen) == len(points) else None,
        revision=first.revision,
    )
    return msgspec.structs.replace(summed, feeds=names, parted=any(point.parted for point in points))
