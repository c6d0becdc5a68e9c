"""Endpoints of every provider, over HTTP: whose secret it is, what is held, rotation, batches."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe

from service.providers.table import PROVIDERS
from tests.conftest import ApiClient, Tenant
from tests.kpis.test_inbound import process
from tests.service.providers.signers import SENDGRID, WHSEC, b64, mac, mandrill, sendgrid

RULE = {"kpi": "clicks", "value": "$.x", "observed_at": "$.at"}
PATH = "/v1/inbound-endpoints/it"


@pytest.fixture(autouse=True)
def clicks(tenant: Tenant) -> None:
    kpi = {"key": "clicks", "name": "Clicks", "kind": "count", "holds": "events", "period": "day"}
    assert tenant.client.call("POST", "/v1/kpis", kpi).status_code == 201


def make(tenant: Tenant, provider: str, **values: Any) -> dict[str, Any]:
    body = {"key": "it", "name": "It", "provider": provider, "rules": [RULE], **values}
    made = tenant.client.call("POST", "/v1/inbound-endpoints", body)
    assert made.status_code == 201, made.content
    return made.json()


def post(endpoint: dict[str, Any], body: Any, content_type: str = "application/json", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = "/hooks/" + endpoint["url"].rsplit("/", 1)[1]
    return ApiClient().call("POST", path, raw, content_type=content_type, **headers)


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}


def by_stripe(secret: str, body: str, at: datetime | None = None) -> dict[str, str]:
    moment = int((at or datetime.now(UTC)).timestamp())
    header = stripe.WebhookSignature.generate_signature_header(body, secret, moment)
    return {"stripe_signature": header}


def shown(tenant: Tenant) -> dict[str, Any]:
    return tenant.client.call("GET", PATH).json()


def events(tenant: Tenant, query: str = "") -> list[dict[str, Any]]:
    return tenant.client.call("GET", f"/v1/inbound-events?endpoint=it{query}").json()["results"]


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_whose_secret_it_is(tenant: Tenant, provider: str) -> None:
    row = PROVIDERS[provider]
    own = {"verification": {"header": "X-Sig"}} if row.verify is None else {}
    made = make(tenant, provider, **own)
    assert (made["secret"] is not None) is row.minted
    assert made["awaiting_secret"] is not (row.minted or row.secretless)
    assert made["unmatched_rate"] is None
    if made["secret"]:
        row.check(made["secret"])


def test_the_providers_are_listed(tenant: Tenant) -> None:
    listed = tenant.client.call("GET", "/v1/inbound-providers").json()["results"]
    assert {row["key"]: row["secret"] for row in listed}["stripe"] == "theirs"
    assert {row["key"] for row in listed} == set(PROVIDERS)
    assert tenant.key("maps:read").call("GET", "/v1/inbound-providers").status_code == 403


STRIPE_EVENT = {"id": "evt_1", "type": "a", "x": 1, "at": "2026-10-05T09:00:00Z"}


def test_what_comes_before_the_secret_is_held_and_verified_as_of_then(tenant: Tenant) -> None:
    made = make(tenant, "stripe")
    body = json.dumps(STRIPE_EVENT)
    secret = "whsec_of_stripe"
    good = by_stripe(secret, body)
    forged = by_stripe("another", body)
    assert post(made, body.encode(), **good).json()["held"] is True
    assert post(made, body.encode(), **good).json()["duplicate"] is True
    assert post(made, body.encode(), **forged).status_code == 202
    assert (shown(tenant)["held"], shown(tenant)["awaiting_secret"]) == (2, True)
    assert [event["state"] for event in events(tenant)] == ["held", "held"]
    process()
    assert [event["state"] for event in events(tenant)] == ["held", "held"]
    path = f"{PATH}/secret-rotations"
    assert tenant.client.call("POST", path, {}, etag="*").status_code == 400
    told = tenant.client.call("POST", path, {"secret": secret}, etag="*")
    assert (told.status_code, told.json()) == (201, {"secret": None, "previous_secret_expires_at": None})
    process()
    states = {event["state"]: event for event in events(tenant)}
    assert sorted(states) == ["processed", "rejected"]
    assert states["processed"]["message_id"] == "evt_1"
    assert states["rejected"]["error"] == "No signature matches a live secret."
    assert post(made, body.encode(), **good).json()["duplicate"] is True
    assert shown(tenant)["awaiting_secret"] is False


def test_a_wrong_secret_loses_nothing(tenant: Tenant) -> None:
    made, body = make(tenant, "stripe"), json.dumps(STRIPE_EVENT)
    post(made, body.encode(), **by_stripe("the right one", body))
    path = f"{PATH}/secret-rotations"
    for secret, state in (("a wrong one", "rejected"), ("the right one", "processed")):
        assert tenant.client.call("POST", path, {"secret": secret}, etag="*").status_code == 201
        process()
        assert [event["state"] for event in events(tenant)] == [state]


def test_the_held_are_bounded_and_the_sender_is_asked_to_come_again(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpis.actions.receiving.MAX_HELD", 2)
    made = make(tenant, "stripe")
    answers = [post(made, {"n": n}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 503]
    assert answers[2]["Retry-After"] == "600"


def test_a_batch_of_sendgrid_is_several_events_and_each_counts_once(tenant: Tenant) -> None:
    made = make(
        tenant, "sendgrid", secret=SENDGRID, rules=[{**RULE, "observed_at": "$.timestamp", "cast": "epoch"}]
    )
    batch = [
        {"sg_event_id": f"e{n}", "event": "click", "x": 1, "timestamp": 1791190800 + n} for n in range(3)
    ]
    for size, duplicates in ((2, 0), (3, 2), (3, 3)):
        body = json.dumps(batch[:size]).encode()
        told = post(made, body, **named(sendgrid(body))).json()
        assert (told["messages"], told["duplicates"], told["duplicate"]) == (
            size,
            duplicates,
            size == duplicates,
        )
    process()
    found = events(tenant)
    assert [event["state"] for event in found] == ["processed"] * 3
    assert {event["type"] for event in found} == {"click"}
    assert len(events(tenant, "&type=click&state=processed")) == 3
    assert events(tenant, "&type=open") == []
    assert post(made, body + b" ", **named(sendgrid(body))).status_code == 401


def test_mailguns_word_is_used_once(tenant: Tenant) -> None:
    made = make(tenant, "mailgun", secret="mailgun-key")
    proof = {"timestamp": "1529006854", "token": "t" * 50}
    proof["signature"] = mac("mailgun-key", b"1529006854" + b"t" * 50, "sha256").hex()
    told = [
        post(made, {"signature": proof, "event-data": {"id": id, "event": "opened"}}).json()["duplicate"]
        for id in ("one", "one", "another that nobody signed")
    ]
    assert told == [False, True, True]
    assert [event["message_id"] for event in events(tenant)] == ["one"]


def test_mandrill_signs_the_public_url_and_a_form(tenant: Tenant) -> None:
    made = make(tenant, "mandrill", secret="mandrill-key")
    batch = b'[{"event":"open","_id":"m1","ts":1},{"event":"click","_id":"m1","ts":1}]'
    form = urlencode({"mandrill_events": batch.decode()}).encode()
    headers = mandrill(batch, "mandrill-key", made["url"])
    kind = headers.pop("content-type")
    assert post(made, form, kind, **named(headers)).json()["messages"] == 2
    assert post(made, form, kind, x_mandrill_signature="wrong").status_code == 401
    assert post(made, batch, **named(headers)).status_code in (401, 415)


def test_postmark_by_basic_authentication_or_a_header(tenant: Tenant) -> None:
    made = make(tenant, "postmark")
    delivered = {"RecordType": "Delivery", "MessageID": "m", "Recipient": "a@b.example"}
    basic = "Basic " + b64(made["secret"].encode())
    assert post(made, delivered, Authorization=basic).status_code == 202
    assert post(made, delivered, Authorization="Basic " + b64(b"a:b")).status_code == 401
    own = make(tenant, "postmark", key="own", verification={"header": "X-Word"}, secret="me:and-my-word")
    assert post(own, delivered, X_Word="me:and-my-word").status_code == 202


def test_cloudevents_over_a_signature(tenant: Tenant) -> None:
    made = make(
        tenant, "hmac", envelope="cloudevents", verification={"header": "X-Sig"}, secret="secret-of-ours",
        rules=[{**RULE, "value": "$.data.x", "observed_at": "$.time"}],
    )  # fmt: skip
    event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "time": "2026-10-05T09:00:00Z"}
    body = json.dumps([{**event, "data": {"x": 1}}, {**event, "id": "2", "data": {"x": 1}}]).encode()
    signed = {"X_Sig": mac("secret-of-ours", body, "sha256").hex()}
    assert post(made, body, "application/cloudevents-batch+json", **signed).json()["messages"] == 2
    raw = b'{"x": 1}'
    signed = {"X_Sig": mac("secret-of-ours", raw, "sha256").hex()}
    attributes = {f"ce_{name}": value for name, value in event.items()}
    assert post(made, raw, **attributes, **signed).json()["duplicate"] is True
    assert post(made, raw, **signed).status_code == 400
    process()
    assert [event["state"] for event in events(tenant)] == ["processed"] * 2
    path = "/hooks/" + made["url"].rsplit("/", 1)[1]
    shake = ApiClient().call("OPTIONS", path, WebHook_Request_Origin="events.example")
    assert (shake.status_code, shake["WebHook-Allowed-Origin"]) == (200, "events.example")


def test_the_url_can_be_replaced_and_the_former_one_answers_for_a_while(tenant: Tenant) -> None:
    made = make(tenant, "url")
    path = f"{PATH}/token-rotations"
    told = tenant.client.call("POST", path, {"overlap_seconds": 3600}, etag=made["etag"])
    assert told.status_code == 201
    for url in (made["url"], told.json()["url"]):
        assert post({"url": url}, {"n": url}).status_code == 202
    assert tenant.client.call("POST", path, {}, etag=made["etag"]).status_code == 412
    assert tenant.client.call("POST", path, {}).status_code == 428
    assert tenant.client.call("POST", path, {}, etag="*").json()["code"] == "rotation_in_progress"
    assert tenant.client.call("POST", f"{PATH}/secret-rotations", {}, etag="*").json()["code"] == "no_secret"


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"provider": "fax"}, "/provider"),
        ({"provider": "hmac"}, "/verification/header"),
        ({"provider": "stripe", "verification": {"header": "X"}}, "/verification/header"),
        (
            {"provider": "hmac", "verification": {"header": "X", "signed": "{timestamp}"}},
            "/verification/signed",
        ),
        (
            {"provider": "hmac", "verification": {"header": "X", "signed": "{timestamp}{body}"}},
            "/verification/timestamp_header",
        ),
        ({"provider": "hmac", "verification": {"header": "X:"}}, "/verification/header"),
        (
            {"provider": "hmac", "verification": {"header": "X", "algorithm": "md5"}},
            "/verification/algorithm",
        ),
        ({"provider": "url", "secret": "a-long-secret"}, "/secret"),
        ({"provider": "sendgrid", "secret": "no key at all"}, "/secret"),
        ({"provider": "stripe", "secret": "12345678", "awaiting_secret": True}, "/awaiting_secret"),
        ({"provider": "url", "event": {"id": ["id"]}}, "/event/id/0"),
    ],
)
def test_what_an_endpoint_cannot_be(tenant: Tenant, values: dict[str, Any], pointer: str) -> None:
    answer = tenant.client.call("POST", "/v1/inbound-endpoints", {"name": "It", "rules": [RULE], **values})
    assert answer.status_code == 400
    assert [issue["pointer"] for issue in answer.json()["errors"]] == [pointer]


def test_an_endpoint_keeps_its_provider_and_its_bytes_can_be_sent_back(tenant: Tenant) -> None:
    made = make(tenant, "hmac", verification={"header": "X-Sig"}, event={"id": ["/a"], "batch": True})
    told = tenant.client.call("PATCH", PATH, {"provider": "url", "verification": None}, etag=made["etag"])
    assert [issue["pointer"] for issue in told.json()["errors"]] == ["/provider"]
    same = tenant.client.call("PATCH", PATH, shown(tenant), etag=made["etag"])
    assert (same.status_code, same["ETag"]) == (200, made["etag"])


def test_own_places_name_the_messages_of_a_sender_nobody_knows(tenant: Tenant) -> None:
    event = {"id": ["/meta/id"], "type": "/kind", "time": "/when", "batch": True}
    made = make(tenant, "url", event=event)
    batch = [{"meta": {"id": n}, "kind": "sale", "when": 1791190800} for n in (7, 8, 7)]
    assert post(made, batch).json()["duplicates"] == 1
    assert (
        post(
            made,
            urlencode({"kind": "refund", "when": "1791190800"}).encode(),
            "application/x-www-form-urlencoded",
        ).status_code
        == 202
    )
    found = events(tenant)
    assert [(one["message_id"], one["type"]) for one in found[:2]] == [("7", "sale"), ("8", "sale")]
    assert found[2]["type"] == "refund"
    assert {one["occurred_at"] for one in found} == {"2026-10-05T09:00:00Z"}


def test_how_much_no_rule_takes(tenant: Tenant) -> None:
    made = make(tenant, "url", rules=[{**RULE, "when": [{"path": "$.x", "exists": True}]}])
    for n in range(4):
        post(made, {"n": n, "at": "2026-10-05T09:00:00Z", **({"x": 1} if n else {})})
    process()
    assert shown(tenant)["unmatched_rate"] == 0.25


def test_a_stranger_and_a_narrow_key(tenant: Tenant, stranger: Tenant) -> None:
    made = make(tenant, "standard_webhooks", secret=WHSEC)
    assert made["secret"] is None
    for path in ("secret-rotations", "token-rotations"):
        for ref in ("it", made["id"]):
            path_ = f"/v1/inbound-endpoints/{ref}/{path}"
            assert stranger.client.call("POST", path_, {}, etag="*").status_code == 404
        assert tenant.key("kpis:read").call("POST", f"{PATH}/{path}", {}, etag="*").status_code == 403


def test_an_overlap_that_ended_ends(tenant: Tenant) -> None:
    made = make(tenant, "typeform")
    body = json.dumps(STRIPE_EVENT).encode()
    old = "sha256=" + b64(mac(made["secret"], body, "sha256"))
    path = f"{PATH}/secret-rotations"
    tenant.client.call("POST", path, {"overlap_seconds": 3600}, etag="*")
    until = datetime.fromisoformat(shown(tenant)["previous_secret_expires_at"])
    assert timedelta(minutes=59) < until - datetime.now(UTC) <= timedelta(hours=1)
    assert post(made, body, Typeform_Signature=old).status_code == 202
    tenant.client.call("POST", path, {"overlap_seconds": 0}, etag="*")
    assert post(made, body, Typeform_Signature=old).status_code == 401
