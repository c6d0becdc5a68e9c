"""Reads of bindings: as they stand, and as they stood at an instant, as known at another."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet

from kpis.models.bindings import Binding, BindingState
from kpis.queries.sql import array, fetch, statement
from service.resources import open_ref

_AS_OF = statement("binding_terms_as_of")
_CURRENT = statement("binding_terms_now")
_HELD = statement("held_bindings")
read_labels = msgspec.json.Decoder(dict[str, str]).decode


class Term(msgspec.Struct, frozen=True, gc=False):
    """Where and what a binding was. `label` is what stands at the figure, `element_id` None for the map."""

    binding_id: uuid.UUID
    journey_map_id: uuid.UUID
    kpi_id: uuid.UUID
    element_id: uuid.UUID | None
    selector: Mapping[str, str]
    label: str
    kpi_key: str | None
    place: int


def bindings(workspace_id: uuid.UUID) -> QuerySet[Binding, Binding]:
    """The bindings of the workspace, archived ones left out, with their KPIs at hand."""
    return Binding.objects.filter(workspace_id=workspace_id, archived_at=None).select_related("kpi")


def bindings_of_map(workspace_id: uuid.UUID, journey_map_id: uuid.UUID) -> QuerySet[Binding, Binding]:
    return bindings(workspace_id).filter(journey_map_id=journey_map_id)


def bound_elements(workspace_id: uuid.UUID, journey_map_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the stages and touchpoints of a map at which a KPI is shown."""
    rows = bindings_of_map(workspace_id, journey_map_id).filter(element__isnull=False)
    return set(rows.values_list("element_id", flat=True))


def binding(workspace_id: uuid.UUID, ref: str) -> Binding:
    """Return the unarchived binding that an id or key names. Raises NotFound."""
    return open_ref(Binding.objects.filter(workspace_id=workspace_id).select_related("kpi"), ref)


def states_of(workspace_id: uuid.UUID, binding_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return {binding id: (status, freshness)} as the live map shows them now."""
    rows = BindingState.objects.filter(workspace_id=workspace_id, binding_id__in=binding_ids)
    found = rows.values_list("binding_id", "status", "freshness")
    return {binding_id: (status, freshness) for binding_id, status, freshness in found}


def terms_now(
    *,
    workspace_id: uuid.UUID,
    binding_ids: Sequence[uuid.UUID] = (),
    journey_map_ids: Sequence[uuid.UUID] = (),
) -> list[Term]:
    """Return the terms that hold now, of some bindings or of maps'; no archived ones. One statement."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "bindings": array(binding_ids),
        "maps": array(journey_map_ids),
    }
    return _terms(_CURRENT, values)


def terms_as_of(
    *,
    workspace_id: uuid.UUID,
    journey_map_ids: Sequence[uuid.UUID],
    as_of: datetime,
    known_at: datetime | None,
) -> list[Term]:
    """Return what held on the maps at `as_of`, as known at `known_at` (None: now), in the order shown.

    One statement.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "maps": array(journey_map_ids),
        "as_of": as_of,
        "known_at": known_at,
    }
    return _terms(_AS_OF, values)


def _terms(sql: str, values: Mapping[str, Any]) -> list[Term]:
    return [
        Term(binding, journey_map, kpi, element, read_labels(selector), label, key, place)
        for binding, journey_map, kpi, element, selector, label, key, place in fetch(sql, values)
    ]


@dataclass(frozen=True, slots=True)
class HeldBinding:
    """A binding under its lock that loses its element: what publishing asks of it. `label` is never empty."""

    id: uuid.UUID
    key: str | None
    label: str
    element_id: uuid.UUID
    updated_at: datetime


def held_bindings(workspace_id: uuid.UUID, binding_ids: Iterable[uuid.UUID]) -> list[HeldBinding]:
    """Return bindings of elements as they are shown: by place."""
    rows = fetch(_HELD, {"workspace": workspace_id, "bindings": array(binding_ids)})
    return [HeldBinding(*row) for row in rows]
