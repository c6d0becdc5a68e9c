"""How one figure was made: the point as everybody reads it, and what stands behind it.

Nothing is worked out a second time: the point is that of `points_kpi`, the judgement that of `state_judged`,
what was known before a correction is the same point asked for by the other clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from kpis.models.bindings import Binding
from kpis.models.definitions import Kpi, KpiRevision
from kpis.queries.bases import CheckedBase, bases_of
from kpis.queries.bindings import Term
from kpis.queries.explain_beside import Beside, Restated, beside_total, only, restated_of_point
from kpis.queries.explain_feeds import Again, FeedSaid, feeds_said
from kpis.queries.explain_readings import Told, told_of
from kpis.queries.points_kpi import Course, Question, course_of, selected_of
from kpis.queries.points_plan import Clocks, known_by
from kpis.queries.state_judged import Judged, judged
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import SelectedSeries
from kpis.series.definition import Definition
from kpis.series.derivation import inputs_of
from kpis.series.period import Period, is_complete, period_of
from kpis.series.point import Point

_SECOND, _MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
_BASES = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """Which figure is meant. place: the period or instant that was named, None for the last complete one.

    live: as the map shows it now. binding: where it is shown, and by whose rules it is judged.
    """

    row: Kpi
    meant: Mapping[UUID, Meaning]
    question: Question
    place: Period | datetime | None
    live: bool
    binding: Binding | None

    @property
    def then(self) -> Clocks | None:
        """The instants that it is explained as of; None: now."""
        now = self.live and self.question.known_at is None
        return None if now else Clocks(self.question.as_of, self.question.known_at)


@dataclass(frozen=True, slots=True)
class Input:
    """One of the KPIs that a derived one is made of, and its figure of the same periods and labels."""

    row: Kpi
    question: Question
    point: Point | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure and what it is made of. point None: nothing was ever told. settled_at: when it could be
    judged. judged None: it is running or settling, or in longer periods than its KPI's."""

    figure: Figure
    course: Course
    point: Point | None
    definition: Definition
    settled_at: datetime | None
    series: Sequence[SelectedSeries]
    told: Told
    feeds: Sequence[FeedSaid]
    revisions: Sequence[KpiRevision]
    bases: Sequence[CheckedBase]
    inputs: Sequence[Input]
    restated: Restated | None
    total: Beside | None
    judged: Judged | None


def explain(figure: Figure) -> Explained:
    """Return how the figure was made."""
    row, question, meant = figure.row, figure.question, figure.meant
    course = course_of(row, meant, question)
    point = _point(figure, course)
    chosen = selected_of(row, meant, question)[0]
    measure = course.measure if point is None else _measure(point, course)
    definition = course.by_measure.get(measure, course.definition)
    clocks = Clocks(question.as_of, question.known_at)
    own = chosen.series.get(row.id, ())
    series = [one for one in own if point is None or one.measure == measure]
    told = Told((), True)
    if point is not None:
        told = told_of(
            workspace_id=row.workspace_id,
            kpi_id=row.id,
            series=series,
            by_measure=course.by_measure,
            point=point,
            clocks=clocks,
        )
    settled_at = None if point is None else point.end + definition.settle_s * _SECOND
    feeds = {*chosen.feeds, *(feed for _, feed in told.shares() if feed is not None)}
    return Explained(
        figure,
        course,
        point,
        definition,
        settled_at,
        series,
        told,
        feeds_said(row.workspace_id, feeds, again=_again(point, series, told), by=known_by(figure.then)),
        _revisions(row, measure, question),
        _bases(figure, definition, point),
        _inputs(figure, course, point),
        None if point is None or settled_at is None else restated_of_point(course, told, point, settled_at),
        beside_total(row, meant, question, definition, point),
        _judged(figure, course, definition, point, settled_at),
    )


def _point(figure: Figure, course: Course) -> Point | None:
    """The point that was named; of a period nobody spoke of one without a value."""
    place, question = figure.place, figure.question
    if place is None:
        for point in reversed(course.points):
            definition = course.by_measure.get(_measure(point, course), course.definition)
            if is_complete(point.end, definition.settle_s, question.as_of):
                return point
        return course.points[-1] if course.points else None
    if course.points:
        return course.points[-1]
    if isinstance(place, Period):
        return Point(place.start, place.end, revision=course.measure)
    kind = course.definition.period
    if kind is None:
        return None
    period = period_of(place, kind, course.definition.zone)
    return Point(period.start, period.end, revision=course.measure)


def _measure(point: Point, course: Course) -> int:
    return point.revision if isinstance(point.revision, int) else course.measure


def _again(point: Point | None, series: Sequence[SelectedSeries], told: Told) -> Again | None:
    """Which readings it is to be told of how often they were told again: those of the point."""
    told_since = min((one.reading.ref.recorded_at for one in told.readings), default=None)
    if point is None or told_since is None:
        return None
    return Again(frozenset(str(one.id) for one in series), point.start, point.end, told_since)


def _revisions(row: Kpi, measure: int, question: Question) -> Sequence[KpiRevision]:
    """The revisions of the figure's measure that were known, oldest first; the last one that held worked it
    out."""
    rows = KpiRevision.objects.filter(workspace_id=row.workspace_id, kpi_id=row.id, measure=measure)
    if question.known_at is not None:
        rows = rows.filter(recorded_at__lte=question.known_at)
    return list(rows.order_by("number"))


def _bases(figure: Figure, definition: Definition, point: Point | None) -> Sequence[CheckedBase]:
    """The bases that the figure stands on: the last before it of each series, and those within."""
    if not definition.stocked or point is None or point.start is None:
        return ()
    question, start = figure.question, point.start
    found = bases_of(figure.row, labels=question.selector, as_of=question.as_of, known_at=question.known_at)
    last = {one.series_id: one for one in found if one.given.at <= start}
    within = [one for one in found if start < one.given.at <= point.end]
    return [*last.values(), *within][:_BASES]


def _inputs(figure: Figure, course: Course, point: Point | None) -> Sequence[Input]:
    """What the expression names, from left to right, in the periods of what is made of it."""
    ids = inputs_of(course.definition)
    if not ids:
        return ()
    rows = {one.id: one for one in Kpi.objects.filter(workspace_id=figure.row.workspace_id, id__in=ids)}
    found = []
    for kpi in ids:
        meaning = figure.meant[kpi]
        period, zone = course.definition.period, course.definition.zone
        question = replace(
            figure.question,
            bucket=None if period == meaning.definition.period else period,
            zone=None if zone == meaning.definition.zone else zone,
        )
        mine: Sequence[Point] = ()
        if point is not None:
            mine = course_of(rows[kpi], figure.meant, replace(question, within=only(point))).points
        found.append(Input(rows[kpi], question, mine[-1] if mine else None))
    return found


def _judged(
    figure: Figure,
    course: Course,
    definition: Definition,
    point: Point | None,
    settled_at: datetime | None,
) -> Judged | None:
    """How the figure is judged: the last one as the map judges it now, one before as it was when it had
    settled."""
    row, question, at = figure.row, figure.question, figure.question.as_of
    if course.definition != figure.meant[row.id].definition:
        return None  # longer periods, or another zone's: nobody judges them
    if figure.place is not None:
        if settled_at is None or settled_at > at:
            return None
        at = settled_at
    binding = figure.binding
    named = row if binding is None else binding
    term = Term(
        named.id,
        row.id if binding is None else binding.journey_map_id,
        row.id,
        None if binding is None else binding.element_id,
        question.selector,
        row.name if binding is None else binding.label or row.name,
        row.key,
        0,
    )
    (found,) = judged(
        workspace_id=row.workspace_id,
        terms=[term],
        at=at,
        known_at=question.known_at,
        live=figure.live and figure.place is None,
    )
    last = found.state.judgement.point
    if point is not None and last is not None and (last.start, last.end) != (point.start, point.end):
        return None
    return found
