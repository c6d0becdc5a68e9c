"""What stands beside an explained figure: what it was before, and the total or parts it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from kpis.models.definitions import Kpi
from kpis.queries.explain_readings import Told, last_change
from kpis.queries.points import Range
from kpis.queries.points_kpi import Course, Question, course_of
from kpis.queries.readings import RecordedReading
from kpis.queries.state_rules import Meaning
from kpis.series.definition import Definition
from kpis.series.labels import EVERY
from kpis.series.point import Point
from kpis.series.totals import Compared, compare, parts_selector, total_labels

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Restated:
    """What the figure was when it had settled. at, why, reason: of the last change; by: the reading that made
    it, where one of the KPI's own did."""

    was: Point
    at: datetime
    why: str
    reason: str | None
    by: RecordedReading | None


@dataclass(frozen=True, slots=True)
class Beside:
    """A total that was sent and the sum of its parts. question: for the one of them that is not explained."""

    compared: Compared
    question: Question


def restated_of_point(course: Course, told: Told, point: Point, settled_at: datetime) -> Restated | None:
    """Return what the figure was when first shown, as its point says, and the reading that changed it where
    it is one of its own."""
    said = course.restated.get((point.start, point.end))
    if said is None:
        return None
    change, last = said.change, last_change(told, point, settled_at)
    by = last if last is not None and last.ref.recorded_at == change.at else None
    return Restated(said.was, change.at, change.why, change.reason, by)


def beside_total(
    row: Kpi,
    meant: Mapping[UUID, Meaning],
    question: Question,
    definition: Definition,
    point: Point | None,
) -> Beside | None:
    """Return a total and the sum of its parts, where the point is one of both and the other is there."""
    total, labels = definition.total, question.selector
    if total is None or point is None or labels.get(total.label, EVERY) != EVERY:
        return None
    whole = total_labels(total.label, labels)
    is_sent = total.label not in labels
    selector = parts_selector(total.label, labels) if is_sent else whole
    other = replace(question, selector=selector, within=only(point))
    points = course_of(row, meant, other).points
    beside = next((one for one in points if (one.start, one.end) == (point.start, point.end)), None)
    if beside is None:
        return None
    compared = compare(definition, *((point, beside) if is_sent else (beside, point)))
    return None if compared is None else Beside(compared, other)


def only(point: Point) -> Range:
    """Return the range that has this point alone."""
    start = point.start or point.end
    return Range(start, start + _MICROSECOND)
