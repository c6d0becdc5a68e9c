"""From states that changed to findings: one finding of a series, however many bindings show it.

What is reported follows from how all bindings of the series stand now, and what is held of it is what was
reported before: so nothing needs to be remembered, and a whole replay comes to its net change.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

import msgspec

from kpis.actions.findings import report_findings
from kpis.actions.findings_drift import settle_every_drift
from kpis.actions.findings_totals import settle_every_total
from kpis.queries.findings_held import SeriesKey, every_series, standings
from kpis.series.finding import Cause, Found, Over, Subject
from kpis.series.finding_status import Binding, seen_of

_entry = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


def settle_series(
    *,
    workspace_id: uuid.UUID,
    keys: Collection[SeriesKey],
    cause: Cause,
    at: datetime,
    bulk: bool = False,
) -> None:
    """Report what the bindings of these series say now. keys: those of which something is another now.

    Runs in the transaction that wrote their states, after them. No keys cost no statement.
    """
    if not keys:
        return
    seen: list[Found | Over] = []
    for (kpi_id, labels), found in standings(workspace_id=workspace_id, keys=keys).items():
        bindings = [Binding(one.status, one.freshness, _entry.decode(one.entry)) for one in found]
        seen += seen_of(Subject(kpi_id, labels), bindings, cause)
    report_findings(workspace_id=workspace_id, seen=seen, at=at, bulk=bulk)


def settle_workspace(*, workspace_id: uuid.UUID, at: datetime) -> None:
    """Report the net change that a replay, backfill or import came to, all of it at once."""
    settle_every_total(workspace_id=workspace_id, at=at)
    settle_every_drift(workspace_id=workspace_id, at=at)
    keys = every_series(workspace_id)
    settle_series(workspace_id=workspace_id, keys=keys, cause="backfill", at=at, bulk=True)
