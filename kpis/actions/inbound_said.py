"""What people said in a stored message, by the rules that have a `text_path`."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kpis.actions.feedback import record_feedback
from kpis.connectors.mapping import MAX_ISSUES, extract
from kpis.models.feeds import InboundEvent
from kpis.series.intake import MOST_KEY
from service.strict_json import loads


@dataclass(slots=True)
class Said:
    """What became of it. counts: {"feedback": how many are known now}, issues: of those that were refused."""

    counts: dict[str, int] = field(default_factory=dict)
    issues: list[dict[str, str]] = field(default_factory=list)


def record_said(event: InboundEvent, rules: list[dict[str, Any]], said: Said, *, at: datetime) -> None:
    """Record what rules find, in the caller's transaction; a changed text is a correction."""
    telling = [rule for rule in rules if "text_path" in rule]
    if not telling:
        return
    found = extract(telling, loads(bytes(event.body), exact=True)).said
    for item in found:
        told_at = event.occurred_at or event.created_at
        item.setdefault("observed_at", told_at)
        item["event_id"] = event.id
        item["external_id"] = _named(item, item.pop("place"), event)
    outcomes = record_feedback(
        workspace_id=event.workspace_id, items=found, correct=True, origin=event.endpoint_id, at=at
    )
    refused = [issue for one in outcomes for issue in one.issues]
    counts = Counter(one.status != "refused" for one in outcomes)
    said.counts = {"feedback": counts[True]} if counts[True] else {}
    said.issues = [
        {"pointer": f"/feedback{issue.pointer}", "code": issue.code, "detail": issue.detail}
        for issue in refused[:MAX_ISSUES]
        if issue.code != "erased"
    ]


def _named(item: dict[str, Any], place: int, event: InboundEvent) -> str:
    """Of one answer several rules may tell what was said to several KPIs."""
    name = f"{item['kpi']}:{item.get('external_id') or f'{event.message_id}:{place}'}"
    return name if len(name) <= MOST_KEY else hashlib.sha256(name.encode()).hexdigest()
