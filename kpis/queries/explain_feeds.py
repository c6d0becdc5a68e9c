"""Who told a figure: its sources and endpoints, when they were heard of last, and what they told again."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kpis.models.feeds import InboundEndpoint, InboundEvent, Source, SourceRun

MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True)
class FeedSaid:
    """A source or endpoint. last: its last run or message. repeats: readings that it told again since."""

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
    workspace_id: uuid.UUID, feeds: Collection[uuid.UUID], *, since: datetime | None
) -> Sequence[FeedSaid]:
    """Return the feeds by name, archived ones too. since: when the first reading that counts was recorded."""
    if not feeds:
        return []
    sources = Source.objects.filter(workspace_id=workspace_id, id__in=feeds)
    endpoints = InboundEndpoint.objects.filter(workspace_id=workspace_id, id__in=feeds)
    found = [
        *(_source(row, since) for row in sources.defer("secret")),
        *(_endpoint(row, since) for row in endpoints.defer("secret", "previous_secret")),
    ]
    return sorted(found, key=lambda one: (one.name, one.id))


def _source(row: Source, since: datetime | None) -> FeedSaid:
    runs = SourceRun.objects.filter(workspace_id=row.workspace_id, source=row)
    last = runs.order_by("-created_at", "-id").first()
    repeats = _repeats(runs.filter(created_at__gte=since).order_by("created_at")) if since else 0
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


def _endpoint(row: InboundEndpoint, since: datetime | None) -> FeedSaid:
    events = InboundEvent.objects.filter(workspace_id=row.workspace_id, endpoint=row).defer("body", "request")
    last = events.order_by("-created_at", "-id").first()
    repeats = _repeats(events.filter(created_at__gte=since).order_by("created_at")) if since else 0
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


def _repeats(rows: Any) -> int:
    counts = rows.values_list("counts", flat=True)[:MOST_RUNS]
    return sum(int(one.get("duplicate", 0)) for one in counts)
