"""The points of one KPI under a selector: summed over labels, divided if a ratio, in longer periods."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from kpis.models.definitions import Kpi
from kpis.queries.bindings import Term
from kpis.queries.figures_held import unheld
from kpis.queries.points import Range
from kpis.queries.points_plan import Clocks
from kpis.queries.restated import Settled, restated_of
from kpis.queries.state_courses import by_revision
from kpis.queries.state_invited import beside, invited_terms
from kpis.queries.state_points import points_of_subjects
from kpis.queries.state_rules import Meaning, meanings
from kpis.queries.state_series import Selected, select_series
from kpis.series.definition import Definition
from kpis.series.gaps import Drawn, Fill, filled, gap_periods, with_gaps
from kpis.series.period import period_of, periods_between
from kpis.series.plausibility_whole import overshadowed
from kpis.series.point import Point
from kpis.series.resample import not_in_periods
from kpis.series.response import Responses
from kpis.series.restated import Restated, Span


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a KPI. bucket: a longer period than the KPI's, None = its own. zone: of the periods,
    None = the KPI's own. fill: what stands in the place of periods of which nobody spoke.

    within: a range, None = the last `limit` points. known_at None: by all that is known.
    """

    selector: Mapping[str, str]
    bucket: str | None
    within: Range | None
    limit: int
    as_of: datetime
    known_at: datetime | None
    zone: str | None = None
    fill: Fill = "null"


@dataclass(frozen=True, slots=True)
class Course:
    """The points of a KPI, oldest first, and what it meant, in the periods asked for.

    told: of buckets made of shorter figures, by their start, how many of their periods have one; else None.
    restated: by the span of a point what it was before it was told otherwise. responses: of a survey, by the
    span, how many of those asked have answered.
    """

    points: Sequence[Point]
    definition: Definition
    measure: int
    by_measure: Mapping[int, Definition]
    told: Mapping[datetime, int] | None
    restated: Mapping[Span, Restated] = field(default_factory=dict)
    responses: Responses = field(default_factory=dict)


def meaning_then(row: Kpi, question: Question) -> dict[uuid.UUID, Meaning]:
    """Return what the KPI meant, and the parts of a ratio."""
    return meanings(
        workspace_id=row.workspace_id,
        kpi_ids=[row.id],
        as_of=question.as_of,
        known_at=question.known_at,
    )


def course_of(row: Kpi, meant: Mapping[uuid.UUID, Meaning], question: Question) -> Course:
    """Return the points asked for. A bucket shorter than the KPI's period is the caller's to refuse."""
    own = meant[row.id].definition
    asked = _as_asked(row, meant, question)
    chosen = selected_of(row, asked, question)
    points, answered = _load(row, chosen, asked, question, question.within)
    definition = asked[row.id].definition
    told = None
    counted = own.period not in (None, definition.period) and own.holds == "figures"
    held = own.expression is not None and definition.whole_band != own.whole_band
    if points and (counted or held):
        shorter = _load(row, chosen, meant, question, _whole(points))[0]
        if held:
            points = overshadowed(definition, points, shorter)
        if counted:
            told = _told(shorter, definition)
    restated = _restated(row, chosen, asked, points, question)
    meaning = asked[row.id]
    return Course(points, definition, meaning.measure, meaning.by_measure, told, restated, answered)


def _as_asked(
    row: Kpi, meant: Mapping[uuid.UUID, Meaning], question: Question
) -> Mapping[uuid.UUID, Meaning]:
    """What the KPI means in the periods asked for."""
    if question.bucket is None and question.zone is None:
        return meant
    return {**meant, row.id: _in_buckets(meant[row.id], question.bucket, question.zone)}


def _restated(
    row: Kpi,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    points: Sequence[Point],
    question: Question,
) -> dict[Span, Restated]:
    """What the points that have settled were when they were first shown."""
    clocks = Clocks(question.as_of, question.known_at)
    settled = []
    for point in points:
        definition = by_revision(meant[row.id], point.revision)
        settled_at = point.end + timedelta(seconds=definition.settle_s)
        if settled_at <= question.as_of:
            settled.append(Settled(chosen[0], point, settled_at))
    found = restated_of(workspace_id=row.workspace_id, settled=settled, meant=meant, clocks=clocks)
    return {
        (one.point.start, one.point.end): each
        for one, each in zip(settled, found, strict=True)
        if each is not None
    }


def drawn(course: Course, question: Question) -> Sequence[Drawn]:
    """Return the points with their gaps: between the first and the last; of a range that is filled, all."""
    points, definition = course.points, course.definition
    if question.fill == "none":
        return [Drawn(point) for point in points]
    since, until = None, question.as_of
    if question.within is not None and question.within.since is not None:
        since, until = question.within.since, min(question.within.until, question.as_of)
        if question.fill == "null" and points:
            since, until = max(since, _start(points[0])), points[-1].end
        elif question.fill == "null":
            return []
    periods = gap_periods(points, definition, since=since, until=until, limit=question.limit)
    shown = with_gaps(points, periods, course.measure)
    spoken = {_start(point) for point in points}
    gaps = frozenset(period.start for period in periods) - spoken
    return filled(shown, gaps, definition, question.fill, question.as_of)


def _whole(points: Sequence[Point]) -> Range:
    return Range(_start(points[0]), points[-1].end)


def _told(parts: Sequence[Point], definition: Definition) -> Counter[datetime]:
    """Count, by the start of the bucket that they fit into, the shorter periods that have a figure."""
    assert definition.period is not None
    buckets = ((part, period_of(_start(part), definition.period, definition.zone)) for part in parts)
    return Counter(
        bucket.start for part, bucket in buckets if part.value is not None and part.end <= bucket.end
    )


def parts_of(point: Point, own: Definition) -> int:
    """Return how many of the KPI's own periods lie in the point's."""
    assert own.period is not None
    periods = periods_between(_start(point), point.end, own.period, own.zone)
    return sum(period.start >= _start(point) and period.end <= point.end for period in periods)


def _in_buckets(meaning: Meaning, bucket: str | None, zone: str | None) -> Meaning:
    """What is measured otherwise than now, and cannot be told in such periods, stays in its own."""

    def told(definition: Definition) -> Definition:
        asked = replace(definition, period=bucket or definition.period, zone=zone or definition.zone)
        return definition if asked == definition else unheld(asked)

    by_measure = {
        measure: definition if not_in_periods(definition, bucket, zone) else told(definition)
        for measure, definition in meaning.by_measure.items()
    }
    return msgspec.structs.replace(
        meaning, definition=told(meaning.definition), by_measure=by_measure, own=meaning.by_measure
    )


def selected_of(row: Kpi, meant: Mapping[uuid.UUID, Meaning], question: Question) -> list[Selected]:
    """Return the series that the selector names, the first subject; whom a survey asked comes after."""
    term = Term(row.id, row.id, row.id, None, question.selector, row.name, row.key, 0)
    terms = [term, *(invited for _, invited in invited_terms([term], meant))]
    return select_series(workspace_id=row.workspace_id, terms=terms, meant=meant, seen_for={})


def _load(
    row: Kpi,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    question: Question,
    within: Range | None,
) -> tuple[Sequence[Point], Responses]:
    asked = beside(chosen, invited_terms([one.term for one in chosen[:1]], meant), meant)
    courses = points_of_subjects(
        workspace_id=row.workspace_id,
        chosen=asked.chosen,
        meant=asked.meant,
        as_of=question.as_of,
        known_at=question.known_at,
        within=within,
        limit=question.limit,
    )
    [points], [answered] = asked.split(courses)
    return points, answered


def _start(point: Point) -> datetime:
    return point.start or point.end
