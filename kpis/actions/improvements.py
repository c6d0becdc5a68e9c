"""Improvements: written down, changed, archived. What they name by key becomes ids; each change is a term."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from journeys import queries as journeys
from journeys.actions.maps import bump_maps
from journeys.models import JourneyMap
from kpis.models.exact_json import as_stored
from kpis.models.improvements import Improvement, ImprovementTerm
from kpis.queries import definitions, improvements
from service import resources
from service.errors import Issue, NotFound, ValidationProblem
from service.events import emit
from service.preconditions import IfMatch

MAX_IMPROVEMENTS = 500
_COLUMNS = ("key", "attributes", "title", "description", "links")
_TERM = ("title", "effective_at", "until", "elements", "aims")


@transaction.atomic(savepoint=False)
def create_improvement(*, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime) -> Improvement:
    """Write down what was changed in the real journey, or is going to be.

    values: journey_map (id or key); key, attributes, title, description, links; at, until; elements (ids or
    keys of the map's); kpis, each {kpi (id or key), labels, direction, by}. Raises ValidationProblem,
    KeyTaken, LimitReached (`improvements_per_map`).
    """
    journeys.hold_off_erasure(workspace_id)
    journey_map = _open_map(workspace_id, values["journey_map"])
    held = improvements.improvements_of_map(workspace_id, journey_map.pk)
    resources.check_limit(
        held, workspace_id=workspace_id, name="improvements_per_map", default=MAX_IMPROVEMENTS
    )
    stored = _stored(journey_map, values, known=None)
    row = resources.add(
        Improvement(
            workspace_id=workspace_id, journey_map=journey_map, created_at=at, updated_at=at, **stored
        )
    )
    _told(row, "created", at)
    return row


@transaction.atomic(savepoint=False)
def change_improvement(
    *, improvement: Improvement, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> Improvement:
    """Write the members of an improvement; what it named before may be named again though it is archived.

    Raises ValidationProblem, PreconditionFailed, KeyTaken, NotFound.
    """
    journeys.hold_off_erasure(improvement.workspace_id)
    improvement = improvements.improvement(improvement.workspace_id, str(improvement.pk))
    journey_map = improvement.journey_map
    if values["journey_map"] not in (str(journey_map.pk), journey_map.key):
        detail = "An improvement stays with its map: write it down for the other, and archive this one."
        raise ValidationProblem([Issue("/journey_map", "immutable", detail)])
    stored = _stored(journey_map, values, known=improvement)
    row = resources.change(improvement, stored, expected=expected, at=at)
    if row.row_version != improvement.row_version:
        _told(row, "changed", at)
    return row


@transaction.atomic(savepoint=False)
def archive_improvement(*, improvement: Improvement, expected: IfMatch, at: datetime) -> None:
    """Mark it no more; known-at reads before `at` still do. Raises PreconditionFailed, NotFound."""
    journeys.hold_off_erasure(improvement.workspace_id)
    _told(resources.archive(improvement, expected=expected, at=at), "archived", at)


def _told(row: Improvement, verb: str, at: datetime) -> None:
    """Keep what it says from now on, say so, and have the map drawn anew."""
    term = {name: getattr(row, name) for name in _TERM}
    ImprovementTerm.objects.create(
        workspace_id=row.workspace_id,
        improvement=row,
        journey_map_id=row.journey_map_id,
        archived=row.archived_at is not None,
        recorded_at=at,
        **term,
    )
    told = {
        "improvement": str(row.pk),
        "journey_map": str(row.journey_map_id),
        "title": row.title,
        "at": row.effective_at,
        "until": row.until,
        "kpis": sorted({aim["kpi"] for aim in row.aims}),
    }
    emit(workspace_id=row.workspace_id, type=f"improvement.{verb}", data=told, at=at)
    bump_maps(workspace_id=row.workspace_id, map_ids=[row.journey_map_id])


def _open_map(workspace_id: uuid.UUID, ref: str) -> JourneyMap:
    try:
        return journeys.open_map(workspace_id, ref)
    except NotFound as unknown:
        raise ValidationProblem([Issue("/journey_map", "unknown_map", unknown.detail)]) from unknown


def _stored(
    journey_map: JourneyMap, values: Mapping[str, Any], *, known: Improvement | None
) -> dict[str, Any]:
    """The columns of checked input. Raises ValidationProblem."""
    issues: list[Issue] = []
    until = values.get("until")
    if until is not None and until <= values["at"]:
        issues.append(Issue("/until", "order", "It is taken back after it took effect."))
    elements = _elements(journey_map, values.get("elements") or (), issues)
    aims = _aims(journey_map.workspace_id, values.get("kpis") or (), known, issues)
    if issues:
        raise ValidationProblem(issues)
    columns = {name: values[name] for name in _COLUMNS if name in values}
    return {
        **({} if known is None else {"key": None}),
        **columns,
        "effective_at": values["at"],
        "until": until,
        "elements": elements,
        "aims": as_stored(aims),
    }


def _elements(journey_map: JourneyMap, refs: Sequence[str], issues: list[Issue]) -> list[uuid.UUID]:
    found: list[uuid.UUID] = []
    for index, ref in enumerate(refs):
        try:
            found.append(journeys.element(journey_map, ref).pk)
        except NotFound as unknown:
            issues.append(Issue(f"/elements/{index}", "unknown_element", unknown.detail))
    return list(dict.fromkeys(found))


def _aims(
    workspace_id: uuid.UUID,
    given: Sequence[Mapping[str, Any]],
    known: Improvement | None,
    issues: list[Issue],
) -> list[dict[str, Any]]:
    before = set() if known is None else {aim["kpi"] for aim in known.aims}
    aims: list[dict[str, Any]] = []
    named: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for index, one in enumerate(given):
        try:
            kpi = (
                one["kpi"] if one["kpi"] in before else str(definitions.open_kpi(workspace_id, one["kpi"]).pk)
            )
        except NotFound:
            detail = f"There is no KPI {one['kpi']!r} here."
            issues.append(Issue(f"/kpis/{index}/kpi", "unknown_kpi", detail))
            continue
        labels = dict(one.get("labels") or {})
        if (kpi, tuple(sorted(labels.items()))) in named:
            issues.append(
                Issue(f"/kpis/{index}", "duplicate", "This KPI is named with the same labels above.")
            )
        if one.get("by") is not None and one.get("direction") is None:
            issues.append(Issue(f"/kpis/{index}/direction", "required", "Say whether up or down."))
        named.add((kpi, tuple(sorted(labels.items()))))
        aims.append({"kpi": kpi, "labels": labels, "direction": one.get("direction"), "by": one.get("by")})
    return aims
