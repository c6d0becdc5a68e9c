"""A source that fails is one finding, whatever it feeds: what was found of that is told no more."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from kpis.actions.findings import report_findings
from kpis.models.feeds import Source
from kpis.queries.sql import execute, statement
from kpis.series.finding import Found, Over, Subject

KIND = "source_broken"
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
    execute(_COVER, values)
