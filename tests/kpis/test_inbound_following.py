"""Messages that tell an id or URL alone: the rest is asked for, kept, and asked for no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from kpis.actions import inbound_waiting
from kpis.actions.inbound import process_due_events
from kpis.actions.receiving import DUE_KIND
from kpis.models.inbound import InboundEndpoint
from service.models import Due
from tests.conftest import Tenant
from tests.kpis.mail import NPS, PATH, change, points, post, states
from tests.kpis.peers import Peer, running_peer
from tests.kpis.test_inbound import process

SECRET = "a-token-of-the-vendor"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer() as peer:
        peer.content = {"score": 10, "text": "Lovely, write to a@b.example", "lang": "de"}
        yield peer


def rule(peer: Peer, **more: Any) -> dict[str, Any]:
    return {
        "kpi": "nps",
        "when": [{"path": "$.item.type", "equals": "completed"}],
        "follow": {"path": "$.resource", "url": f"{peer.base}/responses/{{}}"},
        "value": "$.followed.score",
        "text_path": "$.followed.text",
        "external_id": "$.item.resource",
        "observed_at": "$.item.at",
    } | more


@pytest.fixture
def thin(tenant: Tenant, peer: Peer) -> dict[str, Any]:
    Due.objects.filter(kind=DUE_KIND).delete()  # what others left is none of what is counted here
    assert tenant.client.call("POST", "/v1/kpis", NPS).status_code == 201
    body = {
        "key": "mail",
        "name": "Survey",
        "provider": "url",
        "event": {"id": ["/id"], "time": "/at"},
        "fetch": {"url": f"{peer.base}/", "headers": {"X-Version": "3"}},
        "fetch_secret": SECRET,
        "rules": [rule(peer)],
    }
    made = tenant.client.call("POST", "/v1/inbound-endpoints", body)
    assert made.status_code == 201, made.content
    assert SECRET not in made.content.decode()
    return made.json()


def told(number: int, **more: Any) -> dict[str, Any]:
    base = {"id": f"e{number}", "type": "completed", "resource": f"r {number}"}
    return base | {"at": "2026-10-05T10:00:00Z"} | more


def test_what_a_message_leads_to_is_read_and_kept(
    tenant: Tenant, thin: dict[str, Any], peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    within: list[bool] = []
    fetch_all = inbound_waiting.fetch_all

    def watched(*args: Any, **more: Any) -> Any:
        within.append(connection.in_atomic_block)
        return fetch_all(*args, **more)

    monkeypatch.setattr(inbound_waiting, "fetch_all", watched)
    for number in range(3):
        post(thin, **told(number))
    post(thin, **told(3, type="started"))
    process()
    assert (points(tenant, "nps"), within) == ([("2026-10", 100, 3)], [False])
    assert states(tenant)["e3"] == "ignored"
    assert {one["path"] for one in peer.asked} == {f"/responses/r%20{number}" for number in range(3)}
    assert {(one["Authorization"], one["X-Version"]) for one in peer.asked} == {(f"Bearer {SECRET}", "3")}
    (row, *_) = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    read = tenant.client.call("GET", f"/v1/inbound-events/{row['id']}").json()
    assert list(read["followed"]) == [f"{peer.base}/responses/r%200"]
    # Other rules read what was kept: nobody is asked again, though there is something else there now.
    peer.content = {"score": 0}
    change(tenant, rule(peer, value_map={}, labels={"lang": {"path": "$.followed.lang"}}))
    tenant.client.call("POST", f"{PATH}/replays", {})
    process()
    assert points(tenant, "nps", "&labels={%22lang%22:%22de%22}") == [("2026-10", 100, 3)]
    assert len(peer.asked) == 3
    # Erased, the words are gone from what was kept as well.
    said = tenant.client.call("GET", "/v1/feedback").json()["results"]
    assert [one["text"] for one in said] == ["Lovely, write to [email]"] * 3
    gone = next(one for one in said if one["external_id"] == "nps:r 0")
    assert tenant.client.call("DELETE", f"/v1/feedback/{gone['id']}", etag=gone["etag"]).status_code == 204
    read = tenant.client.call("GET", f"/v1/inbound-events/{row['id']}").json()
    assert "Lovely" not in str(read["followed"])
    assert '"score": 10' in str(read["followed"]) or '"score":10' in str(read["followed"])


def test_what_is_not_answered_is_asked_for_again_when_its_host_says(
    tenant: Tenant, thin: dict[str, Any], peer: Peer
) -> None:
    post(thin, **told(1))
    peer.status, peer.headers = 503, {"Retry-After": "900"}
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert process_due_events(at=at) == 1
    (row,) = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    assert (row["state"], row["attempts"], row["error"]) == ("failed", 1, "The source answered 503.")
    assert process_due_events(at=at + timedelta(seconds=899)) == 0
    peer.status, peer.headers = 200, {}
    assert process_due_events(at=at + timedelta(seconds=960)) == 1
    assert points(tenant, "nps") == [("2026-10", 100, 1)]
    (row,) = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    assert (row["state"], row["error"]) == ("processed", "")


def test_it_is_dead_in_the_end_and_takes_none_with_it(
    tenant: Tenant, thin: dict[str, Any], peer: Peer
) -> None:
    post(thin, **told(1))
    post(thin, **told(2, type="started"))
    peer.content = b"<html>"
    at = datetime.now(UTC) + timedelta(seconds=1)
    for attempt in range(8):
        assert process_due_events(at=at + attempt * timedelta(hours=2)) == (2 if attempt == 0 else 1)
    assert states(tenant) == {"e1": "dead", "e2": "ignored"}
    assert process_due_events(at=at + timedelta(days=9)) == 0
    peer.content = {"score": 10}
    tenant.client.call("POST", f"{PATH}/replays", {"filter": {"state": "dead"}})
    process()
    assert points(tenant, "nps") == [("2026-10", 100, 1)]


def test_many_that_fail_again_and_again_do_not_wait_for_each_other(
    tenant: Tenant, thin: dict[str, Any], peer: Peer
) -> None:
    bad = rule(
        peer, when=[{"path": "$.item.bad", "equals": True}], zone="Mars", follow={"path": "$.resource"}
    )
    with tenant.enter():  # a rule that no validation would let through
        InboundEndpoint.objects.filter(pk=thin["id"]).update(rules=[rule(peer), bad])
    for number in range(3):
        post(thin, **told(number))
    post(thin, **told(3, type="started", bad=True, resource=f"{peer.base}/bad"))
    peer.status = 500
    at = datetime.now(UTC) + timedelta(seconds=1)
    for attempt in range(4):
        assert process_due_events(at=at + attempt * timedelta(hours=2)) == 4
        assert len(peer.asked) == 4 * (attempt + 1)
    peer.status = 200
    for attempt in range(4):
        process_due_events(at=at + timedelta(hours=9 + 2 * attempt))
    assert states(tenant) == {**dict.fromkeys(("e0", "e1", "e2"), "processed"), "e3": "dead"}


def test_no_other_host_is_called(tenant: Tenant, thin: dict[str, Any], peer: Peer) -> None:
    change(tenant, rule(peer, follow={"path": "$.resource"}))
    for number, place in enumerate(("http://127.0.0.1:1/x", "//127.0.0.1:1/x", "http://[::1/", 7.5)):
        post(thin, **told(number, resource=place))
    post(thin, **told(9, resource=f"{peer.base}/r/9"))
    process()
    assert [one["path"] for one in peer.asked] == ["/r/9"]
    assert states(tenant) == {**dict.fromkeys(("e0", "e1", "e2", "e3"), "failed"), "e9": "processed"}


def test_trials_and_tests_show_what_would_be_followed(
    tenant: Tenant, thin: dict[str, Any], peer: Peer
) -> None:
    post(thin, **told(1))
    process()
    other = rule(peer, follow={"path": "$.resource", "url": f"{peer.base}/other/{{}}"})
    tried = tenant.client.call("POST", f"{PATH}/trials", {"rules": [other]})
    assert tried.status_code == 200, tried.content
    (event,) = tried.json()["events"]
    assert (event["state"], event["followed"]) == ("processed", [f"{peer.base}/other/r%201"])
    (said,) = event["feedback"]
    assert (said["outcome"], said["text"]) == ("duplicate", "Lovely, write to [email]")
    peer.status = 404
    (event,) = tenant.client.call("POST", f"{PATH}/trials", {"rules": [other]}).json()["events"]
    assert (event["state"], event["issues"][0]["code"]) == ("failed", "not_followed")
    peer.status = 200
    shown = tenant.client.call("POST", f"{PATH}/tests", {"body": told(5)}).json()
    assert [(one["value"], one["external_id"]) for one in shown["readings"]] == [(10, "r 5")]
    (row,) = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    kept = tenant.client.call("GET", f"/v1/inbound-events/{row['id']}").json()["followed"]
    assert list(kept) == [f"{peer.base}/responses/r%201"]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"fetch": None}, "/fetch"),
        ({"fetch": {"url": "https://169.254.169.254/"}}, "/fetch/url"),
        ({"fetch": {"url": "https://elsewhere.example/"}}, "/fetch/url"),
        ({"fetch": {"url": "ftp://elsewhere.example/"}}, "/fetch/url"),
        ({"fetch_secret": "two\nlines"}, "/fetch_secret"),
    ],
)
def test_what_cannot_be_fetched(
    tenant: Tenant, thin: dict[str, Any], values: dict[str, Any], pointer: str
) -> None:
    answer = tenant.client.call("PATCH", PATH, values, etag="*")
    assert answer.status_code == 400, answer.content
    assert [issue["pointer"] for issue in answer.json()["errors"]] == [pointer]


def test_the_secret_stays_unless_it_is_taken_out(tenant: Tenant, thin: dict[str, Any]) -> None:
    assert tenant.client.call("PATCH", PATH, {"name": "x"}, etag="*").json()["fetch_secret_set"] is True
    assert (
        tenant.client.call("PATCH", PATH, {"fetch_secret": None}, etag="*").json()["fetch_secret_set"]
        is False
    )
    with tenant.enter():
        assert InboundEndpoint.objects.get(pk=thin["id"]).fetch_secret is None
