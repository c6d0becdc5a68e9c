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
from kpis.queries.state_own import held_in, preferred_in, told_by
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected, SelectedSeries
from kpis.series.definition import Definition
from kpis.series.derived import Courses, derived_points
from kpis.series.feeds import combined, feed_name, in_longer
from kpis.series.labels import labels_key
from kpis.series.plausibility_whole import overshadowed
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

    def own(self, one: SelectedSeries, definition: Definition) -> Sequence[Point]:
        """Of a KPI that is told in other periods than its own: the points in these (`state_own`)."""
        ...


def course(
    one: Selected, meant: Mapping[uuid.UUID, Meaning], loaded: Loaded, held: Holding | None = None
) -> list[Point]:
    """Return the points of a binding, oldest first, of those of its series.

    held: what holds figures of whole periods against their bands; None: they are told as they are.
    """
    kpi_id = one.term.kpi_id
    meaning = meant[kpi_id]
    if not meaning.made.steps:
        [side] = sides(one, meant)
        courses = [points for _, points in _by_labels(kpi_id, side, loaded, held)]
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
    """Return the points of the KPIs that a binding's is made of, of all measures, by their labels."""
    return {
        leaf: _of_measures(leaf, side, loaded, held)
        for leaf, side in zip(meant[one.term.kpi_id].made.leaves, sides(one, meant), strict=True)
    }


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


def _by_labels(
    kpi_id: uuid.UUID, side: Side, loaded: Loaded, held: Holding | None
) -> list[tuple[str, Sequence[Point]]]:
    """The courses of label sets, by their canonical text, each of one measure: of each what its feeds come
    to, where its KPI combines feeds, without what is not plausible."""
    series, meaning, by = side
    points = loaded.of(*side)
    fed: dict[tuple[str, int], list[SelectedSeries]] = defaultdict(list)
    apart = meaning.definition.combine is None
    for one in series:
        fed[one.labels, one.id if apart else one.measure].append(one)
    return [
        (labels, _of_label_set(kpi_id, (tuple(mine), meaning, by), points, loaded, held))
        for (labels, _), mine in fed.items()
    ]


def _of_label_set(
    kpi_id: uuid.UUID,
    side: Side,
    points: Mapping[int, Sequence[Point]],
    loaded: Loaded,
    held: Holding | None,
) -> Sequence[Point]:
    """The points of a label set's series, of one measure."""
    mine, meaning, by = side
    labels, measure = mine[0].labels, mine[0].measure
    told, chosen_in = told_by(meaning, measure, by), preferred_in(meaning, measure, by)
    found: Sequence[Point] = _combined(meaning, told, {one.id: points[one.id] for one in mine}, mine)
    if chosen_in is not None:
        own = _combined(meaning, chosen_in, {one.id: loaded.own(one, chosen_in) for one in mine}, mine)
        starts = {point.start for point in found}
        found = [point for point in in_longer(own, told) if point.start in starts]
    if held is None:
        return found
    own_band = held_in(meaning, measure, by)
    if own_band is None:
        return held.of_one(kpi_id, labels, told, found)
    own = _combined(meaning, own_band, {one.id: loaded.own(one, own_band) for one in mine}, mine)
    return overshadowed(told, found, held.of_one(kpi_id, labels, own_band, own))


def _combined(
    meaning: Meaning,
    definition: Definition,
    points: Mapping[int, Sequence[Point]],
    mine: Sequence[SelectedSeries],
) -> Sequence[Point]:
    """What feeds come to, as the KPI says now, also in what was measured otherwise before."""
    now = meaning.definition
    if now.combine is None:
        return points[mine[0].id]
    like_now = replace(definition, combine=now.combine, feeds=now.feeds)
    return combined(like_now, [(feed_name(one.part), points[one.id]) for one in mine])


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


def _of_measures(
    kpi_id: uuid.UUID, side: Side, loaded: Loaded, held: Holding | None
) -> dict[str, list[Point]]:
    """The points of a KPI by labels; series of several measures are one course."""
    courses: dict[str, list[Sequence[Point]]] = defaultdict(list)
    for labels, course in _by_labels(kpi_id, side, loaded, held):
        courses[labels].append(course)
    return {labels: _summed(found, partial(by_revision, side[1])) for labels, found in courses.items()}


def by_revision(meaning: Meaning, revision: Revision) -> Definition:
    """Return the definition of a measure; a revision of several numbers is of a KPI made of KPIs."""
    return meaning.by_measure[revision] if isinstance(revision, int) else meaning.definition
