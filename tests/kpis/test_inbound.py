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
from kpis.actions.inbound_leases import OUR_FAULT
from kpis.models.inbound import InboundEndpoint
from service import quota
from service.due import claim_due
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
    told = {"accepted": True, "duplicate": False, "messages": 1, "duplicates": 0, "held": False}
    assert (answer.status_code, answer.json()) == (202, told)
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


def rule(tenant: Tenant, endpoint: dict[str, Any], *rules: dict[str, Any]) -> None:
    etag = tenant.client.call("GET", "/v1/inbound-endpoints/survey")["ETag"]
    path = "/v1/inbound-endpoints/survey"
    assert tenant.client.call("PATCH", path, {"rules": list(rules)}, etag=etag).status_code == 200


def replay(tenant: Tenant) -> None:
    (event,) = events(tenant)
    assert tenant.client.call("POST", f"/v1/inbound-events/{event['id']}/replays").status_code == 202
    process()


MANY = {**RULE, "items": "$.answers[*]"}


def test_a_replay_by_other_rules_corrects_and_does_not_count_twice(
    tenant: Tenant, endpoint: dict[str, Any]
) -> None:
    scores = [answered(score) for score in (9, 3, 10)]
    rule(tenant, endpoint, MANY)
    send(endpoint, {"answers": scores})
    process()
    assert answers(tenant) == 3
    # Another rule comes first, and the first answer is left out: the others keep their names.
    other = {**MANY, "kpi": "nobody-s"}
    rule(tenant, endpoint, other, {**MANY, "when": [{"path": "$.score", "one_of": [3, 10]}]})
    replay(tenant)
    (event,) = events(tenant)
    told = {"refused": 3, "duplicate": 2, "skipped": 1, "retracted": 1}
    assert (event["state"], event["counts"]) == ("failed", told)
    assert answers(tenant) == 2


def test_two_rules_that_read_one_item_make_two_answers(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    rule(tenant, endpoint, RULE, {**RULE, "value": "$.again"})
    send(endpoint, {**answered(9), "again": 2})
    process()
    replay(tenant)
    assert answers(tenant) == 2


def test_a_figure_of_an_instant_needs_no_name(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    """Figures are told apart by their instant: only events take an external id."""
    kpi = {"key": "load", "name": "Load", "kind": "gauge", "unit": "count"}
    assert tenant.client.call("POST", "/v1/kpis", kpi).status_code == 201
    rule(tenant, endpoint, {**RULE, "kpi": "load"})
    send(endpoint, answered(0.5))
    process()
    assert [(event["state"], event["counts"]) for event in events(tenant)] == [("processed", {"created": 1})]


def test_the_longest_message_id_fits(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    send(endpoint, answered(), message_id="m" * 255)
    process()
    assert [event["counts"] for event in events(tenant)] == [{"created": 1}]


def lose(times: int, at: datetime) -> datetime:
    """Claim what is due as workers do that are lost then; return an instant after the last lease."""
    for _ in range(times):
        claim_due(kind="inbound", limit=1000, lease=timedelta(seconds=30), at=at)
        at += timedelta(seconds=31)
    return at


def test_a_message_that_its_workers_are_lost_with_is_dead_in_the_end_and_alone(
    tenant: Tenant, endpoint: dict[str, Any]
) -> None:
    process()
    for number in range(3):
        send(endpoint, answered(), message_id=f"msg_{number}")
    at = lose(3, datetime.now(UTC) + timedelta(seconds=1))
    # Suspects are read one at a time, the others given back uncounted.
    assert process_due_events(at=at) == 3
    assert sorted(event["state"] for event in events(tenant)) == ["processed", "received", "received"]
    at = lose(5, at)
    while process_due_events(at=at):
        pass
    assert sorted(event["state"] for event in events(tenant)) == ["dead", "dead", "processed"]
    assert {event["attempts"] for event in events(tenant) if event["state"] == "dead"} == {9}
    dead = next(event for event in events(tenant) if event["state"] == "dead")
    tenant.client.call("POST", f"/v1/inbound-events/{dead['id']}/replays")
    process()
    assert sorted(event["state"] for event in events(tenant)) == ["dead", "processed", "processed"]


def test_a_defect_of_ours_keeps_the_message_and_tells_no_insides(
    tenant: Tenant, endpoint: dict[str, Any]
) -> None:
    with tenant.enter():  # rules that no validation would let through
        InboundEndpoint.objects.filter(pk=endpoint["id"]).update(rules=[{**RULE, "zone": "Mars", "value": 7}])
    send(endpoint, answered())
    process()
    (event,) = events(tenant)
    assert (event["state"], event["error"]) == ("failed", OUR_FAULT)
    rule(tenant, endpoint, RULE)
    replay(tenant)
    assert [event["state"] for event in events(tenant)] == ["processed"]


def test_a_worker_that_is_killed_between_claim_and_reading_costs_time_alone(
    tenant: Tenant, endpoint: dict[str, Any]
) -> None:
    send(endpoint, answered())
    at = lose(1, datetime.now(UTC) + timedelta(seconds=1))
    while process_due_events(at=at):
        pass
    assert (answers(tenant), [event["attempts"] for event in events(tenant)]) == (1, [2])


def test_the_ingress_refuses_what_is_no_message(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    path = "/hooks/" + endpoint["url"].rsplit("/", 1)[1]
    for secret in (tenant.secret, "x" * 3000, "lm_view_00000000_" + "a" * 43):
        assert ApiClient().call("POST", f"/hooks/{secret}", {}).status_code == 404
    put = ApiClient().call("PUT", path)
    assert (put.status_code, put["Allow"], put["Content-Type"]) == (
        405,
        "GET, HEAD, POST, OPTIONS",
        "application/problem+json",
    )
    assert [ApiClient().call(method, path).status_code for method in ("GET", "HEAD")] == [200, 200]
    assert ApiClient().call("POST", path, Transfer_Encoding="chunked").status_code == 411


def test_an_ingress_token_opens_nothing_else(tenant: Tenant, endpoint: dict[str, Any]) -> None:
    token = endpoint["url"].rsplit("/", 1)[1]
    for path in ("/v1/me", "/v1/inbound-endpoints", "/v1/sources", "/v1/journey-maps", f"/p/{token}"):
        assert ApiClient(token).call("GET", path).status_code in {401, 404}, path


def test_an_endpoint_that_is_flooded_says_when_to_try_again(
    tenant: Tenant, endpoint: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "_silent_until", 0.0)
    monkeypatch.setattr(quota, "TIMEOUT_S", 60.0)
    settings.INGRESS_RATE, settings.INGRESS_BURST = 1e-6, 1
    answers = [send(endpoint, answered(), f"msg_{number}") for number in range(2)]
    assert [answer.status_code for answer in answers] == [202, 429]
    assert answers[1].json()["code"] == "quota_exceeded"
    assert int(answers[1]["Retry-After"]) > 900_000
    assert len(events(tenant)) == 1
