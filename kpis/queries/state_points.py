"""The series that bindings select, and their points: summed again over labels, divided for ratios."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from django.db import connection

from kpis.queries.bindings import Term
from kpis.queries.points import SeriesRef, load_points
from kpis.queries.sql import statement
from kpis.queries.state_rules import Meaning
from kpis.series.definition import Definition
from kpis.series.labels import EVERY
from kpis.series.point import Point, Revision, make_point, ratio_points
from kpis.series.rollup import over_labels
from kpis.series.sums import Sums

_SELECT = statement("selected_series")
# The running and the settling periods come on top of the sixty that are judged.
_LIMIT = 64


@dataclass(frozen=True, slots=True)
class _Series:
    id: int
    measure: int
    labels: str
    feed_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Selected:
    """A binding with its series: its KPI's own, or those of the numerator and of the denominator."""

    term: Term
    own: tuple[_Series, ...] = ()
    numerator: tuple[_Series, ...] = ()
    denominator: tuple[_Series, ...] = ()

    @property
    def feeds(self) -> set[uuid.UUID]:
        every = (*self.own, *self.numerator, *self.denominator)
        return {one.feed_id for one in every if one.feed_id is not None}


@dataclass(slots=True)
class _Question:
    """Subjects of one statement: (KPI, selector) by their number."""

    kpis: list[uuid.UUID] = field(default_factory=list)
    selectors: list[str] = field(default_factory=list)

    def ask(self, kpi_id: uuid.UUID, selector: Mapping[str, str]) -> int:
        self.kpis.append(kpi_id)
        self.selectors.append(json.dumps(dict(selector)))
        return len(self.kpis) - 1


def select_series(
    *,
    workspace_id: uuid.UUID,
    terms: Sequence[Term],
    meant: Mapping[uuid.UUID, Meaning],
    seen_for: Mapping[str, str],
) -> list[Selected]:
    """Return the series of each term, in the terms' order. One statement.

    Seen for a persona, a binding selects the persona's labels as well, if its KPI has such labels at all: a
    KPI that nobody tells apart keeps its own figure, and a persona without readings is `missing`.
    """
    question = _Question()
    asked: list[list[list[int]]] = []
    for term in terms:
        parts = _parts(term, meant)
        narrow = {**term.selector, **seen_for}
        probe = {**term.selector, **dict.fromkeys(seen_for, EVERY)}
        selectors = [narrow, probe, term.selector] if seen_for else [term.selector]
        asked.append([[question.ask(part, selector) for part in parts] for selector in selectors])
    found = _select(workspace_id, question)
    return [
        _chosen(term, numbers, found, meant, seen_for) for term, numbers in zip(terms, asked, strict=True)
    ]


def _parts(term: Term, meant: Mapping[uuid.UUID, Meaning]) -> tuple[uuid.UUID, ...]:
    meaning = meant[term.kpi_id]
    if meaning.numerator is None or meaning.denominator is None:
        return (term.kpi_id,)
    return (meaning.numerator, meaning.denominator)


def _select(workspace_id: uuid.UUID, question: _Question) -> dict[int, list[_Series]]:
    found: dict[int, list[_Series]] = defaultdict(list)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "subjects": list(range(len(question.kpis))),
        "kpis": question.kpis,
        "selectors": question.selectors,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, values)
        for subject, series_id, measure, labels, feed_id in cursor.fetchall():
            found[subject].append(_Series(series_id, measure, labels, feed_id))
    return found


def _chosen(
    term: Term,
    numbers: Sequence[Sequence[int]],
    found: Mapping[int, list[_Series]],
    meant: Mapping[uuid.UUID, Meaning],
    seen_for: Mapping[str, str],
) -> Selected:
    """Take the persona's series where the KPI knows the persona's labels, else the binding's own."""
    taken = numbers[0]
    if seen_for:
        known = any(found.get(number) for number in numbers[1])
        taken = numbers[0] if known else numbers[2]
        term = replace(term, selector={**term.selector, **seen_for}) if known else term
    # Series of a measure that was not laid down yet at that instant say nothing of it.
    series = [
        tuple(one for one in found.get(number, ()) if one.measure in meant[kpi_id].by_measure)
        for number, kpi_id in zip(taken, _parts(term, meant), strict=True)
    ]
    if len(series) == 1:
        return Selected(term, own=series[0])
    return Selected(term, numerator=series[0], denominator=series[1])


def points_of_subjects(
    *,
    workspace_id: uuid.UUID,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    as_of: datetime,
    known_at: datetime | None,
) -> list[list[Point]]:
    """Return the points of each binding, oldest first, in their order.

    A series is asked for once per definition that its points are worked out by: a ratio of months asks for
    its parts by the month. Each round of series is three statements, whatever their number.
    """
    rounds = _Rounds()
    for one in chosen:
        for side, meaning, by in _sides(one, meant):
            rounds.add(side, meaning, by)
    rounds.load(workspace_id=workspace_id, as_of=as_of, known_at=known_at)
    courses = []
    for one in chosen:
        sides = [(side, meaning, rounds.of(side, meaning, by)) for side, meaning, by in _sides(one, meant)]
        if len(sides) == 2:
            above, below = (_by_labels(*side) for side in sides)
            courses.append(_divided(meant[one.term.kpi_id], above, below))
        else:
            [(own, meaning, points)] = sides
            courses.append(_summed([points[series.id] for series in own], partial(by_revision, meaning)))
    return courses


Side = tuple[tuple[_Series, ...], Meaning, Definition | None]


def _sides(one: Selected, meant: Mapping[uuid.UUID, Meaning]) -> list[Side]:
    """The series of a binding, what their KPI means, and the ratio in whose periods they are wanted."""
    meaning = meant[one.term.kpi_id]
    if meaning.numerator is None or meaning.denominator is None:
        return [(one.own, meaning, None)]
    by = meaning.definition
    return [
        (one.numerator, meant[meaning.numerator], by),
        (one.denominator, meant[meaning.denominator], by),
    ]


class _Rounds:
    """Series to load, in as many rounds as the same series is wanted by different definitions."""

    def __init__(self) -> None:
        self._wanted: dict[SeriesRef, None] = {}
        self._points: dict[SeriesRef, list[Point]] = {}

    def add(self, side: Iterable[_Series], meaning: Meaning, by: Definition | None) -> None:
        for one in side:
            self._wanted[_ref(one, meaning, by)] = None

    def load(self, *, workspace_id: uuid.UUID, as_of: datetime, known_at: datetime | None) -> None:
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
                limit=_LIMIT,
            )
            self._points |= {ref: points[ref.id] for ref in asked.values()}

    def of(self, side: Iterable[_Series], meaning: Meaning, by: Definition | None) -> dict[int, list[Point]]:
        return {one.id: self._points[_ref(one, meaning, by)] for one in side}


def _ref(one: _Series, meaning: Meaning, by: Definition | None) -> SeriesRef:
    """The series with the definition that its points are worked out by."""
    definition = meaning.by_measure[one.measure]
    if by is not None and by.period is not None:
        definition = replace(definition, period=by.period, zone=by.zone)
    return SeriesRef(one.id, one.measure, definition)


def _summed(courses: Sequence[Sequence[Point]], by_measure: Callable[[Revision], Definition]) -> list[Point]:
    """The points of all series together: of each period the sums; of two revisions only the later one's."""
    if len(courses) == 1:
        return list(courses[0])
    spans: dict[tuple[datetime, datetime], list[Point]] = defaultdict(list)
    for point in chain.from_iterable(courses):
        spans[point.end, point.start or point.end].append(point)
    points = []
    for span in sorted(spans):
        revision = max((point.revision for point in spans[span]), key=_order)
        same = [point for point in spans[span] if point.revision == revision]
        points.append(same[0] if len(same) == 1 else _together(same, by_measure(revision)))
    return points


def _together(same: Sequence[Point], definition: Definition) -> Point:
    first = same[0]
    seen = [point.observed_at for point in same if point.observed_at is not None]
    return make_point(
        definition,
        over_labels(definition, [point.sums for point in same]) or Sums(),
        start=first.start,
        end=first.end,
        observed_at=max(seen) if len(seen) == len(same) else None,
        revision=first.revision,
    )


def _order(revision: Revision) -> tuple[int, ...]:
    return revision if isinstance(revision, tuple) else (revision,)


def _divided(
    meaning: Meaning, above: Mapping[str, Sequence[Point]], below: Mapping[str, Sequence[Point]]
) -> list[Point]:
    """Figures of the same period and labels divided; of several label sets both sides are summed first."""
    courses = [
        ratio_points(
            meaning.definition, above.get(labels, ()), below.get(labels, ()), revision=meaning.measure
        )
        for labels in sorted(above.keys() | below.keys())
    ]
    return _summed(courses, lambda revision: meaning.definition)


def _by_labels(
    side: Iterable[_Series], meaning: Meaning, points: Mapping[int, Sequence[Point]]
) -> dict[str, list[Point]]:
    """The points of one side of a ratio, by labels; series of several measures are one course."""
    courses: dict[str, list[Sequence[Point]]] = defaultdict(list)
    for one in side:
        courses[one.labels].append(points[one.id])
    return {labels: _summed(found, partial(by_revision, meaning)) for labels, found in courses.items()}


def by_revision(meaning: Meaning, revision: Revision) -> Definition:
    """Return the definition of a measure; a revision of several numbers is a ratio's."""
    return meaning.by_measure[revision] if isinstance(revision, int) else meaning.definition
