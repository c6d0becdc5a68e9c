"""Who told a figure: its sources and endpoints, when they were heard of last, and what they told again."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kpis.models.inbound import InboundEndpoint, InboundEvent
from kpis.models.sources import Source, SourceRun

MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True)
class FeedSaid:
    """A source or endpoint. last: its last run or message. repeats: readings of the series asked about that
    it told again since."""

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


def feeds_said(
    workspace_id: uuid.UUID,
    feeds: Collection[uuid.UUID],
    *,
    series: Collection[int],
    since: datetime | None,
) -> Sequence[FeedSaid]:
    """Return the feeds by name, archived ones too. since: when the first reading that counts was recorded.

    series: those whose repeats are counted.
    """
    if not feeds:
        return []
    sources = Source.objects.filter(workspace_id=workspace_id, id__in=feeds)
    endpoints = InboundEndpoint.objects.filter(workspace_id=workspace_id, id__in=feeds)
    told = frozenset(map(str, series))
    found = [
        *(_source(row, told, since) for row in sources.defer("secret")),
        *(_endpoint(row, told, since) for row in endpoints.defer("secret", "previous_secret")),
    ]
    return sorted(found, key=lambda one: (one.name, one.id))


def _source(row: Source, series: Set[str], since: datetime | None) -> FeedSaid:
    runs = SourceRun.objects.filter(workspace_id=row.workspace_id, source=row)
    last = runs.order_by("-created_at", "-id").first()
    repeats = _repeats(runs, series, since) if since else 0
    if last is None:
        return FeedSaid(row.id, "source", row.name, row.broken)
    return FeedSaid(
        row.id,
        "source",
        row.name,
        row.broken,
        last.id,
        last.created_at,
        last.status,
        last.error,
        last.counts,
        repeats,
    )


def _endpoint(row: InboundEndpoint, series: Set[str], since: datetime | None) -> FeedSaid:
    events = InboundEvent.objects.filter(workspace_id=row.workspace_id, endpoint=row).defer("body", "request")
    last = events.order_by("-created_at", "-id").first()
    repeats = _repeats(events, series, since) if since else 0
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
        repeats,
    )


def _repeats(rows: Any, series: Set[str], since: datetime) -> int:
    told = rows.filter(created_at__gte=since).exclude(repeats={}).order_by("created_at")
    found = told.values_list("repeats", flat=True)[:MOST_RUNS]
    return sum(int(one[name]) for one in found for name in series & one.keys())
