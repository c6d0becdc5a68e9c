"""KPIs made of KPIs: in which order they are worked out, and what may be made of what."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

import msgspec

from kpis.series.definition import Definition
from kpis.series.expression import Node, references
from kpis.series.expression_text import parse_expression
from kpis.series.method import PERIODS
from kpis.series.resample import not_in_periods
from service.errors import Issue

MOST_LEVELS = 8
_parsed = lru_cache(maxsize=4096)(parse_expression)


class Derivation(msgspec.Struct, frozen=True, gc=False):
    """How a KPI is worked out. leaves: the KPIs with readings that it comes down to, in a fixed order.

    steps: the derived KPIs on the way with their expressions, each after all that it needs; itself last.
    """

    leaves: tuple[uuid.UUID, ...]
    steps: tuple[tuple[uuid.UUID, Node], ...]


def inputs_of(definition: Definition) -> tuple[uuid.UUID, ...]:
    """Return the KPIs that a definition names, each once, from left to right; none of one with readings."""
    if definition.expression is None:
        return ()
    return tuple(dict.fromkeys(uuid.UUID(ref.name) for ref in references(_parsed(definition.expression))))


def named_by(definition: Definition) -> tuple[uuid.UUID, ...]:
    """Return the KPIs whose readings show at this one: it is made of them, or they count who was asked."""
    if definition.invited_kpi is None:
        return inputs_of(definition)
    return (*inputs_of(definition), uuid.UUID(definition.invited_kpi))


def check_invited(survey: Definition, invited: Definition) -> list[Issue]:
    """Return why a KPI cannot count those whom a survey asks, pointers empty."""
    if invited.row.form != "sum" or invited.unit != "count":
        return [Issue("", "no_count", "Those who were asked are a count of things.")]
    return check_leaves(survey, [invited])


def derivation(kpi: uuid.UUID, definition_of: Callable[[uuid.UUID], Definition]) -> Derivation:
    """Return how `kpi` is worked out: a KPI with readings is its own and only leaf."""
    leaves: dict[uuid.UUID, None] = {}
    steps: dict[uuid.UUID, Node] = {}

    def visit(one: uuid.UUID) -> None:
        if one in leaves or one in steps:
            return
        definition = definition_of(one)
        for each in inputs_of(definition):
            visit(each)
        if definition.expression is None:
            leaves[one] = None
        else:
            steps[one] = _parsed(definition.expression)

    visit(kpi)
    return Derivation(tuple(leaves), tuple(steps.items()))


def check_graph(
    kpi: uuid.UUID, inputs: Collection[uuid.UUID], made_of: Mapping[uuid.UUID, Collection[uuid.UUID]]
) -> list[Issue]:
    """Return what is wrong with making `kpi` of `inputs`: a cycle, or too many levels.

    made_of: the inputs that each derived KPI ever had, so that no past instant has a cycle either.
    """
    edges = {**{one: set(found) for one, found in made_of.items()}}
    edges[kpi] = edges.get(kpi, set()) | set(inputs)
    if _reaches(edges, inputs, kpi):
        return [Issue("/expression", "cycle", "One of these KPIs is, or was, itself made of this one.")]
    levels: dict[uuid.UUID, int] = {}

    def level(one: uuid.UUID) -> int:
        if one not in levels:
            levels[one] = 1 + max(map(level, edges[one])) if edges.get(one) else 0
        return levels[one]

    if max(map(level, edges)) > MOST_LEVELS:
        detail = f"KPIs may be made of KPIs over {MOST_LEVELS} levels, no more."
        return [Issue("/expression", "too_many_levels", detail)]
    return []


def _reaches(
    edges: Mapping[uuid.UUID, Collection[uuid.UUID]], start: Collection[uuid.UUID], target: uuid.UUID
) -> bool:
    seen: set[uuid.UUID] = set()
    waiting = list(start)
    while waiting:
        one = waiting.pop()
        if one == target:
            return True
        if one not in seen:
            seen.add(one)
            waiting.extend(edges.get(one, ()))
    return False


def check_leaves(made: Definition, leaves: Sequence[Definition]) -> list[Issue]:
    """Return why figures of `leaves` cannot be of the periods of `made`, pointers empty."""
    issues: list[Issue] = []
    for leaf in leaves:
        if leaf.period is None or made.period is None:
            issues.append(Issue("", "no_period", "KPIs are made of figures of periods."))
        elif PERIODS.index(leaf.period) > PERIODS.index(made.period):
            detail = f"Its {leaf.period}s cannot be split into {made.period}s."
            issues.append(Issue("", "period_too_long", detail))
        elif leaf.period != made.period and (leaf.stocked or not leaf.row.summable):
            issues.append(Issue("", "not_summable", "Its figures cannot be summed to longer periods."))
        elif unfit := not_in_periods(leaf, made.period, None):
            issues.append(Issue("", unfit.code, unfit.detail))
        if leaf.zone != made.zone:
            detail = f"Its periods begin in {leaf.zone}, not in {made.zone}."
            issues.append(Issue("", "zone_mismatch", detail))
    return issues
