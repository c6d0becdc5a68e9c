"""What a silence kept back is told when it ends, if it still holds: the net of it, once.

Who was told before that a finding is open is told that it is over, too. What somebody acknowledged, snoozed
or closed meanwhile is theirs already.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction

from kpis.actions.findings_told import News, tell_findings
from kpis.models.notices import Silence
from kpis.queries.sql import fetch, statement
from kpis.series.finding import Severity, Subject
from kpis.series.labels import labels_key
from service.due import set_due

DUE_KIND = "silence"
_SILENCED = statement("silenced_findings")
_labels = msgspec.json.Decoder(dict[str, str])
_facts = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)
_OVER = ("closed", "told_closed")


class _Row(msgspec.Struct, frozen=True):
    """A finding, then what was told of it last."""

    id: uuid.UUID
    kind: str
    kpi_id: uuid.UUID | None
    labels: str
    source_id: uuid.UUID | None
    about: str
    level: str
    severity: Severity
    state: str
    standing: bool
    cause: str
    retrospective: bool
    facts: str
    told: str | None
    told_severity: Severity | None
    told_level: str | None


def appoint_silence(silence: Silence, *, at: datetime) -> None:
    """Have looked at what it kept back at `at`: when it ends, or when it may hold for less than before."""
    set_due(workspace_id=silence.workspace_id, kind=DUE_KIND, row_id=silence.id, due_at=at)


@transaction.atomic(savepoint=False)
def tell_silenced(*, workspace_id: uuid.UUID, at: datetime) -> None:
    """Tell what no silence keeps back any more. What another one does waits for the end of that."""
    rows = [_Row(*row) for row in fetch(_SILENCED, {"workspace": workspace_id})]
    tell_findings(workspace_id=workspace_id, news=list(_news(rows)), at=at)


def silence_ends(workspace_id: uuid.UUID, silence_id: uuid.UUID, at: datetime) -> datetime | None:
    """Return when a silence ends that still holds or is to come; None: it is over."""
    rows = Silence.objects.filter(workspace_id=workspace_id, id=silence_id, archived_at=None, ends_at__gt=at)
    found: datetime | None = rows.values_list("ends_at", flat=True).first()
    return found


def _news(rows: list[_Row]) -> Iterator[News]:
    for row in rows:
        believed_open = row.told is not None and row.told not in _OVER
        if row.standing and row.state == "open":
            same = believed_open and (row.told_level, row.told_severity) == (row.level, row.severity)
            change = None if same else "told_changed" if believed_open else "told_opened"
        else:
            change = "told_closed" if believed_open and not row.standing else None
        if change is not None:
            was = row.told_severity if change == "told_changed" else None
            yield _as_news(row, change, None if was == row.severity else was)


def _as_news(row: _Row, change: str, was: Severity | None) -> News:
    facts: Any = _facts.decode(row.facts)
    return News(
        finding=row.id,
        change=change,
        kind=row.kind,
        subject=Subject(row.kpi_id, labels_key(_labels.decode(row.labels)), row.source_id, row.about),
        level=row.level,
        severity=row.severity,
        state=row.state,
        cause=row.cause,
        retrospective=row.retrospective,
        facts=facts,
        was=was,
    )
