"""What is told of a large map: a source that is down for an hour, and ninety days of messages read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpis.actions.binding_terms import add_terms
from kpis.actions.findings_due import tend_due
from kpis.actions.states import refresh_bindings
from kpis.models.bindings import Binding
from kpis.models.definitions import Kpi
from service.ids import new_id
from tests.conftest import ApiClient, Tenant
from tests.kpis.live_maps import Place, now
from tests.kpis.peers import Peer, running_peer
from tests.kpis.test_inbound import process
from tests.kpis.test_sources import pull, state

BINDINGS, PUSHED, DAYS, A_MESSAGE = 600, 3, 90, 9
LINES = {"warn": 50, "breach": 40}


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer() as peer:
        peer.content = {"data": [{"shop": str(shop), "v": 60, **yesterday()} for shop in range(100)]}
        yield peer


def yesterday() -> dict[str, str]:
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return {"start": (midnight - timedelta(days=1)).isoformat(), "end": midnight.isoformat()}


@pytest.fixture
def large(tenant: Tenant, peer: Peer) -> Place:
    """Six KPIs of a hundred shops each from one source, less those that come by webhooks: 600 bindings."""
    place = Place(tenant)
    mappings = []
    for number in range(6):
        place.kpi(f"pulled-{number}", kind="count", period="day", direction="up", thresholds=LINES)
        mappings.append(
            {"kpi": f"pulled-{number}", "items": "$.data[*]", "value": "$.v", "start": "$.start",
             "end": "$.end", "labels": {"shop": {"path": "$.shop"}}}
        )  # fmt: skip
    for number in range(PUSHED):
        place.kpi(f"pushed-{number}", kind="count", period="day", direction="up", thresholds=LINES)
    source = {"key": "feed", "name": "Feed", "type": "http_json", "config": {"url": peer.url},
              "mappings": mappings, "schedule": {"every": "PT5M"}}  # fmt: skip
    place.call("POST", "/v1/sources", source, status=201)
    with tenant.enter():
        bind(place)
    return place


def bind(place: Place) -> None:
    """600 bindings at one stroke, as an import makes them."""
    workspace_id, at = place.tenant.workspace.id, now()
    kpis = {row.key: row.id for row in Kpi.objects.filter(workspace_id=workspace_id)}
    shown: list[tuple[str, dict[str, str]]] = [(f"pushed-{number}", {}) for number in range(PUSHED)]
    shown += [(f"pulled-{number}", {"shop": str(shop)}) for number in range(6) for shop in range(100)]
    rows = Binding.objects.bulk_create(
        Binding(
            id=new_id(), workspace_id=workspace_id, journey_map_id=place.map_id, kpi_id=kpis[key],
            selector=selector, valid_from=at, created_at=at, updated_at=at,
        )
        for key, selector in shown[:BINDINGS]
    )  # fmt: skip
    ids = [row.id for row in rows]
    add_terms(workspace_id=workspace_id, binding_ids=ids)
    refresh_bindings(workspace_id=workspace_id, binding_ids=ids, cause="binding", at=at)


def told(place: Place) -> list[tuple[str, str]]:
    found, cursor = [], ""
    while True:
        page = place.call("GET", f"/v1/events?page_size=100{cursor}")
        found += [one for one in page["results"] if one["type"].startswith("finding.")]
        if len(page["results"]) < 100:
            return [(one["type"], one["data"]["kind"]) for one in found]
        cursor = f"&after={page['cursor']}"


def findings(place: Place, query: str = "") -> list[Any]:
    return list(place.call("GET", f"/v1/findings?page_size=100{query}")["results"])


def test_at_most_two_findings_are_told_of_an_outage_and_a_replay(large: Place, peer: Peer) -> None:
    pull(large.tenant)
    endpoint = fed(large)
    assert (findings(large), told(large)) == ([], [])

    peer.status = 500
    at = now()
    for minutes in range(0, 60, 10):
        pull(large.tenant, at + timedelta(minutes=minutes))
    assert state(large.tenant)["state"] == "broken"
    [down] = findings(large)
    assert (down["kind"], down["state"], len(down["affects"])) == ("source_broken", "open", 6)
    assert findings(large, "&journey_map=claim") == [down]
    peer.status = 200
    pull(large.tenant, at + timedelta(minutes=125))
    assert [(one["kind"], one["state"]) for one in findings(large)] == [("source_broken", "closed")]

    rules = [{**rule, "scale": 0.5} for rule in endpoint["rules"]]
    path = "/v1/inbound-endpoints/push"
    large.call("PATCH", path, {"rules": rules}, etag="*")
    assert large.call("POST", f"{path}/replays", {}, status=202)["events"] == DAYS // A_MESSAGE
    tend_due(at=now(), limit=100)  # too early: the messages wait
    process()
    assert len(findings(large)) == 1
    tend_due(at=now() + timedelta(minutes=1), limit=100)
    shown = {one["id"]: one for one in findings(large)}
    [net] = [one for one in shown.values() if one["kind"] == "restated"]
    assert (net["facts"], net["retrospective"], net["cause"]) == ({"opened": PUSHED}, True, "backfill")
    children = [one for one in shown.values() if one["parent"] == net["id"]]
    assert {(one["level"], one["cause"], one["retrospective"]) for one in children} == {
        ("breach", "backfill", True)
    }
    assert len(children) == PUSHED
    assert sorted(told(large)) == [  # the outage was told by a clock that went ahead
        ("finding.closed", "source_broken"), ("finding.opened", "restated"),
        ("finding.opened", "source_broken"),
    ]  # fmt: skip


def fed(place: Place) -> dict[str, Any]:
    """An endpoint that got the figures of ninety days, nine in a message."""
    rules = [
        {"kpi": f"pushed-{number}", "each": "$.days[*]", "value": "$.v", "start": "$.start", "end": "$.end"}
        for number in range(PUSHED)
    ]
    body = {"key": "push", "name": "Push", "provider": "url", "event": {"id": ["/id"]}, "rules": rules}
    endpoint: dict[str, Any] = place.call("POST", "/v1/inbound-endpoints", body, status=201)
    hook = "/hooks/" + endpoint["url"].rsplit("/", 1)[1]
    midnight = datetime.fromisoformat(yesterday()["end"]).astimezone(UTC)
    for last in range(DAYS, 0, -A_MESSAGE):
        starts = [midnight - timedelta(days=ago) for ago in range(last, last - A_MESSAGE, -1)]
        days = [
            {"v": 60, "start": one.isoformat(), "end": (one + timedelta(days=1)).isoformat()}
            for one in starts
        ]
        message = json.dumps({"id": f"d{last}", "days": days})
        assert ApiClient().call("POST", hook, message.encode()).status_code == 202
    process()
    return endpoint
