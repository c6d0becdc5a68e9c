"""Telling: an event where a notice asks for it and no silence forbids it; the history says which did.

A finding that another one tells of is told by that alone. A workspace that never had a notice is told of all
that is a warning or worse.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from kpis.queries.findings_held import SeriesKey
from kpis.queries.notices import every_notice, maps_of_series, selector_of, series_of_sources, silences
from kpis.queries.sql import execute, statement
from kpis.series.exact import encode
from kpis.series.finding import Severity, Subject
from kpis.series.notice import DEFAULT, OCCASIONS, Aspect, Selector, occasion_of, selects_finding
from service.events import emit
from service.ids import new_id

_HISTORY = statement("finding_changes")
_QUIET = ("over", "noted", "ended", "covered")
_LOOKED_AT = ("opened", "reopened", "worsened", "eased")
AFTERWARDS: Mapping[str, str] = {"told_opened": "opened", "told_changed": "changed", "told_closed": "closed"}
"""What was kept back by a silence and is told after it: the change, and what it is to those who are told."""
_labels = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something to a finding: a credential and its name; the service itself where both are empty."""

    id: uuid.UUID | None = None
    name: str = ""


SERVICE = Author()


@dataclass(frozen=True, slots=True)
class News:
    """A finding that is another one now. was: its severity before, if that was another one.

    parent: the finding that tells of it, now; told_by: the same, where this change is not told by itself.
    children: what this tells of.
    """

    finding: uuid.UUID
    change: str
    kind: str
    subject: Subject
    level: str
    severity: Severity
    state: str
    cause: str = ""
    retrospective: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    snoozed_until: datetime | None = None
    author: Author = SERVICE
    was: Severity | None = None
    parent: uuid.UUID | None = None
    told_by: uuid.UUID | None = None
    children: Sequence[News] = ()


@dataclass(frozen=True, slots=True)
class _Notice:
    """id: None is what is told in a workspace that never had a notice."""

    id: uuid.UUID | None
    selector: Selector
    occasions: Sequence[str]
    tell: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asked, and what keeps back what: silences by (id, selector)."""

    notices: Sequence[_Notice]
    silences: Sequence[tuple[uuid.UUID, Selector]]


def tell_findings(*, workspace_id: uuid.UUID, news: Sequence[News], at: datetime) -> None:
    """Take the news down in the findings' history, and tell those who asked for it."""
    if not news:
        return
    loud = [one for one in news if one.told_by is None and one.change not in _QUIET]
    told: dict[uuid.UUID, dict[str, object]] = {}
    if loud:
        asked, aspects = _asked(workspace_id, at), _aspects(workspace_id, loud)
        told = {one.finding: _tell(workspace_id, one, aspects[one.finding], asked, at) for one in loud}
    # What a silence kept back is taken down again when it is told, not when another one keeps it back.
    lines = [
        _line(one, told.get(one.finding, {}))
        for one in news
        if one.change not in AFTERWARDS or "events" in told.get(one.finding, {})
    ]
    if not lines:
        return
    execute(_HISTORY, {"workspace": workspace_id, "at": at, "rows": encode(lines).decode()})


def _asked(workspace_id: uuid.UUID, at: datetime) -> _Asked:
    rows = every_notice(workspace_id)
    notices = [
        _Notice(row.id, selector_of(row.selector), row.occasions, row.tell)
        for row in rows
        if row.archived_at is None and row.enabled
    ]
    quiet = [
        (row.id, selector_of(row.selector)) for row in silences(workspace_id, holding_at=at).order_by("id")
    ]
    return _Asked(notices if rows else [_Notice(None, DEFAULT, OCCASIONS, ())], quiet)


def _aspects(workspace_id: uuid.UUID, news: Iterable[News]) -> dict[uuid.UUID, list[Aspect]]:
    """Return by finding the series that it speaks of."""
    parts = [(one.finding, part) for one in news for part in (one.children or (one,))]
    sources = {part.subject.source_id for _, part in parts if part.subject.source_id}
    fed = series_of_sources(workspace_id, sources) if sources else {}
    pairs: list[tuple[uuid.UUID, News, SeriesKey | None]] = []
    for finding, part in parts:
        subject = part.subject
        keys = [(subject.kpi_id, subject.labels)] if subject.kpi_id else fed.get(subject.source_id, ())  # type: ignore[arg-type]
        pairs += [(finding, part, key) for key in keys] or [(finding, part, None)]
    known = {key for _, _, key in pairs if key is not None}
    maps = maps_of_series(workspace_id, known) if known else {}
    found: dict[uuid.UUID, list[Aspect]] = {}
    for finding, part, key in pairs:
        kpi_id, labels = key or (None, "{}")
        aspect = Aspect(
            part.kind,
            kpi_id,
            _labels.decode(labels),
            part.subject.source_id,
            maps[key] if key is not None else frozenset(),
        )
        found.setdefault(finding, []).append(aspect)
    return found


def _tell(
    workspace_id: uuid.UUID, one: News, aspects: Sequence[Aspect], asked: _Asked, at: datetime
) -> dict[str, object]:
    """Emit an event for each occasion that somebody asked for, unless a silence holds; return what the
    history says of that. It is one event, but where it gets so bad, or so good, as some asked for and others
    had it already."""
    change = AFTERWARDS.get(one.change, one.change)
    asking: dict[str, list[_Notice]] = {}
    for row in asked.notices:
        occasion = occasion_of(
            row.selector, kind=one.kind, change=change, severity=one.severity, was=one.was, aspects=aspects
        )
        if occasion is not None and occasion in row.occasions:
            asking.setdefault(occasion, []).append(row)
    if not asking:
        return {}
    notices = [str(row.id) for rows in asking.values() for row in rows if row.id is not None]
    quiet = [
        str(row_id)
        for row_id, selector in asked.silences
        if selects_finding(selector, kind=one.kind, severity=one.severity, aspects=aspects)
    ]
    if quiet:
        return {"notices": notices, "silences": quiet}
    data = _data(one, aspects)
    events = [
        emit(
            workspace_id=workspace_id,
            type=f"finding.{occasion}",
            data=data
            | {
                "notices": [str(row.id) for row in rows if row.id is not None],
                "tell": sorted({word for row in rows for word in row.tell}),
            },
            at=at,
        )
        for occasion, rows in sorted(asking.items())
    ]
    return {"notices": notices, "events": [str(event) for event in events]}


def _data(one: News, aspects: Sequence[Aspect]) -> dict[str, object]:
    source = one.subject.source_id
    return {
        "finding": str(one.finding),
        "change": one.change,
        "kind": one.kind,
        "level": one.level,
        "severity": one.severity,
        "state": one.state,
        "cause": one.cause,
        "retrospective": one.retrospective,
        "kpi": str(one.subject.kpi_id) if one.subject.kpi_id else None,
        "labels": _labels.decode(one.subject.labels),
        "source": str(source) if source else None,
        "journey_maps": sorted({str(map_id) for aspect in aspects for map_id in aspect.map_ids}),
        "facts": one.facts,
    }


def _line(one: News, told: Mapping[str, object]) -> dict[str, object]:
    return {
        "id": new_id(),
        "finding": one.finding,
        "change": one.change,
        "state": one.state,
        "level": one.level,
        "severity": one.severity,
        "cause": one.cause,
        "note": one.note,
        "snoozed_until": one.snoozed_until,
        "author": one.author.id,
        "author_name": one.author.name,
        "told": told,
        "parent": one.parent,
        "facts": one.facts if one.change in _LOOKED_AT and one.facts else None,
    }
