"""Bindings: which KPI is shown and judged where. Made, changed from an instant on, archived; never lost.

Locks, in this order, so that nobody waits in a circle: the map's turn, the KPI's series, the binding,
the map's row. Whoever records readings of a series that we hold waits, and then sees the new binding.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction

from journeys import queries as journeys
from journeys.actions.maps import bump_maps
from journeys.models import JourneyMap
from kpis.actions.binding_terms import add_terms, lock_bindings_of_map
from kpis.actions.findings_states import settle_series
from kpis.actions.rules import set_binding_rules
from kpis.actions.states import hold_series, refresh_bindings
from kpis.models.bindings import Binding, BindingState
from kpis.models.definitions import Kpi
from kpis.queries.definitions import definition_now, kpi
from kpis.series.exact import encode
from kpis.series.labels import labels_key
from kpis.series.thresholds_input import parse_rules
from service import resources
from service.errors import Issue, NotFound, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch

MAX_BINDINGS = 600
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_TERM = ("element_id", "selector", "label", "place")


@transaction.atomic(savepoint=False)
def bind_kpi(*, journey_map: JourneyMap, values: Mapping[str, Any], at: datetime) -> Binding:
    """Bind a KPI to the map, or to an element of it.

    values: kpi, element (ids or keys; element None is the map), selector, label, place, thresholds (None:
    the KPI's), valid_from (None: `at`), key, attributes. Raises ValidationProblem, KeyTaken, LimitReached
    (`bindings_per_map`).
    """
    workspace_id = journey_map.workspace_id
    lock_bindings_of_map(workspace_id=workspace_id, journey_map_id=journey_map.id)
    held = Binding.objects.filter(workspace_id=workspace_id, journey_map=journey_map, archived_at=None)
    resources.check_limit(held, workspace_id=workspace_id, name="bindings_per_map", default=MAX_BINDINGS)
    bound = _open_kpi(workspace_id, values["kpi"])
    stored = _stored(journey_map, bound, values, at=at)
    hold_series(workspace_id=workspace_id, kpi_ids=[bound.id])
    row = resources.add(
        Binding(
            id=new_id(),
            workspace_id=workspace_id,
            journey_map=journey_map,
            kpi=bound,
            created_at=at,
            updated_at=at,
            **stored,
        )
    )
    add_terms(workspace_id=workspace_id, binding_ids=[row.id])
    if row.rules is not None:
        set_binding_rules(binding=row, valid_from=row.valid_from)
    refresh_bindings(workspace_id=workspace_id, binding_ids=[row.id], cause="binding", at=at)
    return row


@transaction.atomic(savepoint=False)
def change_binding(
    *, binding: Binding, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> Binding:
    """Write the members of a binding, as from `valid_from` (None: `at`). Another KPI is another binding.

    Raises ValidationProblem, PreconditionFailed, KeyTaken, NotFound (archived meanwhile).
    """
    workspace_id = binding.workspace_id
    if values["kpi"] not in (str(binding.kpi_id), binding.kpi.key):
        detail = "A binding stays with its KPI: make another binding, and archive this one."
        raise ValidationProblem([Issue("/kpi", "immutable", detail)])
    stored = _stored(binding.journey_map, binding.kpi, values, at=at)
    moved = any(stored[name] != getattr(binding, name) for name in _TERM)
    if not moved and values.get("valid_from") is None:
        stored["valid_from"] = binding.valid_from
    lock_bindings_of_map(workspace_id=workspace_id, journey_map_id=binding.journey_map_id)
    hold_series(workspace_id=workspace_id, kpi_ids=[binding.kpi_id])
    row = resources.change(binding, stored, expected=expected, at=at)
    if row.row_version == binding.row_version:
        return row
    if moved or row.valid_from != binding.valid_from:
        add_terms(workspace_id=workspace_id, binding_ids=[row.id])
    if row.rules != binding.rules:
        set_binding_rules(binding=row, valid_from=values.get("valid_from") or at)
    refresh_bindings(workspace_id=workspace_id, binding_ids=[row.id], cause="binding", at=at)
    if row.selector != binding.selector:
        _settle_former(binding, at)
    return row


@transaction.atomic(savepoint=False)
def archive_binding(*, binding: Binding, expected: IfMatch, at: datetime) -> None:
    """Show the binding no more; as-of reads before `at` still do. Raises PreconditionFailed, NotFound."""
    lock_bindings_of_map(workspace_id=binding.workspace_id, journey_map_id=binding.journey_map_id)
    resources.archive(binding, expected=expected, at=at)
    BindingState.objects.filter(workspace_id=binding.workspace_id, binding_id=binding.id).delete()
    _settle_former(binding, at)
    bump_maps(workspace_id=binding.workspace_id, map_ids=[binding.journey_map_id])


def _settle_former(binding: Binding, at: datetime) -> None:
    """What was found of a series that the binding shows no more may be over."""
    key = (binding.kpi_id, labels_key(binding.selector))
    settle_series(workspace_id=binding.workspace_id, keys=[key], cause="binding", at=at)


def _stored(
    journey_map: JourneyMap, bound: Kpi, values: Mapping[str, Any], *, at: datetime
) -> dict[str, Any]:
    """The columns of checked input. Raises ValidationProblem."""
    issues: list[Issue] = []
    valid_from = values.get("valid_from") or at
    if valid_from > at:
        issues.append(Issue("/valid_from", "in_the_future", "A binding holds from now or from earlier."))
    element_id = None
    if values.get("element") is not None:
        try:
            element_id = journeys.element(journey_map, values["element"]).id
        except NotFound as unknown:
            issues.append(Issue("/element", "unknown_element", unknown.detail))
    rules = _exact(values.get("thresholds"))
    if rules is not None:
        checked = parse_rules(rules, definition_now(bound))
        issues += [issue.under("/thresholds") for issue in checked] if isinstance(checked, list) else []
    if issues:
        raise ValidationProblem(issues)
    return {
        "key": values.get("key"),
        "attributes": values.get("attributes") or {},
        "element_id": element_id,
        "selector": dict(values.get("selector") or {}),
        "label": values.get("label") or "",
        "place": values.get("place") or 0,
        "rules": rules,
        "valid_from": valid_from,
    }


def _exact(rules: Any) -> Any:
    """The same rules with the numbers that the database will give back, so that equals are equal."""
    return None if rules is None else _decoder.decode(encode(rules))


def _open_kpi(workspace_id: uuid.UUID, ref: str) -> Kpi:
    """Under its lock: a KPI that is bound cannot be archived, and one that is archived cannot be bound."""
    try:
        known = kpi(workspace_id, ref)
    except NotFound as unknown:
        raise ValidationProblem([Issue("/kpi", "unknown_kpi", unknown.detail)]) from unknown
    found = Kpi.objects.select_for_update(no_key=True).get(workspace_id=workspace_id, id=known.id)
    if found.archived_at is not None:
        raise ValidationProblem([Issue("/kpi", "archived", "This KPI is archived.")])
    return found
