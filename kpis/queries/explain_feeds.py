"""Who told a figure: its sources and endpoints, when they were heard of last, and what they told again."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet

from kpis.models.inbound import InboundEndpoint, InboundEvent
from kpis.models.sources import Source, SourceRun
from kpis.queries.state import broken_by
from kpis.series.told_again import told_within

MOST_RUNS = 10_000
MOST_WAITED = timedelta(days=1)
"""How long before the first reading was recorded what told it again may have come: messages may wait."""
Row = TypeVar("Row", SourceRun, InboundEvent)


@dataclass(frozen=True, slots=True)
class FeedSaid:
    """A source or endpoint. last: its last run or message. repeats: readings of the figure that were asked
    about, as it told them again."""

    id: uuid.UUID
    kind: str
    name: str
    broken: bool = False
    last_id: uuid.UUID | None = None
    last_at: datetime | None = None
    last_status: str | None = None
    last_error: str = ""
    last_counts: Mapping[str, Any] = field(default_factory=dict)
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Again:
    """Of which readings it is asked how often they were told again: of some series, in a period.

    since None: of the instant `until`. told_since: when the first reading that counts was recorded.
    """

    series: frozenset[str]
    since: datetime | None
    until: datetime
    told_since: datetime


def feeds_said(
    workspace_id: uuid.UUID, feeds: Collection[uuid.UUID], *, again: Again | None, by: datetime | None
) -> Sequence[FeedSaid]:
    """Return the feeds by name, archived ones too. by: as of that instant, but for their names; None: now."""
    if not feeds:
        return []
    sources = Source.objects.filter(workspace_id=workspace_id, id__in=feeds).defer("secret")
    endpoints = InboundEndpoint.objects.filter(workspace_id=workspace_id, id__in=feeds)
    broken = {row.id for row in sources if row.broken}
    if by is not None:
        broken = broken_by(workspace_id=workspace_id, feeds=feeds, at=by)
    found = [
        *(_source(row, row.id in broken, again, by) for row in sources),
        *(_endpoint(row, again, by) for row in endpoints.defer("secret", "previous_secret")),
    ]
    return sorted(found, key=lambda one: (one.name, one.id))


def _source(row: Source, broken: bool, again: Again | None, by: datetime | None) -> FeedSaid:
    runs = _told(SourceRun.objects.filter(workspace_id=row.workspace_id, source=row), by)
    last = runs.order_by("-created_at", "-id").first()
    if last is None:
        return FeedSaid(row.id, "source", row.name, broken)
    return FeedSaid(
        row.id,
        "source",
        row.name,
        broken,
        last.id,
        last.created_at,
        last.status,
        last.error,
        last.counts,
        _repeats(runs, again),
    )


def _endpoint(row: InboundEndpoint, again: Again | None, by: datetime | None) -> FeedSaid:
    events = InboundEvent.objects.filter(workspace_id=row.workspace_id, endpoint=row)
    events = _told(events.defer("body", "request"), by)
    last = events.order_by("-created_at", "-id").first()
    if last is None:
        return FeedSaid(row.id, "endpoint", row.name)
    return FeedSaid(
        row.id,
        "endpoint",
        row.name,
        False,
        last.id,
        last.created_at,
        last.state,
        last.error,
        last.counts,
        _repeats(events, again),
    )


def _told(rows: QuerySet[Row, Row], by: datetime | None) -> QuerySet[Row, Row]:
    return rows if by is None else rows.filter(created_at__lte=by)


def _repeats(rows: QuerySet[Any, Any], again: Again | None) -> int:
    if again is None:
        return 0
    since = again.told_since - MOST_WAITED
    told = rows.filter(created_at__gte=since).exclude(repeats={}).order_by("created_at")
    found = told.values_list("repeats", flat=True)[:MOST_RUNS]
    return sum(told_within(one, again.series, again.since, again.until) for one in found)
