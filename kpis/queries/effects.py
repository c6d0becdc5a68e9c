"""What the figures did around an improvement, as of an instant, as known at another.

Whatever the number of KPIs: one statement each for the improvement, the bindings, the definitions, the series
and the other improvements, and those of `load_points` for every kind of period among them.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kpis.models.definitions import Kpi
from kpis.queries.bindings import Term, terms_as_of
from kpis.queries.horizon import kept_from, refuse_beyond
from kpis.queries.improvements import Aim, Known, known
from kpis.queries.points import Range
from kpis.queries.state_courses import by_revision
from kpis.queries.state_points import leaves_of_subjects, points_of_subjects
from kpis.queries.state_rules import Meaning, meanings
from kpis.queries.state_series import Selected, select_series
from kpis.series.definition import Definition
from kpis.series.derived import over_spans
from kpis.series.effect import MOST, Wanted, Windows, windows
from kpis.series.effect_measured import Effect, measured
from kpis.series.effect_noise import Pool
from kpis.series.labels import labels_key
from kpis.series.point import Point
from kpis.series.reference import pooled

SHOWN = 50
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Question:
    """as_of: what was true then. known_at: by what was known then, None = by all."""

    wanted: Wanted
    as_of: datetime
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A KPI under its labels around the change. others: improvements that fall into its windows, too."""

    row: Kpi
    aim: Aim
    definition: Definition
    measure: int
    windows: Windows
    effect: Effect
    others: Sequence[Known]


@dataclass(frozen=True, slots=True)
class _Subject:
    aim: Aim
    selected: Selected
    definition: Definition
    windows: Windows


def effects(workspace_id: uuid.UUID, improvement: Known, question: Question) -> tuple[list[Measured], int]:
    """Return what the KPIs did that it aims at, else those bound at its elements; and how many are left out.

    Raises BeyondRetention: nothing is kept of the time before it.
    """
    refuse_beyond(workspace_id, question.as_of, question.known_at, improvement.effective_at)
    aims = _aims(workspace_id, improvement, question)
    subjects, meant = _subjects(workspace_id, improvement, aims[:SHOWN], question)
    points = _points(workspace_id, improvement, subjects, meant, question)
    pools = _pools(workspace_id, subjects, points, meant, question)
    rows = Kpi.objects.filter(workspace_id=workspace_id).in_bulk([one.aim.kpi for one in subjects])
    near = _near(workspace_id, improvement, subjects, question)
    found = []
    for place, one in enumerate(subjects):
        effect = measured(
            one.definition,
            one.windows,
            points[place],
            pools[place],
            effective_at=improvement.effective_at,
            until=improvement.until,
            as_of=question.as_of,
        )
        others = [other for other in near if _meets(other, one, effect)]
        measure = meant[one.aim.kpi].measure
        found.append(
            Measured(rows[one.aim.kpi], one.aim, one.definition, measure, one.windows, effect, others)
        )
    return found, max(0, len(aims) - SHOWN)


def _aims(workspace_id: uuid.UUID, improvement: Known, question: Question) -> list[Aim]:
    """Those that it names; else what is bound at its elements, or at the map, each once."""
    if improvement.aims:
        return list(improvement.aims)
    terms = terms_as_of(
        workspace_id=workspace_id,
        journey_map_ids=[improvement.journey_map_id],
        as_of=question.as_of,
        known_at=question.known_at,
    )
    places: set[uuid.UUID | None] = {*improvement.elements} or {None}
    bound = {
        (term.kpi_id, labels_key(term.selector)): Aim(term.kpi_id, term.selector)
        for term in terms
        if term.element_id in places
    }
    return list(bound.values())


def _subjects(
    workspace_id: uuid.UUID, improvement: Known, aims: Sequence[Aim], question: Question
) -> tuple[list[_Subject], Mapping[uuid.UUID, Meaning]]:
    if not aims:
        return [], {}
    meant = meanings(
        workspace_id=workspace_id,
        kpi_ids={aim.kpi for aim in aims},
        as_of=question.as_of,
        known_at=question.known_at,
    )
    aims = [aim for aim in aims if aim.kpi in meant]  # those that were known by then
    terms = [_term(improvement, aim) for aim in aims]
    chosen = select_series(workspace_id=workspace_id, terms=terms, meant=meant, seen_for={})
    horizon = kept_from(workspace_id)
    subjects = []
    for aim, selected in zip(aims, chosen, strict=True):
        definition = meant[aim.kpi].definition
        found = windows(
            definition,
            effective_at=improvement.effective_at,
            until=improvement.until,
            as_of=question.as_of,
            wanted=question.wanted,
            kept_from=horizon,
        )
        subjects.append(_Subject(aim, selected, definition, found))
    return subjects, meant


def _term(improvement: Known, aim: Aim) -> Term:
    return Term(improvement.id, improvement.journey_map_id, aim.kpi, None, aim.labels, "", None, 0)


def _points(
    workspace_id: uuid.UUID,
    improvement: Known,
    subjects: Sequence[_Subject],
    meant: Mapping[uuid.UUID, Meaning],
    question: Question,
) -> list[Sequence[Point]]:
    """The points of all in both windows; those with the same windows are loaded together."""
    alike: dict[tuple[Range, int], list[int]] = defaultdict(list)
    for place, one in enumerate(subjects):
        for asked in _ranges(one, improvement.effective_at):
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


def _ranges(one: _Subject, effective_at: datetime) -> list[tuple[Range, int]]:
    """What is read: the stretch of both windows; of figures of instants the last before, and all after."""
    before, after = one.windows.before, one.windows.after
    if one.definition.period is not None:
        return [(Range(before.start, max(after.end, before.end)), MOST)]
    return [(Range(None, effective_at), before.wanted), (Range(effective_at, after.end), MOST)]


def _pools(
    workspace_id: uuid.UUID,
    subjects: Sequence[_Subject],
    points: Sequence[Sequence[Point]],
    meant: Mapping[uuid.UUID, Meaning],
    question: Question,
) -> list[Pool]:
    """How points come together: from their own sums, or from those of the KPIs that it is made of."""
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
    one: _Subject,
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


def _near(
    workspace_id: uuid.UUID, improvement: Known, subjects: Sequence[_Subject], question: Question
) -> list[Known]:
    """The other improvements of the map, and of these KPIs."""
    found = known(
        workspace_id,
        known_at=question.known_at,
        journey_map=improvement.journey_map_id,
        kpis={one.aim.kpi for one in subjects},
    )
    return [other for other in found if other.id != improvement.id]


def _meets(other: Known, one: _Subject, effect: Effect) -> bool:
    """Say whether another change, or the end of one, falls between beginning and end of both windows."""
    if not effect.before.told and not effect.after.told:
        return False
    told = [*effect.before.told, *effect.after.told]
    start, end = told[0].start or told[0].end, max(told[-1].end, one.windows.after.start)
    return any(at is not None and start <= at < end for at in (other.effective_at, other.until))


def by_expectation(aim: Aim, effect: Effect) -> bool | None:
    """Say whether the figure did what was hoped for; None where nothing was, or nobody can tell yet."""
    if aim.direction is None or effect.change is None:
        return None
    if effect.verdict == "within_noise":
        return False
    if effect.verdict != "more_than_noise":
        return None
    way = effect.change if aim.direction == "up" else -effect.change
    return way > 0 and (aim.by is None or way >= Decimal(aim.by))
