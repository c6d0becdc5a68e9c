"""Inbound endpoints: verified, stored before the acknowledgement, read once, replayable."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from standardwebhooks import Webhook

from kpis.actions.inbound import process_due_events
from tests.conftest import ApiClient, Tenant

RULE = {
    "kpi": "nps",
    "when": [{"path": "$.type", "equals": "survey.answered"}],
    "value": "$.score",
    "observed_at": "$.at",
}
AT = "2026-10-05T09:00:00+00:00"


@pytest.fixture
def endpoint(tenant: Tenant) -> dict[str, Any]:
    kpi = {
        "key": "nps",
        "name": "NPS",
        "kind": "nps",
        "holds": "events",
        "input": "answers",
        "period": "day",
    }
    made = tenant.client.call("POST", "/v1/kpis", kpi)
    assert made.status_code == 201, made.content
    made = tenant.client.call(
        "POST", "/v1/inbound-endpoints", {"key": "survey", "name": "Survey", "rules": [RULE]}
    )
    assert made.status_code == 201, made.content
    return made.json()


def send(
    endpoint: dict[str, Any],
    message: Any,
    message_id: str = "msg_1",
    at: datetime | None = None,
    secret: str | None = None,
    **headers: str,
) -> Any:
    body = message if isinstance(message, str) else json.dumps(message)
    now = at or datetime.now(UTC)
    signature = Webhook(secret or endpoint["secret"]).sign(message_id, now, body)
    signed = {
        "webhook_id": message_id,
        "webhook_timestamp": str(int(now.timestamp())),
        "webhook_signature": signature,
    }
    path = "/hooks/" + endpoint["url"].rsplit("/", 1)[1]
    return ApiClient().call("POST", path, body.encode(), **signed | headers)


def answered(score: Any = 9, at: str = AT) -> dict[str, Any]:
    return {"type": "survey.answered", "score": score, "at": at}


def process() -> None:
    while process_due_events(at=datetime.now(UTC) + timedelta(seconds=1)):
        pass


def events(tenant: Tenant) -> list[dict[str, Any]]:
    return tenant.client.call("GET", "/v1/inbound-events?endpoint=survey").json()["results"]


def answers(tenant: Tenant) -> int:
    points = tenant.client.call("GET", "/v1/kpis/nps/points?from=2026-10-01T00:00:00Z").json()["points"]
    return sum(point["n"] or 0 for point in points)


def test_a_message_is_stored_acknowledged_and_read(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    answer = send(endpoint, answered())
    assert (answer.status_code, answer.json()) == (202, {"accepted": True, "duplicate": False})
    assert [event["state"] for event in events(tenant)] == ["received"]
    process()
    assert [(event["state"], event["counts"]) for event in events(tenant)] == [("processed", {"created": 1})]
    assert answers(tenant) == 1


def test_a_repeat_in_parallel_is_one_message(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    statuses: list[int] = []
    barrier = threading.Barrier(6)

    def work() -> None:
        try:
            barrier.wait()
            statuses.append(send(endpoint, answered()).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process()
    assert statuses == [202] * 6
    assert (len(events(tenant)), answers(tenant)) == (1, 1)


def test_forged_old_and_bare_messages_are_refused_alike(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    refusals = [
        send(endpoint, answered(), secret=other),
        send(endpoint, answered(), at=datetime.now(UTC) - timedelta(minutes=6)),
        send(endpoint, answered(), webhook_signature="garbage"),
        send(endpoint, answered(), webhook_id=""),
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in refusals]
    assert [answer.status_code for answer in refusals] == [401] * 4
    assert bodies == [bodies[0]] * 4
    assert events(tenant) == []
    told = tenant.client.call("GET", "/v1/inbound-endpoints/survey").json()
    assert told["last_rejection"] == "No signature matches a live secret."


def test_what_no_rule_reads_is_ignored_not_refused(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    assert send(endpoint, {"type": "survey.opened"}).status_code == 202
    process()
    assert [event["state"] for event in events(tenant)] == ["ignored"]


def test_a_wrong_answer_fails_with_its_place_and_reads_after_a_change_of_rules(
    tenant: Tenant, endpoint: dict[str, Any]
) -> None:
    send(endpoint, answered(score=11))
    process()
    (event,) = events(tenant)
    assert (event["state"], event["issues"][0]["pointer"]) == ("failed", "/readings/0/value")
    changed = tenant.client.call(
        "PATCH",
        "/v1/inbound-endpoints/survey",
        {"rules": [{**RULE, "value_map": {"11": 10}, "value": "$.text"}]},
        etag=endpoint["etag"],
    )
    assert changed.json()["rules_version"] == 2
    tenant.client.call("POST", f"/v1/inbound-events/{event['id']}/replays")
    process()
    (event,) = events(tenant)
    assert (event["state"], event["rules_version"]) == ("ignored", 2)


def test_replays_repeat_nothing(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    send(endpoint, answered())
    process()
    (event,) = events(tenant)
    for _ in range(3):
        answer = tenant.client.call("POST", f"/v1/inbound-events/{event['id']}/replays")
        assert answer.status_code == 202
        process()
    assert answers(tenant) == 1


def test_a_rotated_secret_overlaps(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    path = "/v1/inbound-endpoints/survey/secret-rotations"
    answer = tenant.client.call("POST", path, {"overlap_seconds": 3600}, etag=endpoint["etag"])
    new = answer.json()["secret"]
    assert send(endpoint, answered(), "msg_a").status_code == 202
    assert send(endpoint, answered(), "msg_b", secret=new).status_code == 202
    etag = tenant.client.call("GET", "/v1/inbound-endpoints/survey")["ETag"]
    tenant.client.call("POST", path, {"overlap_seconds": 0}, etag=etag)
    assert send(endpoint, answered(), "msg_c").status_code == 401


def test_disabled_archived_and_unknown_endpoints(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    path = "/v1/inbound-endpoints/survey"
    off = tenant.client.call("PATCH", path, {"enabled": False}, etag=endpoint["etag"])
    assert send(endpoint, answered()).status_code == 410
    assert tenant.client.call("DELETE", path, etag=off["ETag"]).status_code == 204
    assert send(endpoint, answered()).status_code == 404
    unknown = {**endpoint, "url": "x/lm_hook_00000000_" + "a" * 43}
    assert send(unknown, answered()).status_code == 404


@pytest.mark.parametrize("body", ["", "{", "[1, NaN]", '{"a": 1, "a": 2}', '{"a": "\\u0000"}', "\ud7ff"])
def test_hostile_bodies_that_are_signed_are_400(tenant: Tenant, endpoint: dict[str, Any], body: str) -> None:
    assert send(endpoint, body).status_code == 400
    assert events(tenant) == []


def test_size_and_encoding_are_bounded(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    assert send(endpoint, '"' + "x" * 1_100_000 + '"').status_code == 413
    assert send(endpoint, answered(), content_encoding="gzip").status_code == 415


def test_no_secret_is_shown_again_and_a_stranger_sees_nothing(
    tenant: Tenant, stranger: Tenant, endpoint: dict[str, Any]
) -> None:
    send(endpoint, answered())
    (event,) = events(tenant)
    shown = tenant.client.call("GET", "/v1/inbound-endpoints/survey").content.decode()
    assert endpoint["secret"] not in shown
    assert endpoint["url"].rsplit("/", 1)[1] not in shown
    for method, path in (
        ("GET", "/v1/inbound-endpoints/survey"),
        ("GET", f"/v1/inbound-endpoints/{endpoint['id']}"),
        ("DELETE", f"/v1/inbound-endpoints/{endpoint['id']}"),
        ("POST", f"/v1/inbound-endpoints/{endpoint['id']}/tests"),
        ("GET", f"/v1/inbound-events/{event['id']}"),
        ("POST", f"/v1/inbound-events/{event['id']}/replays"),
    ):
        assert stranger.client.call(method, path, {"body": 1}, etag="*").status_code == 404, path
    assert stranger.client.call("GET", "/v1/inbound-events").json()["results"] == []


def test_a_test_shows_what_would_be_read(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    answer = tenant.client.call("POST", "/v1/inbound-endpoints/survey/tests", {"body": answered()})
    assert [reading["value"] for reading in answer.json()["readings"]] == [9]
    assert answers(tenant) == 0
