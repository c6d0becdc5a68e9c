"""Stocks that were counted and come to something else by base and flows: one finding of each label set.

It tells of the last base against the one before it and the flows between, and closes when these agree: as
the flows that were missing are told, or the next count is what was expected. Looked at by whoever records
bases or flows, or settles a replay; with the series locked, before the states of bindings.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from kpis.actions.findings import report_findings
from kpis.models.definitions import Kpi
from kpis.queries.bases import CheckedBase, last_bases
from kpis.queries.definitions import label_sets_of, stocked
from kpis.series.finding import Cause, Found, Over, Subject
from kpis.series.live_parts import iso

KIND = "drift"


def settle_drift(
    *,
    workspace_id: uuid.UUID,
    told: Mapping[uuid.UUID, Collection[str]],
    cause: Cause,
    at: datetime,
    bulk: bool = False,
) -> None:
    """Hold the last base of each label set against the one before it. told: canonical labels by KPI.

    The number of statements follows from neither.
    """
    rows = Kpi.objects.filter(workspace_id=workspace_id, id__in=told, archived_at=None)
    kept = {kpi_id: told[kpi_id] for kpi_id in rows.order_by("id").values_list("id", flat=True)}
    latest = last_bases(workspace_id=workspace_id, told=kept, as_of=at)
    seen = [
        _seen(Subject(kpi_id, labels), latest.get((kpi_id, labels)), cause)
        for kpi_id, mine in kept.items()
        for labels in sorted(mine)
    ]
    report_findings(workspace_id=workspace_id, seen=seen, at=at, bulk=bulk)


def settle_every_drift(*, workspace_id: uuid.UUID, at: datetime) -> None:
    """Look at all stocks of the workspace: what a replay or an import came to."""
    told = label_sets_of(workspace_id, stocked(workspace_id))
    if told:
        settle_drift(workspace_id=workspace_id, told=told, cause="backfill", at=at, bulk=True)


def _seen(subject: Subject, last: CheckedBase | None, cause: Cause) -> Found | Over:
    if last is None or not last.check.drift:
        return Over(KIND, subject, cause)
    facts = {
        "at": iso(last.given.at),
        "count": last.check.count,
        "expected": last.check.expected,
        "drift": last.check.drift,
    }
    past = cause not in ("reading", "time")
    return Found(KIND, subject, "differs", "info", cause, past, last.given.at, facts)
