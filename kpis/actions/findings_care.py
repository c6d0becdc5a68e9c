"""What people do about findings: acknowledge, snooze, close, open again, or note something."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kpis.actions.findings_told import SERVICE, Author, News, tell_findings
from kpis.models.findings import Finding
from kpis.series.finding import SEVERITIES, Severity, Subject
from kpis.series.labels import labels_key
from service.due import drop_due, set_due
from service.errors import Conflict, Issue, NotFound, ValidationProblem
from service.preconditions import IfMatch, etag_of

DUE_KIND = "finding"
LONGEST_SNOOZE = timedelta(days=366)
_DONE = {"open": "reopened", "acknowledged": "acknowledged", "snoozed": "snoozed", "closed": "closed"}


class FindingOver(Conflict):
    code, title = "finding_over", "What it says is over; it opens again by itself if it comes back."


@transaction.atomic(savepoint=False)
def tend_finding(
    *, finding: Finding, values: Mapping[str, Any], author: Author, expected: IfMatch, at: datetime
) -> Finding:
    """Give a finding the state that somebody wants, and take down who did it and their note.

    values: state, snoozed_until (with `snoozed` only), note. The same again without a note changes nothing.
    Raises PreconditionFailed, ValidationProblem, FindingOver (what is over can only be closed, or noted).
    """
    row = Finding.objects.select_for_update(no_key=True).filter(pk=finding.pk).first()
    if row is None:
        raise NotFound
    expected.check(etag_of(row))
    state, until, note = values["state"], values.get("snoozed_until"), values.get("note") or ""
    changed = (state, until) != (row.state, row.snoozed_until)
    if changed:
        _check(row, state, until, at)
        row.state, row.snoozed_until = state, until
        row.closed_at = at if state == "closed" else None
        _appoint(row)
    if changed or note:
        row.row_version += 1
        row.updated_at = at
        row.save(update_fields=["state", "snoozed_until", "closed_at", "row_version", "updated_at"])
        _take_down(row, _DONE[state] if changed else "noted", note, author, at)
    return row


@transaction.atomic(savepoint=False)
def wake_finding(*, workspace_id: uuid.UUID, finding_id: uuid.UUID, at: datetime) -> None:
    """Open a finding whose snooze has run out; one that is snoozed no more stays as it is."""
    rows = Finding.objects.select_for_update(no_key=True).filter(workspace_id=workspace_id, pk=finding_id)
    row = rows.filter(state="snoozed", snoozed_until__lte=at).first()
    if row is None:
        return
    row.state, row.snoozed_until, row.updated_at = "open", None, at
    row.row_version += 1
    row.save(update_fields=["state", "snoozed_until", "row_version", "updated_at"])
    _take_down(row, "woken", "", SERVICE, at)


def _check(row: Finding, state: str, until: datetime | None, at: datetime) -> None:
    if state != "closed" and not row.standing:
        raise FindingOver
    place = "/snoozed_until"
    if state != "snoozed":
        if until is not None:
            raise ValidationProblem([Issue(place, "not_snoozed", "It goes with the state `snoozed` only.")])
    elif until is None:
        raise ValidationProblem([Issue(place, "required", "Say until when.")])
    elif not at < until <= at + LONGEST_SNOOZE:
        raise ValidationProblem([Issue(place, "out_of_range", "Later than now, and within 366 days.")])


def _appoint(row: Finding) -> None:
    if row.snoozed_until is None:
        drop_due(workspace_id=row.workspace_id, kind=DUE_KIND, row_id=row.id)
    else:
        set_due(workspace_id=row.workspace_id, kind=DUE_KIND, row_id=row.id, due_at=row.snoozed_until)


def _take_down(row: Finding, change: str, note: str, author: Author, at: datetime) -> None:
    news = News(
        finding=row.id,
        change=change,
        kind=row.kind,
        subject=Subject(row.kpi_id, labels_key(row.labels), row.source_id, row.about),
        level=row.level,
        severity=_severity(row),
        state=row.state,
        facts=row.facts,
        retrospective=row.retrospective,
        note=note,
        snoozed_until=row.snoozed_until,
        author=author,
        parent=row.parent_id,
    )
    tell_findings(workspace_id=row.workspace_id, news=[news], at=at)


def _severity(row: Finding) -> Severity:
    return next(one for one in SEVERITIES if one == row.severity)
