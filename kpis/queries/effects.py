"""What the figures did around an improvement, as of an instant, as known at another.

Whatever the number of KPIs: one statement each for the improvement, the bindings, the definitions, the series
and the other improvements, and those of `load_points` for every kind of period among them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpis.models.definitions import Kpi
from kpis.queries.bindings import Term, terms_as_of
from kpis.queries.effects_points import Question, Subject, points_around, pools_of
from kpis.queries.horizon import kept_from, refuse_beyond
from kpis.queries.improvements import Aim, Known, known
from kpis.queries.state_rules import Meaning, meanings
from kpis.queries.state_series import select_series
from kpis.series.definition import Definition
from kpis.series.effect import Windows, windows
from kpis.series.effect_measured import Effect, measured
from kpis.series.labels import labels_key

SHOWN = 50


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


def effects(workspace_id: uuid.UUID, improvement: Known, question: Question) -> tuple[list[Measured], int]:
    """Return what the KPIs did that it aims at, else those bound at its elements; and how many are left out.

    Raises BeyondRetention: nothing is kept of the time before it.
    """
    refuse_beyond(workspace_id, question.as_of, question.known_at, improvement.effective_at)
    aims = _aims(workspace_id, improvement, question)
    subjects, meant = _subjects(workspace_id, improvement, aims[:SHOWN], question)
    points = points_around(workspace_id, improvement.effective_at, subjects, meant, question)
    pools = pools_of(workspace_id, subjects, points, meant, question)
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
) -> tuple[list[Subject], Mapping[uuid.UUID, Meaning]]:
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
        subjects.append(Subject(aim, selected, definition, found))
    return subjects, meant


def _term(improvement: Known, aim: Aim) -> Term:
    return Term(improvement.id, improvement.journey_map_id, aim.kpi, None, aim.labels, "", None, 0)


def _near(
    workspace_id: uuid.UUID, improvement: Known, subjects: Sequence[Subject], question: Question
) -> list[Known]:
    """The other improvements of the map, and of these KPIs."""
    found = known(
        workspace_id,
        known_at=question.known_at,
        journey_map=improvement.journey_map_id,
        kpis={one.aim.kpi for one in subjects},
    )
    return [other for other in found if other.id != improvement.id]


def _meets(other: Known, one: Subject, effect: Effect) -> bool:
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
