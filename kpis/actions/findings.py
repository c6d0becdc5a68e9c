"""What was noticed is stored, in the transaction that noticed it: opened, changed, closed by itself.

Anybody who notices something reports it here; nobody keeps a table of their own. One statement reads what is
held of the subjects; nothing is written where that says it already. Locks: findings come after series and
bindings, and before the maps' revisions.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from kpis.actions.findings_told import News, tell_findings
from kpis.models.definitions import Kpi
from kpis.models.findings import Finding
from kpis.queries.findings_held import held_findings
from kpis.queries.sql import execute, fetch, statement
from kpis.series.exact import encode
from kpis.series.finding import SEVERITIES, Found, Held, Over, Severity, Step, Subject, next_step
from kpis.series.labels import labels_key
from service.ids import new_id

_OPEN = statement("open_findings")
_CHANGE = statement("change_findings")
_CLOSE_PARENTS = statement("close_parents")


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding that is another one now. seen: what was reported of it; held: what was held.

    parent: the finding that tells of it. told_by: the same, where this change is not told by itself.
    """

    id: uuid.UUID
    step: Step
    level: str
    severity: Severity
    seen: Found | Over
    held: Held | None = None
    parent: uuid.UUID | None = None
    told_by: uuid.UUID | None = None


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
    wanted = [(one.kind, one.subject.key) for one in seen]
    held = held_findings(workspace_id=workspace_id, wanted=wanted, at=at)
    noticed = []
    for one in seen:
        known = held.get((one.kind, one.subject.key))
        step = next_step(known, one, at)
        if step is not None:
            noticed.append(_noticed(known, one, step))
    loud = [one for one in noticed if one.step.change != "over" and one.told_by is None]
    parent = _gathered(loud, at) if bulk and len(loud) > 1 else None
    if parent is not None:
        noticed = [parent, *(_under(one, parent.id) for one in noticed)]
    noticed = _store(workspace_id, noticed, at)
    news = {one.id: _news(one) for one in noticed}
    if parent is not None:
        children = tuple(news[one.id] for one in noticed if one.told_by == parent.id)
        news[parent.id] = replace(news[parent.id], children=children)
    ended = _end_parents(workspace_id, noticed, at)
    tell_findings(workspace_id=workspace_id, news=[*news.values(), *ended], at=at)
    return noticed


def end_findings(*, row: Kpi, kinds: Collection[str], at: datetime) -> None:
    """What was found of a KPI holds no more: it is archived, or no longer says what was looked at."""
    held = Finding.objects.filter(workspace_id=row.workspace_id, kpi=row, kind__in=kinds, standing=True)
    seen = [Over(one.kind, Subject(row.id, labels_key(one.labels)), "threshold") for one in held]
    report_findings(workspace_id=row.workspace_id, seen=seen, at=at)


def _noticed(known: Held | None, seen: Found | Over, step: Step) -> Noticed:
    """A finding that eases or ends under a broken source is not told: the source's finding is."""
    if isinstance(seen, Found):
        level, severity = seen.level, seen.severity
    else:
        assert known is not None
        level, severity = known.level, known.severity
    if step.change == "opened" or known is None:
        return Noticed(new_id(), step, level, severity, seen)
    ends = step.change in ("closed", "over", "eased")
    parent = known.parent if ends else None
    told_by = parent if known.parent_kind == "source_broken" else None
    return Noticed(known.id, step, level, severity, seen, known, parent, told_by)


def _gathered(loud: Sequence[Noticed], at: datetime) -> Noticed:
    """A finding that tells of all of these. It is over at once, and open while one of them is."""
    counts: dict[str, object] = dict(Counter(str(one.step.change) for one in loud))
    worst = max((one.severity for one in loud), key=SEVERITIES.index)
    row_id = new_id()
    found = Found("restated", Subject(about=str(row_id)), "restated", worst, "backfill", True, at, counts)
    stands = any(one.step.standing for one in loud)
    return Noticed(row_id, Step("opened", "open" if stands else "closed", False), "restated", worst, found)


def _under(one: Noticed, parent: uuid.UUID) -> Noticed:
    if one.told_by is not None or one.step.change == "over":
        return one
    return Noticed(one.id, one.step, one.level, one.severity, one.seen, one.held, parent, parent)


def _store(workspace_id: uuid.UUID, noticed: Sequence[Noticed], at: datetime) -> list[Noticed]:
    """Write the findings; what somebody else opened in this instant is left to them."""
    values: dict[str, Any] = {"workspace": workspace_id, "at": at}
    fresh = [one for one in noticed if one.step.change == "opened"]
    if fresh:
        rows = encode([_opened(one) for one in fresh]).decode()
        made = {row_id for (row_id,) in fetch(_OPEN, values | {"rows": rows})}
        noticed = [one for one in noticed if one.step.change != "opened" or one.id in made]
    changed = [one for one in noticed if one.step.change != "opened"]
    if changed:
        execute(_CHANGE, values | {"rows": encode([_changed(one) for one in changed]).decode()})
    return list(noticed)


def _end_parents(workspace_id: uuid.UUID, noticed: Sequence[Noticed], at: datetime) -> list[News]:
    """What gathered others is closed with the last of them, and told to nobody: they were."""
    parents = {one.held.parent for one in noticed if one.held and one.held.parent_kind == "restated"}
    if not parents:
        return []
    values: dict[str, Any] = {"workspace": workspace_id, "at": at, "parents": sorted(map(str, parents))}
    return [
        News(row_id, "ended", kind, Subject(about=about), level, severity, "closed", cause)
        for row_id, kind, about, level, severity, cause in fetch(_CLOSE_PARENTS, values)
    ]


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
        "state": one.step.state,
        "standing": one.step.standing,
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


def _news(one: Noticed) -> News:
    found = one.seen if isinstance(one.seen, Found) else None
    return News(
        finding=one.id,
        change=one.step.change,
        kind=one.seen.kind,
        subject=one.seen.subject,
        level=one.level,
        severity=one.severity,
        state=one.step.state,
        cause=one.seen.cause,
        retrospective=found.retrospective if found else False,
        facts=found.facts if found else {},
        was=one.held.severity if one.held and one.step.change in ("worsened", "eased") else None,
        parent=one.parent,
        told_by=one.told_by,
    )
