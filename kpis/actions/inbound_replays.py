"""Stored messages read again for good, one by one or by filter, by the workers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from kpis.actions.findings_due import appoint_settling
from kpis.actions.inbound_ledger import lock_claims
from kpis.actions.receiving import DUE_KIND
from kpis.models.inbound import InboundEvent
from service.due import set_all_due

_AT_ONCE = 5000


@transaction.atomic
def replay_events(*, events: QuerySet[InboundEvent, InboundEvent], at: datetime) -> int:
    """Have stored messages read again with the rules of now, save for those whose bytes are gone; return how
    many.

    What that changes is found once, when the last of them has been read. Waits for those that are being read
    now: both lock messages, and a message may be told by another one that it waits no more.
    """
    endpoints = events.order_by().values_list("workspace_id", "endpoint_id").distinct()
    for workspace_id, endpoint_id in sorted(endpoints):
        lock_claims(workspace_id, endpoint_id)
    state = Case(When(request__isnull=False, then=Value("held")), default=Value("received"))
    count = 0
    chosen = events.filter(body_gone_at=None).order_by("created_at", "id").values_list("id", "workspace_id")
    for some in _batched(chosen.iterator(chunk_size=_AT_ONCE)):
        ids = [id for id, _ in some]
        InboundEvent.objects.filter(id__in=ids).update(state=state, attempts=0, error="")
        set_all_due(workspace_id=some[0][1], kind=DUE_KIND, row_ids=ids, due_at=at)
        count += len(some)
        appoint_settling(workspace_id=some[0][1], at=at)
    return count


def _batched(rows: Iterator[tuple[uuid.UUID, uuid.UUID]]) -> Iterator[list[tuple[uuid.UUID, uuid.UUID]]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some
