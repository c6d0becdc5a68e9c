"""Definitions and rules of many KPIs and bindings at once, as they held and as they were known."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from kpis.queries.definitions import read_definition
from kpis.queries.sql import array, fetch, statement
from kpis.series.definition import Definition
from kpis.series.derivation import Derivation, derivation
from kpis.series.thresholds import Rules, RulesSpan
from kpis.series.thresholds_input import parse_rules

_DEFINITIONS = statement("definitions_known")
_RULES = statement("rules_known")
_decoder = msgspec.json.Decoder(dict, float_hook=Decimal)


class Meaning(msgspec.Struct, frozen=True, gc=False):
    """What a KPI meant: its definition then, and those of earlier measures, by the measure (Series.revision).

    made: how it is worked out; a KPI with readings is its own only leaf. own: where `by_measure` tells it in
    other periods than its own, the definitions in these; None: it tells it in its own.
    """

    definition: Definition
    measure: int
    by_measure: Mapping[int, Definition]
    made: Derivation
    own: Mapping[int, Definition] | None = None

    def in_own(self, measure: int) -> Definition:
        """The definition of a measure in the KPI's own periods."""
        return (self.by_measure if self.own is None else self.own)[measure]


class _Revision(msgspec.Struct, frozen=True, gc=False):
    measure: int
    definition: Definition


def meanings(
    *, workspace_id: uuid.UUID, kpi_ids: Collection[uuid.UUID], as_of: datetime, known_at: datetime | None
) -> dict[uuid.UUID, Meaning]:
    """Return what KPIs, and all that they were made of, meant. One statement.

    A KPI that did not exist by `as_of`, or was not known by `known_at`, means what its first definition says.
    """
    values: dict[str, Any] = {"workspace": workspace_id, "kpis": array(kpi_ids), "known_at": known_at}
    rows = fetch(_DEFINITIONS, values)
    held: dict[uuid.UUID, list[_Revision]] = defaultdict(list)
    for kpi_id, number, measure, text, valid_from in rows:
        if valid_from <= as_of or number == 1:
            held[kpi_id].append(_Revision(measure, _definition(text)))
    return {kpi_id: _meaning(kpi_id, held) for kpi_id in held}


def _meaning(kpi_id: uuid.UUID, held: Mapping[uuid.UUID, list[_Revision]]) -> Meaning:
    last = held[kpi_id][-1]
    by_measure = {revision.measure: revision.definition for revision in held[kpi_id]}
    made = derivation(kpi_id, lambda one: held[one][-1].definition)
    return Meaning(last.definition, last.measure, by_measure, made)


@lru_cache(maxsize=4096)
def _definition(text: str) -> Definition:
    return read_definition(_decoder.decode(text))


class _Span(msgspec.Struct, frozen=True, gc=False):
    """A stored rule; its text is read by the definition of the KPI that it is applied to."""

    text: str | None
    valid_from: datetime
    valid_to: datetime | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules of KPIs and of bindings."""

    of_kpis: Mapping[uuid.UUID, list[_Span]]
    of_bindings: Mapping[uuid.UUID, list[_Span]]

    def look_back(self, kpi_id: uuid.UUID, binding_id: uuid.UUID) -> bool:
        """Say whether some of these rules look at more than the point that they judge."""
        spans = (*self.of_kpis.get(kpi_id, ()), *self.of_bindings.get(binding_id, ()))
        return any(one.text is not None and _looks_back(one.text) for one in spans)

    def history(self, kpi_id: uuid.UUID, binding_id: uuid.UUID, definition: Definition) -> list[RulesSpan]:
        """Return all that was ever laid down for a binding of a KPI."""
        inherited = (_span(one, definition, False) for one in self.of_kpis.get(kpi_id, ()))
        own = (_span(one, definition, True) for one in self.of_bindings.get(binding_id, ()))
        return [*inherited, *own]


def rule_book(
    *,
    workspace_id: uuid.UUID,
    kpi_ids: Collection[uuid.UUID],
    binding_ids: Collection[uuid.UUID],
    known_at: datetime | None,
) -> RuleBook:
    """Return the rules known of these KPIs and bindings. One statement."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kpis": array(kpi_ids),
        "bindings": array(binding_ids),
        "known_at": known_at,
    }
    of_kpis: dict[uuid.UUID, list[_Span]] = defaultdict(list)
    of_bindings: dict[uuid.UUID, list[_Span]] = defaultdict(list)
    for kpi_id, binding_id, text, valid_from, valid_to, recorded_at in fetch(_RULES, values):
        span = _Span(text, valid_from, valid_to, recorded_at)
        (of_bindings[binding_id] if kpi_id is None else of_kpis[kpi_id]).append(span)
    return RuleBook(of_kpis, of_bindings)


def _span(stored: _Span, definition: Definition, of_binding: bool) -> RulesSpan:
    return RulesSpan(
        rules=None if stored.text is None else _rules(stored.text, definition),
        recorded_at=stored.recorded_at,
        valid_from=stored.valid_from,
        valid_to=stored.valid_to,
        of_binding=of_binding,
        inherits=of_binding and stored.text is None,
    )


@lru_cache(maxsize=4096)
def _looks_back(text: str) -> bool:
    """By the names of members alone: rules without these are of the point itself."""
    return any(f'"{name}' in text for name in ("window", "before_", "baseline_"))


@lru_cache(maxsize=4096)
def _rules(text: str, definition: Definition) -> Rules | None:
    """Rules were checked when they were laid down; those that a definition makes senseless judge nothing."""
    read = parse_rules(_decoder.decode(text), definition)
    return read if isinstance(read, Rules) else None
