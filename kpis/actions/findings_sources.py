"""A source that fails is one finding, whatever it feeds: what was found of that is told no more."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import msgspec

from kpis.actions.findings import report_findings
from kpis.actions.findings_told import News, tell_findings
from kpis.models.sources import Source
from kpis.queries.sql import fetch, statement
from kpis.series.finding import Found, Over, Subject
from kpis.series.labels import labels_key

KIND = "source_broken"
_labels = msgspec.json.Decoder(dict[str, str])
_COVER = statement("cover_findings")


def report_source(*, workspace_id: uuid.UUID, source_id: uuid.UUID, broken: bool, at: datetime) -> None:
    """Report that a source fails, and put stale figures that it feeds under that; or that it is over."""
    subject = Subject(source_id=source_id)
    if not broken:
        report_findings(workspace_id=workspace_id, seen=[Over(KIND, subject, "source")], at=at)
        return
    row = Source.objects.get(workspace_id=workspace_id, pk=source_id)
    facts = {"name": row.name, "failures": row.failures, "error": row.last_error}
    found = Found(KIND, subject, "broken", "critical", "source", False, row.last_success_at, facts)
    report_findings(workspace_id=workspace_id, seen=[found], at=at)
    values: dict[str, Any] = {"workspace": workspace_id, "source": source_id, "at": at}
    covered = [
        News(row_id, "covered", kind, Subject(kpi_id, labels_key(_labels.decode(labels)), None, about),
             level, severity, state, parent=parent)
        for row_id, kind, kpi_id, labels, about, level, severity, state, parent in fetch(_COVER, values)
    ]  # fmt: skip
    tell_findings(workspace_id=workspace_id, news=covered, at=at)
