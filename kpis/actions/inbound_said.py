"""What people said in stored messages, by the rules that have a `text_path`."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kpis.actions.feedback import Outcome, record_feedback
from kpis.connectors.mapping import MAX_ISSUES, Extract
from kpis.models.inbound import InboundEvent
from kpis.series.intake import MOST_KEY


@dataclass(slots=True)
class Said:
    """What became of it. counts: {"feedback": how many are known now}, issues: of those that were refused."""

    counts: dict[str, int] = field(default_factory=dict)
    issues: list[dict[str, str]] = field(default_factory=list)


def record_said(
    events: Sequence[tuple[InboundEvent, Extract]], *, endpoint_id: uuid.UUID, at: datetime
) -> dict[uuid.UUID, Said]:
    """Record what people said in messages of an endpoint; return by message what became of it."""
    outcomes = say(events, endpoint_id=endpoint_id, at=at)
    return {event_id: _told(found) for event_id, found in outcomes.items()}


def say(
    events: Sequence[tuple[InboundEvent, Extract]], *, endpoint_id: uuid.UUID, at: datetime
) -> dict[uuid.UUID, list[Outcome]]:
    """Record what rules found of it, in the caller's transaction; return the outcomes by message.

    A changed text is a correction.
    """
    items = [(event, _item(event, said)) for event, found in events for said in found.said]
    if not items:
        return {}
    outcomes = record_feedback(
        workspace_id=items[0][0].workspace_id,
        items=[item for _, item in items],
        correct=True,
        origin=endpoint_id,
        at=at,
    )
    by_event: defaultdict[uuid.UUID, list[Outcome]] = defaultdict(list)
    for (event, _), outcome in zip(items, outcomes, strict=True):
        by_event[event.id].append(outcome)
    return dict(by_event)


def _told(outcomes: Sequence[Outcome]) -> Said:
    known = sum(one.status != "refused" for one in outcomes)
    refused = [issue for one in outcomes for issue in one.issues]
    return Said(
        {"feedback": known} if known else {},
        [
            {"pointer": f"/feedback{issue.pointer}", "code": issue.code, "detail": issue.detail}
            for issue in refused[:MAX_ISSUES]
            if issue.code != "erased"
        ],
    )


def _item(event: InboundEvent, said: dict[str, Any]) -> dict[str, Any]:
    """Return what is recorded of something said: under a name of its own, at the latest when it came."""
    told = {name: value for name, value in said.items() if name != "place"}
    told.setdefault("observed_at", event.occurred_at or event.created_at)
    return told | {"event_id": event.id, "external_id": _named(told, said["place"], event)}


def _named(item: dict[str, Any], place: int, event: InboundEvent) -> str:
    """Of one answer several rules may tell what was said to several KPIs."""
    name = f"{item['kpi']}:{item.get('external_id') or f'{event.message_id}:{place}'}"
    return name if len(name) <= MOST_KEY else hashlib.sha256(name.encode()).hexdigest()
