"""Messages: what a worker's task reads of those that wait, in groups against one by one.

Both are the same code and database work on messages of the same shape, answers of one person each; one by one
is what a group comes to when it fails, and was all there was before. So the ratio is what sharing a
transaction is worth, of processor time and waits together.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from bench.ground import Ground, make_ground
from bench.live import post
from bench.measure import Row, Work, interleaved_prepared
from kpis.actions import inbound, inbound_groups
from kpis.actions.receiving import store
from kpis.models.inbound import InboundEndpoint
from service.providers.exchange import Verdict
from service.providers.messages import Message
from service.tenancy import workspace_transaction

MESSAGES = inbound.SLICE
KPI = {
    "key": "nps", "name": "NPS", "kind": "nps", "holds": "events", "input": "answers", "period": "month",
}  # fmt: skip
RULE = {
    "kpi": "nps",
    "when": [{"path": "$.type", "equals": "survey.answered"}],
    "value": "$.score",
    "external_id": "$.person",
    "observed_at": "$.at",
}


def rows() -> Iterator[Row]:
    ground = make_ground("bench inbound")
    post(ground, "/v1/kpis", KPI)
    made = post(ground, "/v1/inbound-endpoints", {"name": "Survey", "provider": "url", "rules": [RULE]})
    numbers = itertools.count()
    ready = {
        "grouped": partial(_ready, ground, made["id"], numbers, inbound_groups.MOST_TOGETHER),
        "alone": partial(_ready, ground, made["id"], numbers, 1),
    }
    spent = interleaved_prepared(ready, rounds=5, repeats=1)
    rate = {name: MESSAGES * 1000 / ms for name, ms in spent.items()}
    yield Row(
        "inbound messages a second in groups against one by one, one worker process",
        rate["grouped"] / rate["alone"],
        ">= 3",
        f"{rate['grouped']:.0f}/s in groups of {inbound_groups.MOST_TOGETHER}, {rate['alone']:.0f}/s alone",
    )


def _ready(ground: Ground, endpoint_id: str, numbers: Iterator[int], together: int) -> Work:
    """Store messages, unmeasured; return what reads them."""
    at = datetime.now(UTC)
    messages = [_message(next(numbers), at) for _ in range(MESSAGES)]
    with workspace_transaction(ground.workspace.id):
        endpoint = InboundEndpoint.objects.get(id=endpoint_id)
        store(endpoint, messages, Verdict(), at=at, due_at=at)
    return partial(_read, together)


def _message(number: int, at: datetime) -> Message:
    said = {"type": "survey.answered", "score": number % 11, "person": f"p{number}", "at": at.isoformat()}
    return Message(f"m{number}", "survey.answered", at, json.dumps(said).encode())


def _read(together: int) -> None:
    usual = inbound_groups.MOST_TOGETHER
    inbound_groups.MOST_TOGETHER = together
    try:
        read = inbound.process_due_events(at=datetime.now(UTC))
    finally:
        inbound_groups.MOST_TOGETHER = usual
    assert read == MESSAGES, read
