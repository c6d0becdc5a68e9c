"""From points of series to those of bindings: summed over labels, of what feeds tell, or made of KPIs'."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Protocol

import msgspec

from kpis.queries.figures_held import Holding
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected, SelectedSeries
from kpis.series.definition import Definition
from kpis.series.derived import Courses, derived_points
from kpis.series.feeds import combined, feed_name
from kpis.series.labels import labels_key
from kpis.series.point import Point, Revision, all_doubts, feeds_of, make_point
from kpis.series.rollup import over_labels
from kpis.series.sums import Sums

Side = tuple[tuple[SelectedSeries, ...], Meaning, Definition | None]


def sides(one: Selected, meant: Mapping[uuid.UUID, Meaning]) -> list[Side]:
    """Return the series of a binding by their KPI, what that means, and in whose periods they are wanted."""
    meaning = meant[one.term.kpi_id]
    by = meaning.definition if meaning.made.steps else None
    return [(one.series[leaf], meant[leaf], by) for leaf in meaning.made.leaves]


class Loaded(Protocol):
    """Points of series, once they are there."""

    def of(
        self, side: Iterable[SelectedSeries], meaning: Meaning, by: Definition | None
    ) -> dict[int, Sequence[Point]]: ...


def course(
    one: Selected, meant: Mapping[uuid.UUID, Meaning], loaded: Loaded, held: Holding | None = None
) -> list[Point]:
    """Return the points of a binding, oldest first, of those of its series.

    held: what holds figures of whole periods against their bands; None: they are told as they are.
    """
    kpi_id = one.term.kpi_id
    meaning = meant[kpi_id]
    if not meaning.made.steps:
        [points] = [loaded.of(*side) for side in sides(one, meant)]
        [own] = one.series.values()
        courses = [
            points if held is None else held.of(kpi_id, labels, meaning, points)
            for labels, points in _by_feed(own, meaning, points)
        ]
        return _summed(courses, partial(by_revision, meaning))
    found = derived_points(
        meaning.made,
        leaves(one, meant, loaded, held),
        lambda leaf, measure: meant[leaf].by_measure[measure],
        revision=meaning.measure,
    )
    return found if held is None else list(held.of(kpi_id, labels_key(one.term.selector), meaning, found))


def leaves(
    one: Selected, meant: Mapping[uuid.UUID, Meaning], loaded: Loaded, held: Holding | None
) -> Courses:
    return {
        leaf: _by_labels(
            leaf, one.series[leaf], meant[leaf], loaded.of(*side), held if _alike(meant[leaf], by) else None
        )
        for leaf, side in zip(meant[one.term.kpi_id].made.leaves, sides(one, meant), strict=True)
        for by in (side[2],)
    }


def _alike(leaf: Meaning, by: Definition | None) -> bool:
    """Whether what is made of a KPI is in that KPI's own periods, of which its band speaks."""
    own = leaf.definition
    return by is None or (by.period, by.zone) == (own.period, own.zone)


def _summed(courses: Sequence[Sequence[Point]], by_measure: Callable[[Revision], Definition]) -> list[Point]:
    """The points of all series together: of each period the sums; of two revisions only the later one's."""
    if len(courses) == 1:
        return list(courses[0])
    spans: dict[tuple[datetime, datetime], list[Point]] = defaultdict(list)
    for point in chain.from_iterable(courses):
        spans[point.end, point.start or point.end].append(point)
    points = []
    for span in sorted(spans):
        revision = max(point.revision for point in spans[span] if isinstance(point.revision, int))
        same = [point for point in spans[span] if point.revision == revision]
        points.append(same[0] if len(same) == 1 else _together(same, by_measure(revision)))
    return points


def _by_feed(
    side: Sequence[SelectedSeries], meaning: Meaning, points: Mapping[int, Sequence[Point]]
) -> list[tuple[str, Sequence[Point]]]:
    """The courses of label sets, by their canonical text: of each what its feeds come to, where its KPI
    combines feeds."""
    if meaning.definition.combine is None:
        return [(series.labels, points[series.id]) for series in side]
    fed: dict[tuple[str, int], list[tuple[str, Sequence[Point]]]] = defaultdict(list)
    for one in side:
        fed[one.labels, one.measure].append((feed_name(one.part), points[one.id]))
    return [
        (labels, combined(_like(meaning.by_measure[measure], meaning.definition), courses))
        for (labels, measure), courses in fed.items()
    ]


def _like(definition: Definition, now: Definition) -> Definition:
    """Feeds are combined as the KPI says now, also in what was measured otherwise before."""
    return replace(definition, combine=now.combine, feeds=now.feeds)


def _together(same: Sequence[Point], definition: Definition) -> Point:
    first = same[0]
    untold = next((point.reason for point in same if point.reason not in (None, "suspect")), None)
    if untold is not None:  # what lacks its base would be left out of the whole in silence
        return Point(first.start, first.end, revision=first.revision, reason=untold)
    seen = [point.observed_at for point in same if point.observed_at is not None]
    point = make_point(
        definition,
        over_labels(definition, [point.sums for point in same]) or Sums(bares=len(same)),
        all_doubts(point.doubt for point in same),
        start=first.start,
        end=first.end,
        observed_at=max(seen) if len(seen) == len(same) else None,
        revision=first.revision,
    )
    feeds = feeds_of(same)
    return msgspec.structs.replace(point, feeds=feeds) if feeds else point


def _by_labels(
    kpi_id: uuid.UUID,
    side: Sequence[SelectedSeries],
    meaning: Meaning,
    points: Mapping[int, Sequence[Point]],
    held: Holding | None,
) -> dict[str, list[Point]]:
    """The points of a KPI by labels; series of several measures are one course."""
    courses: dict[str, list[Sequence[Point]]] = defaultdict(list)
    for labels, course in _by_feed(side, meaning, points):
        courses[labels].append(course if held is None else held.of(kpi_id, labels, meaning, course))
    return {labels: _summed(found, partial(by_revision, meaning)) for labels, found in courses.items()}


def by_revision(meaning: Meaning, revision: Revision) -> Definition:
    """Return the definition of a measure; a revision of several numbers is of a KPI made of KPIs."""
    return meaning.by_measure[revision] if isinstance(revision, int) else meaning.definition
