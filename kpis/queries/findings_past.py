"""Findings as they were at an instant, by the lines of their history; and where they showed then."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from kpis.models.definitions import Series
from kpis.models.findings import Finding, FindingChange
from kpis.queries.bindings import terms_as_of
from kpis.queries.bindings_past import bindings_then, stood
from kpis.queries.findings import Place, Spread
from kpis.queries.points_plan import Clocks
from kpis.series.exact import encode
from kpis.series.finding_past import Line, was
from kpis.series.labels import labels_key
from service.errors import NotFound

_SHOWN = """
SELECT f.id FROM finding f
JOIN json_to_recordset(%s::json) AS held (kpi uuid, labels jsonb)
  ON f.kpi_id = held.kpi AND f.labels = held.labels
WHERE f.workspace_id = %s
"""
Rows = QuerySet[Finding, Finding]


def findings_then(
    workspace_id: uuid.UUID,
    clocks: Clocks,
    *,
    state: str | None = None,
    kind: str | None = None,
    severity: str | None = None,
    kpi_id: uuid.UUID | None = None,
    source_id: uuid.UUID | None = None,
    map_id: uuid.UUID | None = None,
    element_id: uuid.UUID | None = None,
    since: datetime | None = None,
) -> Rows:
    """Return the findings that were open by then, or had been; each filter says what it says of now, of then.

    They are as they are now: `as_they_were` makes them what they were.
    """
    by = clocks.known_by
    last = FindingChange.objects.filter(
        workspace_id=workspace_id, finding_id=OuterRef("pk"), created_at__lte=by
    ).order_by("-created_at", "-id")
    rows = Finding.objects.filter(workspace_id=workspace_id, created_at__lte=by)
    named = {"kind": kind, "kpi_id": kpi_id, "source_id": source_id}
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    for name, value, test in (
        ("state", state, "exact"),
        ("severity", severity, "exact"),
        ("created_at", since, "gte"),
    ):
        if value is not None:
            rows = rows.annotate(**{f"{name}_then": Subquery(last.values(name)[:1])})
            rows = rows.filter(**{f"{name}_then__{test}": value})
    return rows if map_id is None else _shown_on(rows, workspace_id, clocks, map_id, element_id)


def _shown_on(
    rows: Rows, workspace_id: uuid.UUID, clocks: Clocks, map_id: uuid.UUID, element_id: uuid.UUID | None
) -> Rows:
    """Those of the series that the map showed, and of the sources that fed its KPIs."""
    terms = [
        term
        for term in terms_as_of(
            workspace_id=workspace_id,
            journey_map_ids=[map_id],
            as_of=clocks.as_of,
            known_at=clocks.known_at,
        )
        if element_id in (None, term.element_id)
    ]
    held = encode([{"kpi": term.kpi_id, "labels": term.selector} for term in terms]).decode()
    fed = Series.objects.filter(
        workspace_id=workspace_id, kpi_id__in={term.kpi_id for term in terms}, created_at__lte=clocks.known_by
    )
    shown = Q(id__in=RawSQL(_SHOWN, [held, workspace_id]))
    return rows.filter(shown | Q(source_id__in=fed.values("feed_id")))


def finding_then(workspace_id: uuid.UUID, finding_id: uuid.UUID, clocks: Clocks) -> Finding:
    """Return a finding as it was. Raises NotFound where it was not opened by then."""
    row = findings_then(workspace_id, clocks).filter(id=finding_id).first()
    if row is None:
        raise NotFound("It had not been noticed by then.")
    [found] = as_they_were(workspace_id, [row], clocks)
    return found


def as_they_were(workspace_id: uuid.UUID, rows: Sequence[Finding], clocks: Clocks) -> Sequence[Finding]:
    """Make rows of `findings_then` what they were; they are not to be saved. One statement."""
    lines: dict[uuid.UUID, list[Line]] = defaultdict(list)
    changes = FindingChange.objects.filter(
        workspace_id=workspace_id, finding_id__in=[row.id for row in rows], created_at__lte=clocks.known_by
    )
    for one in changes.order_by("created_at", "id"):
        lines[one.finding_id].append(
            Line(
                one.change,
                one.state,
                one.level,
                one.severity,
                one.cause,
                one.snoozed_until,
                one.parent_id,
                one.facts,
                one.created_at,
            )
        )
    for row in rows:
        found = was(row.kind, lines[row.id])
        assert found is not None  # a finding and the first line of its history are stored together
        row.state, row.standing, row.cause = found.state, found.standing, found.cause
        row.level, row.severity = found.level, found.severity
        row.facts, row.parent_id = dict(found.facts), found.parent
        row.snoozed_until, row.over_at, row.closed_at = found.snoozed_until, found.over_at, found.closed_at
        row.updated_at = found.changed_at
    return rows


def spreads_then(
    workspace_id: uuid.UUID, rows: Iterable[Finding], clocks: Clocks
) -> Mapping[uuid.UUID, Spread]:
    """Return by finding where its series showed, and how it stood there; and what sources fed. A fixed number
    of statements. Raises BeyondRetention."""
    rows = list(rows)
    places = _places(workspace_id, {row.kpi_id for row in rows if row.kpi_id is not None}, clocks)
    fed: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
    sources = {row.source_id for row in rows if row.source_id is not None}
    if sources:
        told = Series.objects.filter(
            workspace_id=workspace_id, feed_id__in=sources, created_at__lte=clocks.known_by
        )
        for source_id, kpi_id in told.values_list("feed_id", "kpi_id").distinct().order_by("kpi_id"):
            fed[source_id].append(kpi_id)
    return {
        row.id: Spread(
            places.get((row.kpi_id, labels_key(row.labels)), ()) if row.kpi_id else (),
            fed.get(row.source_id, ()) if row.source_id else (),
        )
        for row in rows
    }


def _places(
    workspace_id: uuid.UUID, kpi_ids: set[uuid.UUID], clocks: Clocks
) -> Mapping[tuple[uuid.UUID, str], Sequence[Place]]:
    if not kpi_ids:
        return {}
    open_then = Q(journey_map__archived_at=None) | Q(journey_map__archived_at__gt=clocks.known_by)
    bound = list(bindings_then(workspace_id, clocks).filter(open_then, kpi_id__in=kpi_ids))
    found: dict[tuple[uuid.UUID, str], list[Place]] = defaultdict(list)
    held = stood(workspace_id, bound, clocks).values()
    for one in sorted(held, key=lambda one: (one.term.journey_map_id, one.term.place, one.term.binding_id)):
        term = one.term
        place = Place(
            term.journey_map_id, term.element_id, term.binding_id, term.label, one.status, one.freshness
        )
        found[term.kpi_id, labels_key(term.selector)].append(place)
    return found
