"""Looks at a source take turns with all who call its host; somebody who waits is told when there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.http import HttpResponse

from kpis.actions import asking
from kpis.actions.inbound import process_due_events
from tests.conftest import Tenant
from tests.kpis.mail import PATH, points, post
from tests.kpis.peers import Peer
from tests.kpis.test_inbound_following import thin, told
from tests.kpis.test_sources import kpi, make, peer

__all__ = ["kpi", "peer", "thin"]  # fixtures


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Others have all turns of the host."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    key = f"{settings.REDIS_PREFIX}host:turns::127.0.0.1"
    others = dict.fromkeys((f"other:{n}" for n in range(settings.OUTBOUND_HOST_CALLS)), client.time()[0] + 60)
    client.zadd(key, others)
    monkeypatch.setattr(asking, "PATIENCE_S", 0.05)
    yield
    client.zrem(key, *others)


def not_now(answer: HttpResponse) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json"), answer.content
    body: dict[str, Any] = json.loads(answer.content)
    assert body["code"] == "host_not_asked"
    return {"retry_after": int(answer["Retry-After"]), "detail": body["detail"]}


def test_a_look_for_which_there_is_no_turn_says_so(
    tenant: Tenant, peer: Peer, kpi: str, crowded: None
) -> None:
    make(tenant, peer, enabled=False)
    told = not_now(tenant.client.call("POST", "/v1/sources/feed/test"))
    assert (5 <= told["retry_after"] < 30, peer.asked) == (True, [])
    assert told["detail"] == "127.0.0.1 is being called as often as it may be: ask again in a moment."


def test_a_look_at_what_a_message_leads_to_is_one_as_well(
    tenant: Tenant, thin: dict[str, Any], peer: Peer, crowded: None
) -> None:
    shown = not_now(tenant.client.call("POST", f"{PATH}/tests", {"body": told(1)}))
    assert 5 <= shown["retry_after"] < 30
    assert peer.asked == []


def test_a_host_that_asked_for_a_pause_is_not_looked_at_and_its_messages_wait_untried(
    tenant: Tenant, thin: dict[str, Any], peer: Peer
) -> None:
    peer.status, peer.headers, peer.content = 429, {"Retry-After": "600"}, {"score": 10}
    assert "answered 429" in tenant.client.call("POST", f"{PATH}/tests", {"body": told(1)}).json()["error"]
    shown = not_now(tenant.client.call("POST", f"{PATH}/tests", {"body": told(1)}))
    assert 300 < shown["retry_after"] <= 601
    assert "asked not to be called before" in shown["detail"]
    post(thin, **told(1))
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert process_due_events(at=at) == 1
    (row,) = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    assert (row["attempts"], row["error"], len(peer.asked)) == (0, "", 1)
    peer.status = 200
    assert process_due_events(at=at + timedelta(seconds=500)) == 0
    assert process_due_events(at=at + timedelta(seconds=700)) == 1
    assert points(tenant, "nps") == [("2026-10", 100, 1)]
