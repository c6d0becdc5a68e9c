"""Counts of those who were asked, beside the surveys that name them: loaded together, in their periods."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from kpis.queries.bindings import Term
from kpis.queries.figures_held import unheld
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected
from kpis.series.definition import Definition
from kpis.series.derivation import Derivation
from kpis.series.point import Point
from kpis.series.response import Responses, responses


def invited_terms(terms: Sequence[Term], meant: Mapping[uuid.UUID, Meaning]) -> list[tuple[int, Term]]:
    """Return by the place of each survey's term what is asked for besides: those invited, of its labels."""
    found = []
    for place, term in enumerate(terms):
        named = meant[term.kpi_id].definition.invited_kpi
        invited = None if named is None else meant.get(uuid.UUID(named))
        if named is not None and invited is not None and not invited.made.steps:
            found.append((place, msgspec.structs.replace(term, kpi_id=uuid.UUID(named))))
    return found


@dataclass(frozen=True, slots=True)
class Beside:
    """Subjects with those invited after them. places: of the surveys, in the order of those invited."""

    chosen: Sequence[Selected]
    meant: Mapping[uuid.UUID, Meaning]
    places: Sequence[int]
    surveys: int

    def split(self, courses: Sequence[Sequence[Point]]) -> tuple[Sequence[Sequence[Point]], list[Responses]]:
        """Return the surveys' courses, and the responses of each."""
        found: list[Responses] = [{} for _ in range(self.surveys)]
        for place, course in zip(self.places, courses[self.surveys :], strict=True):
            found[place] = responses(courses[place], course)
        return courses[: self.surveys], found


def beside(
    chosen: Sequence[Selected], asked: Sequence[tuple[int, Term]], meant: Mapping[uuid.UUID, Meaning]
) -> Beside:
    """Return the subjects as they are to be loaded: those invited are counted in the survey's periods.

    chosen: of the surveys' terms, then of `invited_terms`.
    """
    surveys = len(chosen) - len(asked)
    known = dict(meant)
    extra = []
    for (place, _), one in zip(asked, chosen[surveys:], strict=True):
        survey = meant[chosen[place].term.kpi_id].definition
        own = meant[one.term.kpi_id]
        as_asked = uuid.uuid4()
        in_own = {measure: unheld(each) for measure, each in own.by_measure.items()}

        def told(definition: Definition, survey: Definition = survey) -> Definition:
            return replace(definition, period=survey.period, zone=survey.zone)

        known[as_asked] = Meaning(
            told(unheld(own.definition)),
            own.measure,
            {measure: told(each) for measure, each in in_own.items()},
            Derivation((as_asked,), ()),
            in_own,
        )
        (series,) = one.series.values()
        extra.append(Selected(msgspec.structs.replace(one.term, kpi_id=as_asked), {as_asked: series}))
    return Beside([*chosen[:surveys], *extra], known, [place for place, _ in asked], surveys)
