"""The points of bindings: of the series that they select, summed over labels, or worked out of KPIs'."""

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

from kpis.queries.points import Range, SeriesRef, Told, load_points
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected, SelectedSeries
from kpis.series.definition import Definition
from kpis.series.derived import Courses, derived_points
from kpis.series.feeds import combined, feed_name
from kpis.series.point import Point, Revision, all_doubts, feeds_of, make_point
from kpis.series.rollup import over_labels
from kpis.series.sums import Sums

# The running and the settling periods come on top of the sixty that are judged.
JUDGED = 64


def points_of_subjects(
    *,
    workspace_id: uuid.UUID,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    as_of: datetime,
    known_at: datetime | None,
    within: Range | None = None,
    limit: int = JUDGED,
    told: Mapping[int, Told] | None = None,
) -> list[list[Point]]:
    """Return the points of each binding, oldest first, in their order: the last ones, or those of a range.

    A series is asked for once per definition that its points are worked out by: what is made of KPIs
    by the month asks for theirs by the month. Each round of series is three statements, whatever their
    number. told: as of `load_points`.
    """
    rounds = _Rounds()
    for one in chosen:
        for side, meaning, by in sides(one, meant):
            rounds.add(side, meaning, by)
    rounds.load(
        workspace_id=workspace_id, as_of=as_of, known_at=known_at, within=within, limit=limit, told=told
    )
    return [course(one, meant, rounds) for one in chosen]


def leaves_of_subjects(
    *,
    workspace_id: uuid.UUID,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    as_of: datetime,
    known_at: datetime | None,
    within: Range,
    limit: int,
) -> list[Courses]:
    """Return the points in a range of the KPIs that each binding's KPI is made of, by their labels.

    limit: of instants at most so many, the latest.
    """
    rounds = _Rounds()
    for one in chosen:
        for side, meaning, by in sides(one, meant):
            rounds.add(side, meaning, by)
    rounds.load(
        workspace_id=workspace_id, as_of=as_of, known_at=known_at, within=within, limit=limit, told=None
    )
    return [_leaves(one, meant, rounds) for one in chosen]


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


def course(one: Selected, meant: Mapping[uuid.UUID, Meaning], loaded: Loaded) -> list[Point]:
    """Return the points of a binding, oldest first, of those of its series."""
    meaning = meant[one.term.kpi_id]
    if not meaning.made.steps:
        [points] = [loaded.of(*side) for side in sides(one, meant)]
        [own] = one.series.values()
        return _summed(_by_feed(own, meaning, points), partial(by_revision, meaning))
    return derived_points(
        meaning.made,
        _leaves(one, meant, loaded),
        lambda leaf, measure: meant[leaf].by_measure[measure],
        revision=meaning.measure,
    )


def _leaves(one: Selected, meant: Mapping[uuid.UUID, Meaning], loaded: Loaded) -> Courses:
    return {
        leaf: _by_labels(one.series[leaf], meant[leaf], loaded.of(*side))
        for leaf, side in zip(meant[one.term.kpi_id].made.leaves, sides(one, meant), strict=True)
    }


class _Rounds:
    """Series to load, in as many rounds as the same series is wanted by different definitions."""

    def __init__(self) -> None:
        self._wanted: dict[SeriesRef, None] = {}
        self._points: dict[SeriesRef, Sequence[Point]] = {}

    def add(self, side: Iterable[SelectedSeries], meaning: Meaning, by: Definition | None) -> None:
        for one in side:
            self._wanted[ref_of(one, meaning, by)] = None

    def load(
        self,
        *,
        workspace_id: uuid.UUID,
        as_of: datetime,
        known_at: datetime | None,
        within: Range | None,
        limit: int,
        told: Mapping[int, Told] | None,
    ) -> None:
        rounds: list[dict[int, SeriesRef]] = []
        for ref in self._wanted:
            free = next((asked for asked in rounds if ref.id not in asked), None)
            if free is None:
                rounds.append(free := {})
            free[ref.id] = ref
        for asked in rounds:
            points = load_points(
                workspace_id=workspace_id,
                series=asked.values(),
                as_of=as_of,
                known_at=known_at,
                limit=limit,
                within=within,
                told=told,
            )
            self._points |= {ref: points[ref.id] for ref in asked.values()}

    def of(
        self, side: Iterable[SelectedSeries], meaning: Meaning, by: Definition | None
    ) -> dict[int, Sequence[Point]]:
        return {one.id: self._points[ref_of(one, meaning, by)] for one in side}


def ref_of(one: SelectedSeries, meaning: Meaning, by: Definition | None) -> SeriesRef:
    """Return the series with the definition that its points are worked out by."""
    definition = meaning.by_measure[one.measure]
    if by is not None and by.period is not None:
        definition = replace(definition, period=by.period, zone=by.zone)
    return SeriesRef(one.id, one.measure, definition, one.told_at)


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
) -> list[Sequence[Point]]:
    """The courses of label sets: of each what its feeds come to, where its KPI combines feeds."""
    if meaning.definition.combine is None:
        return [points[series.id] for series in side]
    fed: dict[tuple[str, int], list[tuple[str, Sequence[Point]]]] = defaultdict(list)
    for one in side:
        fed[one.labels, one.measure].append((feed_name(one.part), points[one.id]))
    return [
        combined(_like(meaning.by_measure[measure], meaning.definition), courses)
        for (_, measure), courses in fed.items()
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
    side: Iterable[SelectedSeries], meaning: Meaning, points: Mapping[int, Sequence[Point]]
) -> dict[str, list[Point]]:
    """The points of a KPI by labels; series of several measures are one course."""
    labelled: dict[str, list[SelectedSeries]] = defaultdict(list)
    for one in side:
        labelled[one.labels].append(one)
    courses = {labels: _by_feed(mine, meaning, points) for labels, mine in labelled.items()}
    return {labels: _summed(found, partial(by_revision, meaning)) for labels, found in courses.items()}


def by_revision(meaning: Meaning, revision: Revision) -> Definition:
    """Return the definition of a measure; a revision of several numbers is of a KPI made of KPIs."""
    return meaning.by_measure[revision] if isinstance(revision, int) else meaning.definition
