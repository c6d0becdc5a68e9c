"""Bindings as they stood at an instant, as known at another: place, selector, rules, and how they stood."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from kpis.models.bindings import Binding, BindingTerm, Rule
from kpis.queries.bindings import Term, bindings
from kpis.queries.horizon import refuse_beyond
from kpis.queries.points_plan import Clocks
from kpis.queries.state_judged import judged


@dataclass(frozen=True, slots=True)
class Stood:
    """How a binding stood. rules: of its own, None where it followed its KPI's. since: of the term."""

    term: Term
    rules: Mapping[str, Any] | None
    since: datetime
    status: str
    freshness: str


Rows = QuerySet[Binding, Binding]


def bindings_at(workspace_id: uuid.UUID, clocks: Clocks | None) -> Rows:
    """Return the bindings that stand now, or stood then."""
    return bindings(workspace_id) if clocks is None else bindings_then(workspace_id, clocks)


def at_element(rows: Rows, element_id: uuid.UUID, clocks: Clocks | None) -> Rows:
    """Return those of `bindings_at` that are, or were, at an element."""
    return rows.filter(**{"element_id" if clocks is None else "element_then": element_id})


def bindings_then(workspace_id: uuid.UUID, clocks: Clocks) -> Rows:
    """Return the bindings that stood then, also those archived since, with `element_then`."""
    held = _held(BindingTerm.objects.filter(binding_id=OuterRef("pk")), workspace_id, clocks)
    return (
        Binding.objects.filter(workspace_id=workspace_id)
        .filter(Q(archived_at=None) | Q(archived_at__gt=clocks.known_by))
        .annotate(
            term_then=Subquery(held.values("id")[:1]), element_then=Subquery(held.values("element_id")[:1])
        )
        .exclude(term_then=None)
        .select_related("kpi")
    )


def stood(workspace_id: uuid.UUID, rows: Sequence[Binding], clocks: Clocks) -> dict[uuid.UUID, Stood]:
    """Return by id how rows of `bindings_then` stood. A fixed number of statements.

    Raises BeyondRetention.
    """
    refuse_beyond(workspace_id, clocks.as_of, clocks.known_at)
    ids = [row.id for row in rows]
    held = _held(BindingTerm.objects.filter(binding_id__in=ids), workspace_id, clocks)
    terms = {one.binding_id: one for one in held.distinct("binding_id")}
    rules = _held(Rule.objects.filter(binding_id__in=ids), workspace_id, clocks).distinct("binding_id")
    own = {one.binding_id: one.rules for one in rules}
    kpis = {row.id: row.kpi_id for row in rows}
    asked = [_term(one, kpis[one.binding_id]) for one in terms.values()]
    found = judged(workspace_id=workspace_id, terms=asked, at=clocks.as_of, known_at=clocks.known_at)
    return {
        one.term.binding_id: Stood(
            one.term,
            own.get(one.term.binding_id),
            terms[one.term.binding_id].valid_from,
            one.state.judgement.status,
            one.state.freshness,
        )
        for one in found
    }


def _held(rows: QuerySet[Any, Any], workspace_id: uuid.UUID, clocks: Clocks) -> QuerySet[Any, Any]:
    """The terms or rules that held then, of each binding the one recorded last first."""
    rows = rows.filter(workspace_id=workspace_id, recorded_at__lte=clocks.recorded_by)
    rows = rows.filter(Q(valid_from=None) | Q(valid_from__lte=clocks.as_of))
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=clocks.as_of))
    return rows.order_by("binding_id", F("recorded_at").desc(), F("id").desc())


def _term(one: BindingTerm, kpi_id: uuid.UUID) -> Term:
    return Term(
        one.binding_id,
        one.journey_map_id,
        kpi_id,
        one.element_id,
        one.selector,
        one.label,
        one.kpi_key,
        one.place,
    )
