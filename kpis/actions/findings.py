"""What was noticed is stored, in the transaction that noticed it: opened, changed, closed by itself.

Anybody who notices something reports it here; nobody keeps a table of their own. One statement reads what is
held of the subjects; nothing is written where that says it already. Locks: findings come after series and
bindings, and before the maps' revisions.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from kpis.queries.findings_held import held_findings
from kpis.queries.sql import execute, fetch, statement
from kpis.series.exact import encode
from kpis.series.finding import SEVERITIES, Found, Held, Over, Severity, Step, Subject, next_step
from service.ids import new_id

_OPEN = statement("open_findings")
_CHANGE = statement("change_findings")
_HISTORY = statement("finding_changes")
_LOUD = ("opened", "reopened", "worsened", "eased", "closed")


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something to a finding: a credential and its name; the service itself where both are empty."""

    id: uuid.UUID | None = None
    name: str = ""


SERVICE = Author()


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding that is another one now. seen: what was reported of it."""

    id: uuid.UUID
    step: Step
    level: str
    severity: Severity
    seen: Found | Over
    parent: uuid.UUID | None = None


@transaction.atomic(savepoint=False)
def report_findings(
    *, workspace_id: uuid.UUID, seen: Sequence[Found | Over], at: datetime, bulk: bool = False
) -> list[Noticed]:
    """Take down what holds and what does not; return the findings that are others now.

    seen: at most one of a kind and subject. What is reported again at the same level costs one statement and
    changes nothing. bulk: what follows from one replay, backfill or import, which is told at most once: more
    than one change gets a finding of the kind `restated` for a parent.
    """
    if not seen:
        return []
    held = held_findings(
        workspace_id=workspace_id, wanted=[(one.kind, one.subject.key) for one in seen], at=at
    )
    noticed = []
    for one in seen:
        known = held.get((one.kind, one.subject.key))
        step = next_step(known, one, at)
        if step is not None:
            noticed.append(_noticed(known, one, step))
    if bulk and sum(one.step.change in _LOUD for one in noticed) > 1:
        noticed = _gathered(workspace_id, noticed, at)
    return _store(workspace_id, noticed, at)


def _noticed(known: Held | None, seen: Found | Over, step: Step) -> Noticed:
    row_id = known.id if known is not None and step.change != "opened" else new_id()
    if isinstance(seen, Found):
        return Noticed(row_id, step, seen.level, seen.severity, seen)
    assert known is not None
    return Noticed(row_id, step, known.level, known.severity, seen)


def _gathered(workspace_id: uuid.UUID, noticed: Sequence[Noticed], at: datetime) -> list[Noticed]:
    """Put the changes under one finding that tells of all; it is over as soon as it was told."""
    counts: dict[str, object] = {}
    for one in noticed:
        counts[one.step.change] = int(str(counts.get(one.step.change, 0))) + 1
    worst = max((one.severity for one in noticed), key=SEVERITIES.index)
    row_id = new_id()
    found = Found("restated", Subject(about=str(row_id)), "restated", worst, "backfill", True, at, counts)
    parent = Noticed(row_id, Step("opened", "open", True), found.level, worst, found)
    return [parent, *(replace(one, parent=row_id) for one in noticed)]


def _store(workspace_id: uuid.UUID, noticed: Sequence[Noticed], at: datetime) -> list[Noticed]:
    """Write findings and their history; what somebody else opened in this instant is left to them."""
    values: dict[str, Any] = {"workspace": workspace_id, "at": at}
    fresh = [one for one in noticed if one.step.change == "opened"]
    if fresh:
        rows = encode([_opened(one) for one in fresh]).decode()
        made = {row_id for (row_id,) in fetch(_OPEN, values | {"rows": rows})}
        noticed = [one for one in noticed if one.step.change != "opened" or one.id in made]
    changed = [_changed(one) for one in noticed if one.step.change != "opened"]
    if changed:
        execute(_CHANGE, values | {"rows": encode(changed).decode()})
    write_history(workspace_id=workspace_id, lines=[_line(one) for one in noticed], at=at)
    return list(noticed)


def _opened(one: Noticed) -> Mapping[str, object]:
    assert isinstance(one.seen, Found)
    subject = one.seen.subject
    return {
        "id": one.id,
        "kind": one.seen.kind,
        "subject": subject.key,
        "kpi": subject.kpi_id,
        "labels": msgspec.Raw(subject.labels.encode()),
        "source": subject.source_id,
        "about": subject.about,
        "level": one.level,
        "severity": one.severity,
        "cause": one.seen.cause,
        "retrospective": one.seen.retrospective,
        "facts": one.seen.facts,
        "parent": one.parent,
        "since": one.seen.since,
    }


def _changed(one: Noticed) -> Mapping[str, object]:
    return {
        "id": one.id,
        "state": one.step.state,
        "standing": one.step.standing,
        "level": one.level,
        "severity": one.severity,
        "cause": one.seen.cause,
        "facts": one.seen.facts if isinstance(one.seen, Found) else None,
        "parent": one.parent,
    }


def _line(one: Noticed) -> Mapping[str, object]:
    return line_of(
        one.id, one.step.change, state=one.step.state, level=one.level, severity=one.severity,
        cause=one.seen.cause,
    )  # fmt: skip


def line_of(
    finding_id: uuid.UUID,
    change: str,
    *,
    state: str,
    level: str,
    severity: str,
    cause: str = "",
    note: str = "",
    snoozed_until: datetime | None = None,
    author: Author = SERVICE,
) -> dict[str, object]:
    """Return a line of a finding's history, for `write_history`."""
    return {
        "id": new_id(),
        "finding": finding_id,
        "change": change,
        "state": state,
        "level": level,
        "severity": severity,
        "cause": cause,
        "note": note,
        "snoozed_until": snoozed_until,
        "author": author.id,
        "author_name": author.name,
        "told": {},
    }


def write_history(*, workspace_id: uuid.UUID, lines: Iterable[Mapping[str, object]], at: datetime) -> None:
    """Write lines of the history of findings; one statement, none for no lines."""
    rows = list(lines)
    if rows:
        execute(_HISTORY, {"workspace": workspace_id, "at": at, "rows": encode(rows).decode()})
