"""Reads of findings: lists, one with its history, where they show and what they affect."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from kpis.models.bindings import Binding
from kpis.models.definitions import Series
from kpis.models.findings import Finding, FindingChange
from kpis.queries.bindings import states_of
from kpis.series.labels import labels_key
from service.errors import NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding shows: a binding of its KPI and labels, on a map that is not archived."""

    journey_map: uuid.UUID
    element: uuid.UUID | None
    binding: uuid.UUID
    label: str
    status: str | None
    freshness: str | None


@dataclass(frozen=True, slots=True)
class Spread:
    """places: of the finding's own series. kpis: what a broken source feeds."""

    places: Sequence[Place] = ()
    kpis: Sequence[uuid.UUID] = ()


def findings(
    workspace_id: uuid.UUID,
    *,
    state: str | None = None,
    kind: str | None = None,
    severity: str | None = None,
    kpi_id: uuid.UUID | None = None,
    source_id: uuid.UUID | None = None,
    map_id: uuid.UUID | None = None,
    element_id: uuid.UUID | None = None,
    since: datetime | None = None,
) -> QuerySet[Finding, Finding]:
    """since: opened or changed then or later. map_id, element_id: those that show there now."""
    named = {
        "state": state,
        "kind": kind,
        "severity": severity,
        "kpi_id": kpi_id,
        "source_id": source_id,
        "updated_at__gte": since,
    }
    rows = Finding.objects.filter(workspace_id=workspace_id)
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    if map_id is None:
        return rows
    bound = Binding.objects.filter(workspace_id=workspace_id, journey_map_id=map_id, archived_at=None)
    if element_id is not None:
        bound = bound.filter(element_id=element_id)
    shown = Exists(bound.filter(kpi_id=OuterRef("kpi_id"), selector=OuterRef("labels")))
    fed = Series.objects.filter(workspace_id=workspace_id, kpi_id__in=bound.values("kpi_id"))
    return rows.filter(Q(shown) | Q(source_id__in=fed.values("feed_id")))


def finding(workspace_id: uuid.UUID, finding_id: uuid.UUID) -> Finding:
    """Raises NotFound."""
    row = Finding.objects.filter(workspace_id=workspace_id, id=finding_id).first()
    if row is None:
        raise NotFound
    return row


def changes_of(finding: Finding) -> QuerySet[FindingChange, FindingChange]:
    return FindingChange.objects.filter(workspace_id=finding.workspace_id, finding=finding)


def spreads(workspace_id: uuid.UUID, rows: Iterable[Finding]) -> Mapping[uuid.UUID, Spread]:
    """Return by finding where it shows and what it affects. A fixed number of statements."""
    rows = list(rows)
    places = _places(workspace_id, {row.kpi_id for row in rows if row.kpi_id is not None})
    fed = _fed(workspace_id, {row.source_id for row in rows if row.source_id is not None})
    return {
        row.id: Spread(
            places.get((row.kpi_id, labels_key(row.labels)), ()) if row.kpi_id else (),
            fed.get(row.source_id, ()) if row.source_id else (),
        )
        for row in rows
    }


def _places(workspace_id: uuid.UUID, kpi_ids: set[uuid.UUID]) -> dict[tuple[uuid.UUID, str], list[Place]]:
    found: dict[tuple[uuid.UUID, str], list[Place]] = defaultdict(list)
    if not kpi_ids:
        return found
    bound = Binding.objects.filter(
        workspace_id=workspace_id, kpi_id__in=kpi_ids, archived_at=None, journey_map__archived_at=None
    ).select_related("kpi")
    bindings = list(bound.order_by("journey_map_id", "place", "id"))
    states = states_of(workspace_id, [row.id for row in bindings])
    for row in bindings:
        status, freshness = states.get(row.id, (None, None))
        label = row.label or row.kpi.name
        place = Place(row.journey_map_id, row.element_id, row.id, label, status, freshness)
        found[row.kpi_id, labels_key(row.selector)].append(place)
    return found


def _fed(workspace_id: uuid.UUID, source_ids: set[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    if source_ids:
        fed = Series.objects.filter(workspace_id=workspace_id, feed_id__in=source_ids)
        for source_id, kpi_id in fed.values_list("feed_id", "kpi_id").distinct().order_by("kpi_id"):
            assert source_id is not None
            found[source_id].append(kpi_id)
    return found
