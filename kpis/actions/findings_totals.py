"""Totals that were sent and differ from the sum of their parts: one finding of each, closed when they agree.

Looked at by whoever records readings of such a KPI, says otherwise what its total is, or settles a replay:
with the series locked, before the states of bindings.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from kpis.actions.findings import report_findings
from kpis.queries.bindings import Term
from kpis.queries.definitions import label_sets_of, totalled
from kpis.queries.state_points import points_of_subjects
from kpis.queries.state_rules import Meaning, meanings
from kpis.queries.state_series import select_series
from kpis.series.finding import Cause, Found, Over, Subject
from kpis.series.labels import labels_key
from kpis.series.live_parts import period_json
from kpis.series.point import Point
from kpis.series.totals import PERIODS, compare_all, facts, parts_selector, total_labels
from service.tenancy import advisory_lock

KIND = "total_mismatch"
_labels = msgspec.json.Decoder(dict[str, str])


def settle_totals(
    *,
    workspace_id: uuid.UUID,
    told: Mapping[uuid.UUID, Collection[str]],
    cause: Cause,
    at: datetime,
    bulk: bool = False,
) -> None:
    """Compare the totals that label sets of KPIs are, or are parts of. told: canonical labels by KPI.

    A fixed number of statements. One at a time for each KPI, so that the last who tells a part sees all.
    """
    for kpi_id in sorted(told):
        advisory_lock("totals", workspace_id, kpi_id)
    meant = meanings(workspace_id=workspace_id, kpi_ids=list(told), as_of=at, known_at=None)
    asked = {
        (kpi_id, labels_key(total_labels(total.label, _labels.decode(one))))
        for kpi_id, labels in told.items()
        if (total := meant[kpi_id].definition.total) is not None
        for one in labels
    }
    terms = [
        _term(kpi_id, labels, meant[kpi_id], of_parts=of_parts)
        for kpi_id, labels in sorted(asked)
        for of_parts in (False, True)
    ]
    if not terms:
        return
    chosen = select_series(workspace_id=workspace_id, terms=terms, meant=meant, seen_for={})
    points = points_of_subjects(
        workspace_id=workspace_id, chosen=chosen, meant=meant, as_of=at, known_at=None, limit=PERIODS + 2
    )
    seen = [
        _seen(kpi_id, labels, meant[kpi_id], points[2 * place], points[2 * place + 1], cause, at)
        for place, (kpi_id, labels) in enumerate(sorted(asked))
    ]
    report_findings(workspace_id=workspace_id, seen=seen, at=at, bulk=bulk)


def settle_totals_of(*, workspace_id: uuid.UUID, kpi_id: uuid.UUID, cause: Cause, at: datetime) -> None:
    """Compare all totals of a KPI that says what they are."""
    told = label_sets_of(workspace_id, [kpi_id])
    if told:
        settle_totals(workspace_id=workspace_id, told=told, cause=cause, at=at)


def settle_every_total(*, workspace_id: uuid.UUID, at: datetime) -> None:
    """Compare all totals of the workspace: what a replay or an import came to."""
    told = label_sets_of(workspace_id, totalled(workspace_id))
    if told:
        settle_totals(workspace_id=workspace_id, told=told, cause="backfill", at=at, bulk=True)


def _term(kpi_id: uuid.UUID, labels: str, meaning: Meaning, *, of_parts: bool) -> Term:
    total = meaning.definition.total
    assert total is not None
    selector = _labels.decode(labels)
    if of_parts:
        selector = parts_selector(total.label, selector)
    return Term(kpi_id, kpi_id, kpi_id, None, selector, "", None, 0)


def _seen(
    kpi_id: uuid.UUID,
    labels: str,
    meaning: Meaning,
    sent: list[Point],
    summed: list[Point],
    cause: Cause,
    at: datetime,
) -> Found | Over:
    definition, subject = meaning.definition, Subject(kpi_id, labels)
    assert definition.total is not None
    same = [point for point in sent if point.revision == meaning.measure]
    found = compare_all(definition, same, [one for one in summed if one.revision == meaning.measure], at)
    differing = [one for one in found if one.members]
    if not differing:
        return Over(KIND, subject, cause)
    last = differing[-1].sent
    told = facts(definition.total.label, found, period_json(last, definition))
    past, since = cause not in ("reading", "time"), differing[0].sent.end
    return Found(KIND, subject, "differs", "warning", cause, past, since, told)
