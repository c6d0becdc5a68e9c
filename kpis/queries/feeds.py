"""Reads of sources and inbound endpoints."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from kpis.models.inbound import InboundEndpoint, InboundEvent, InboundRules
from kpis.models.sources import Source, SourceBackfill, SourceRun
from kpis.queries.sql import fetch, statement
from kpis.series.live_parts import iso
from service.errors import Gone, NotFound
from service.ids import minted_before
from service.models import Due, Workspace
from service.resources import by_ref, open_ref
from service.retention import kept_from

_NO_MORE = statement("waiting_no_more")
LATELY = timedelta(days=7)
MOST_LOOKED_AT = 1_000
MESSAGE_DAYS = 400
MESSAGE_DAYS_LEAST = 35
"""Senders repeat what was not acknowledged for days, some for weeks: by then a repeat must still be known."""
GONE = "The message, or what it said, is no longer kept; `detail` says since when."


class MessageGone(Gone):
    code, title = "message_gone", "This message is no longer kept."


def sources(workspace_id: uuid.UUID) -> QuerySet[Source, Source]:
    return Source.objects.filter(workspace_id=workspace_id, archived_at=None)


def source(workspace_id: uuid.UUID, ref: str) -> Source:
    """Raises NotFound."""
    return open_ref(Source.objects.filter(workspace_id=workspace_id), ref)


def next_runs(workspace_id: uuid.UUID, source_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return when each source is due next."""
    rows = Due.objects.filter(workspace_id=workspace_id, kind="source", row_id__in=list(source_ids))
    return dict(rows.values_list("row_id", "due_at"))


def runs_of(source: Source) -> QuerySet[SourceRun, SourceRun]:
    return SourceRun.objects.filter(workspace_id=source.workspace_id, source=source)


def backfills_of(source: Source) -> QuerySet[SourceBackfill, SourceBackfill]:
    return SourceBackfill.objects.filter(workspace_id=source.workspace_id, source=source)


def backfill(source: Source, backfill_id: uuid.UUID) -> SourceBackfill:
    """Raises NotFound."""
    row = backfills_of(source).filter(id=backfill_id).first()
    if row is None:
        raise NotFound
    return row


def backfills_pending(workspace_id: uuid.UUID) -> bool:
    """Say whether a source is being asked about the past."""
    return SourceBackfill.objects.filter(workspace_id=workspace_id, finished_at=None).exists()


def feed_ids(workspace_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the sources and inbound endpoints of the workspace, archived ones too."""
    sources = Source.objects.filter(workspace_id=workspace_id).values_list("id", flat=True)
    pushed_to = InboundEndpoint.objects.filter(workspace_id=workspace_id).values_list("id", flat=True)
    return {*sources, *pushed_to}


def broken_feeds(workspace_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the sources whose figures are `broken` on the map."""
    rows = Source.objects.filter(workspace_id=workspace_id, broken=True, archived_at=None)
    return set(rows.values_list("id", flat=True))


def endpoints(workspace_id: uuid.UUID) -> QuerySet[InboundEndpoint, InboundEndpoint]:
    return InboundEndpoint.objects.filter(workspace_id=workspace_id, archived_at=None)


def endpoint(workspace_id: uuid.UUID, ref: str) -> InboundEndpoint:
    """Raises NotFound."""
    return open_ref(InboundEndpoint.objects.filter(workspace_id=workspace_id), ref)


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """held: requests that wait for a secret. unmatched_rate: of what was read of late, None for nothing;
    estimated: of many that wait, the latest spoke for all."""

    held: int = 0
    unmatched_rate: float | None = None
    estimated: bool = False


def endpoint_health(
    workspace_id: uuid.UUID, endpoint_ids: Iterable[uuid.UUID], *, at: datetime
) -> dict[uuid.UUID, EndpointHealth]:
    """Return by endpoint what its messages of the last 7 days say.

    One statement, and another where a message has numerators for which it told no denominator itself: these
    may have come by any other way. Of more than MOST_LOOKED_AT such messages the latest speak for all.
    """
    rows = InboundEvent.objects.filter(
        Q(created_at__gte=at - LATELY) | Q(request__isnull=False),
        workspace_id=workspace_id,
        endpoint_id__in=list(endpoint_ids),
    ).values("endpoint_id")
    counted = rows.annotate(
        held=Count("id", filter=Q(request__isnull=False)),
        read=Count("id", filter=Q(processed_at__isnull=False, request__isnull=True)),
        untaken=Count("id", filter=Q(state="ignored")),
        waiting=Count("id", filter=Q(state="unmatched")),
    )
    found = {row["endpoint_id"]: row for row in counted}
    waiting = [id for id, row in found.items() if row["waiting"]]
    asked = {"workspace": workspace_id, "endpoints": waiting, "since": at - LATELY, "most": MOST_LOOKED_AT}
    looked = {id: (seen, matched) for id, seen, matched in fetch(_NO_MORE, asked)} if waiting else {}
    return {id: _health(row, *looked.get(id, (1, 0))) for id, row in found.items()}


def _health(row: Mapping[str, int], looked_at: int, matched: int) -> EndpointHealth:
    if not row["read"]:
        return EndpointHealth(row["held"])
    no_more = row["waiting"] * matched / looked_at
    rate = (row["untaken"] + row["waiting"] - no_more) / row["read"]
    return EndpointHealth(row["held"], rate, estimated=row["waiting"] > MOST_LOOKED_AT)


def inbound_events(
    workspace_id: uuid.UUID,
    *,
    endpoint_ref: str | None = None,
    events: Sequence[uuid.UUID] | None = None,
    state: str | None = None,
    type: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[InboundEvent, InboundEvent]:
    """What archived endpoints received can still be read. Raises NotFound for an unknown endpoint."""
    rows = InboundEvent.objects.filter(workspace_id=workspace_id).defer("body", "request")
    if endpoint_ref:
        known = InboundEndpoint.objects.filter(workspace_id=workspace_id)
        rows = rows.filter(endpoint=by_ref(known, endpoint_ref))
    if events is not None:
        rows = rows.filter(id__in=events)
    named = {"state": state, "type": type, "created_at__gte": since, "created_at__lt": until}
    return rows.filter(**{name: value for name, value in named.items() if value is not None})


def gone_among(events: QuerySet[InboundEvent, InboundEvent]) -> int:
    """Return how many of these messages cannot be read again."""
    return events.filter(body_gone_at__isnull=False).count()


def replays_pending(workspace_id: uuid.UUID) -> bool:
    """Say whether a message that was read before waits to be read again."""
    rows = InboundEvent.objects.filter(workspace_id=workspace_id, state="received")
    return rows.filter(processed_at__isnull=False).exists()


def rules_of(endpoint: InboundEndpoint) -> QuerySet[InboundRules, InboundRules]:
    """What the endpoint's rules were, revision by revision."""
    return InboundRules.objects.filter(workspace_id=endpoint.workspace_id, endpoint=endpoint)


def inbound_event(workspace_id: uuid.UUID, event_id: uuid.UUID, *, at: datetime) -> InboundEvent:
    """Raises NotFound; MessageGone for an id from before messages are kept."""
    row = InboundEvent.objects.filter(workspace_id=workspace_id, id=event_id).first()
    if row is not None:
        return row
    limits = Workspace.objects.values_list("limits", flat=True).get(pk=workspace_id)
    since = kept_from(limits, "inbound_event_days", default=MESSAGE_DAYS, least=MESSAGE_DAYS_LEAST, at=at)
    if minted_before(event_id, since):
        raise MessageGone(f"This workspace keeps messages from {iso(since)} on.")
    raise NotFound


def readable_event(workspace_id: uuid.UUID, event_id: uuid.UUID, *, at: datetime) -> InboundEvent:
    """Return a message that can be read again. Raises NotFound, MessageGone."""
    row = inbound_event(workspace_id, event_id, at=at)
    if row.body_gone_at is not None:
        raise MessageGone(f"What it said is no longer kept, since {iso(row.body_gone_at)}.")
    return row
