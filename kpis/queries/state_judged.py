"""What bindings show at an instant: terms joined with points, rules and definitions, then folded purely.

Ingest, sweeps, personas and as-of reads all come here. Whatever the number of bindings, the number of
statements is the same: definitions, rules, series, broken sources (where any feeds them), and the points
(once more for the parts of ratios, where rules look back, and for each period that is a baseline).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from kpis.queries.bindings import Term
from kpis.queries.feeds import broken_feeds
from kpis.queries.points import Told
from kpis.queries.points_plan import Clocks
from kpis.queries.restated import Settled, restated_of
from kpis.queries.state import broken_by
from kpis.queries.state_courses import by_revision
from kpis.queries.state_invited import beside, invited_terms
from kpis.queries.state_past import past_of
from kpis.queries.state_points import points_of_subjects
from kpis.queries.state_rules import Meaning, RuleBook, meanings, rule_book
from kpis.queries.state_series import Selected, select_series
from kpis.series.definition import Definition
from kpis.series.exact import encode
from kpis.series.freshness import Feed
from kpis.series.labels import EVERY
from kpis.series.live_entry import LiveState, Shown, last_settled, live_state
from kpis.series.pace import pace
from kpis.series.period import is_complete
from kpis.series.point import Point
from kpis.series.reference import Baselines
from kpis.series.response import Responses
from kpis.series.restated import Restated


class Judged(msgspec.Struct, frozen=True, gc=False):
    """A binding and what it shows: `text` is the entry as JSON, `emotion` -1..+1 or None.

    definition: by which the last figure was worked out. series: those that it shows.
    """

    term: Term
    series: Collection[int]
    definition: Definition
    state: LiveState
    text: str
    emotion: Decimal | None


def judged(
    *,
    workspace_id: uuid.UUID,
    terms: Sequence[Term],
    at: datetime,
    until: datetime | None = None,
    known_at: datetime | None = None,
    live: bool = False,
    told: Mapping[int, Told] | None = None,
    seen_for: Mapping[str, str] | None = None,
) -> list[Judged]:
    """Return what the bindings of `terms` show at `at`, in their order.

    until: readings are taken as they were told by then (None: by `at`). known_at: what had been recorded by
    then (None: all). live: sources are broken that are so now; else those that were, as far as both instants
    know. told: with `live`, what this transaction told of series. seen_for: a persona's selector; bindings
    of other labels than the persona's are left out.
    """
    if seen_for:
        terms = [narrowed for term in terms if (narrowed := _narrowed(term, seen_for)) is not None]
    if not terms:
        return []
    as_of = until or at
    kpi_ids = {term.kpi_id for term in terms}
    meant = meanings(workspace_id=workspace_id, kpi_ids=kpi_ids, as_of=at, known_at=known_at)
    rules = rule_book(
        workspace_id=workspace_id,
        kpi_ids=kpi_ids,
        binding_ids=[term.binding_id for term in terms],
        known_at=known_at,
    )
    invited = invited_terms(terms, meant)
    every = [*terms, *(term for _, term in invited)]
    selected = select_series(workspace_id=workspace_id, terms=every, meant=meant, seen_for=seen_for or {})
    subjects = beside(selected, invited, meant)
    every_course = points_of_subjects(
        workspace_id=workspace_id,
        chosen=subjects.chosen,
        meant=subjects.meant,
        as_of=as_of,
        known_at=known_at,
        told=told,
    )
    chosen = selected[: len(terms)]
    points, answered = subjects.split(every_course)
    past = past_of(
        workspace_id=workspace_id,
        chosen=chosen,
        meant=meant,
        rules=rules,
        as_of=as_of,
        known_at=known_at,
    )
    feeds = {feed for one in chosen for feed in one.feeds}
    known_by = at if known_at is None else min(at, known_at)
    broken: set[uuid.UUID] = set()
    if feeds:
        broken = (
            broken_feeds(workspace_id)
            if live
            else broken_by(workspace_id=workspace_id, feeds=feeds, at=known_by)
        )
    courses = [past.points.get(place, course) for place, course in enumerate(points)]
    before = _restated(workspace_id, chosen, courses, meant, Clocks(as_of, known_at), at)
    return [
        _judge(
            one,
            courses[place],
            meant[one.term.kpi_id],
            rules,
            past.baselines_of(place),
            broken,
            before[place],
            answered[place],
            at,
        )
        for place, one in enumerate(chosen)
    ]


def _restated(
    workspace_id: uuid.UUID,
    chosen: Sequence[Selected],
    courses: Sequence[Sequence[Point]],
    meant: Mapping[uuid.UUID, Meaning],
    clocks: Clocks,
    at: datetime,
) -> list[Restated | None]:
    """What the figures that are shown were when they were first; nothing is asked where none was restated."""
    found: list[Restated | None] = [None] * len(chosen)
    places, settled = [], []
    for place, one in enumerate(chosen):
        if not one.is_restated:
            continue
        definition, points = _of_one_measure(meant[one.term.kpi_id], courses[place], at)
        last = last_settled(points, definition, at)
        if last is not None:
            places.append(place)
            settled.append(Settled(one, last, last.end + timedelta(seconds=definition.settle_s)))
    if settled:
        were = restated_of(workspace_id=workspace_id, settled=settled, meant=meant, clocks=clocks)
        for place, was in zip(places, were, strict=True):
            found[place] = was
    return found


def _judge(
    chosen: Selected,
    points: Sequence[Point],
    meaning: Meaning,
    rules: RuleBook,
    baselines: Baselines,
    broken: set[uuid.UUID],
    restated: Restated | None,
    answered: Responses,
    at: datetime,
) -> Judged:
    term = chosen.term
    definition, points = _of_one_measure(meaning, points, at)
    state = live_state(
        shown=Shown(str(term.binding_id), str(term.kpi_id), term.kpi_key, term.label, term.selector),
        definition=definition,
        points=points,
        rules_history=rules.history(term.kpi_id, term.binding_id, definition),
        baselines=baselines,
        feed=Feed(ok=broken.isdisjoint(chosen.feeds), every_s=_every_s(definition, points)),
        at=at,
        restated=restated,
        answered=answered,
    )
    emotion = state.entry["emotion"]
    return Judged(
        term,
        chosen.ids,
        definition,
        state,
        encode(state.entry).decode(),
        emotion if isinstance(emotion, Decimal) else None,
    )


def _of_one_measure(
    meaning: Meaning, points: Sequence[Point], at: datetime
) -> tuple[Definition, Sequence[Point]]:
    """The definition by which the last complete point was worked out, and no younger point by another one.

    When a KPI is measured otherwise from now on, the last figure stays what it was, in its own unit, until
    the first period by the new definition is complete.
    """
    for point in reversed(points):
        definition = by_revision(meaning, point.revision)
        if is_complete(point.end, definition.settle_s, at):
            if point is points[-1]:
                return definition, points
            return definition, [p for p in points if p.revision == point.revision or p.end <= point.end]
    return meaning.definition, points


def _every_s(definition: Definition, points: Sequence[Point]) -> int | None:
    """Instants are expected as regularly as they came; a period's figure needs no such guess."""
    return pace([point.end for point in points]) if definition.period is None else None


def _narrowed(term: Term, seen_for: Mapping[str, str]) -> Term | None:
    """None where the binding is of another segment than the persona's."""
    for name, value in seen_for.items():
        if term.selector.get(name, EVERY) not in (EVERY, value):
            return None
    return term
