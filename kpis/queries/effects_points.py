"""The points on either side of an improvement, and how several of them come together as one."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpis.queries.improvements import Aim
from kpis.queries.points import Range
from kpis.queries.state_courses import by_revision
from kpis.queries.state_points import leaves_of_subjects, points_of_subjects
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected
from kpis.series.definition import Definition
from kpis.series.derived import over_spans
from kpis.series.effect import MOST, Wanted, Windows
from kpis.series.effect_noise import Pool
from kpis.series.point import Point
from kpis.series.reference import pooled

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Question:
    """as_of: what was true then. known_at: by what was known then, None = by all."""

    wanted: Wanted
    as_of: datetime
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: an aim, its series, and both windows."""

    aim: Aim
    selected: Selected
    definition: Definition
    windows: Windows


def points_around(
    workspace_id: uuid.UUID,
    effective_at: datetime,
    subjects: Sequence[Subject],
    meant: Mapping[uuid.UUID, Meaning],
    question: Question,
) -> list[Sequence[Point]]:
    """Return the points of all in both windows; those with the same windows are loaded together."""
    alike: dict[tuple[Range, int], list[int]] = defaultdict(list)
    for place, one in enumerate(subjects):
        for asked in _ranges(one, effective_at):
            alike[asked].append(place)
    found: list[list[Point]] = [[] for _ in subjects]
    for (within, limit), places in alike.items():
        courses = points_of_subjects(
            workspace_id=workspace_id,
            chosen=[subjects[place].selected for place in places],
            meant=meant,
            as_of=question.as_of,
            known_at=question.known_at,
            within=within,
            limit=limit,
        )
        for place, course in zip(places, courses, strict=True):
            found[place] += course
    return [sorted(course, key=lambda point: point.end) for course in found]


def _ranges(one: Subject, effective_at: datetime) -> list[tuple[Range, int]]:
    """What is read: the stretch of both windows; of figures of instants the last before, and all after."""
    before, after = one.windows.before, one.windows.after
    if one.definition.period is not None:
        return [(Range(before.start, max(after.end, before.end)), MOST)]
    return [(Range(None, effective_at), before.wanted), (Range(effective_at, after.end), MOST)]


def pools_of(
    workspace_id: uuid.UUID,
    subjects: Sequence[Subject],
    points: Sequence[Sequence[Point]],
    meant: Mapping[uuid.UUID, Meaning],
    question: Question,
) -> list[Pool]:
    """Return how points come together: from their own sums, or from those of the KPIs that it is made of."""
    found: list[Pool] = []
    for one, told in zip(subjects, points, strict=True):
        meaning = meant[one.aim.kpi]
        is_made = bool(meaning.made.steps and told)
        found.append(_made(workspace_id, one, told, meant, question) if is_made else _own(meaning))
    return found


def _own(meaning: Meaning) -> Pool:
    def pool(points: Sequence[Point]) -> Point | None:
        start, end = points[0].start or points[0].end, points[-1].end
        return pooled(by_revision(meaning, points[-1].revision), points, start=start, end=end)

    return pool


def _made(
    workspace_id: uuid.UUID,
    one: Subject,
    told: Sequence[Point],
    meant: Mapping[uuid.UUID, Meaning],
    question: Question,
) -> Pool:
    meaning = meant[one.aim.kpi]
    (courses,) = leaves_of_subjects(
        workspace_id=workspace_id,
        chosen=[one.selected],
        meant=meant,
        as_of=question.as_of,
        known_at=question.known_at,
        within=Range(told[0].start or told[0].end, told[-1].end + _MICROSECOND),
        limit=len(told) + MOST,
    )

    def pool(points: Sequence[Point]) -> Point | None:
        return over_spans(
            meaning.made,
            courses,
            lambda leaf, measure: meant[leaf].by_measure[measure],
            {(point.start, point.end) for point in points},
            revision=meaning.measure,
        )

    return pool
