"""Presets: providers' documented messages, through ingress and worker, become the right figures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stripe

from kpis.connectors.presets import PRESETS
from tests.conftest import ApiClient, Tenant, make_tenant
from tests.kpis.test_inbound import process
from tests.service.providers.signers import SENDGRID, b64, mac, sendgrid


@pytest.fixture
def tenant(_database: None) -> Tenant:
    """The published messages are of 2014 to 2017."""
    return make_tenant("ours", history_from=datetime(2010, 1, 1, tzinfo=UTC))


def install(tenant: Tenant, key: str, **values: Any) -> dict[str, Any]:
    if named := PRESETS[key].parameters:
        values = {"parameters": dict.fromkeys(named, "1234")} | values
    made = tenant.client.call("POST", f"/v1/inbound-presets/{key}/installations", {"name": key, **values})
    assert made.status_code == 201, made.content
    return made.json()


def post(endpoint: dict[str, Any], body: bytes, **headers: str) -> None:
    path = "/hooks/" + endpoint["url"].rsplit("/", 1)[1]
    answer = ApiClient().call("POST", path, body, **headers)
    assert answer.status_code == 202, answer.content


def figures(tenant: Tenant, kpi: str) -> list[tuple[str, Any, Any]]:
    told = tenant.client.call("GET", f"/v1/kpis/{kpi}/points?from=2011-01-01T00:00:00Z").json()["points"]
    return [(point["start"][:7], point["value"], point["n"]) for point in told]


def events(tenant: Tenant) -> list[dict[str, Any]]:
    return tenant.client.call("GET", "/v1/inbound-events?page_size=100").json()["results"]


@pytest.mark.parametrize("key", sorted(PRESETS))
def test_every_preset_can_be_installed_twice(tenant: Tenant, key: str) -> None:
    first, second = install(tenant, key), install(tenant, key)
    assert first["provider"] == PRESETS[key].provider
    assert first["rules"] == PRESETS[key].body(dict.fromkeys(PRESETS[key].parameters, "1234"))["rules"]
    assert first["id"] != second["id"]
    listed = tenant.client.call("GET", "/v1/inbound-presets").json()["results"]
    assert key in {row["key"] for row in listed}
    kpis = {row["key"] for row in tenant.client.call("GET", "/v1/kpis").json()["results"]}
    assert kpis == {row["key"] for row in PRESETS[key].kpis}


def test_presets_are_closed_to_those_who_may_not(tenant: Tenant) -> None:
    path = "/v1/inbound-presets/stripe-churn/installations"
    assert tenant.key("kpis:read").call("POST", path, {"name": "x"}).status_code == 403
    assert tenant.key("maps:read").call("GET", "/v1/inbound-presets").status_code == 403
    assert (
        tenant.client.call("POST", "/v1/inbound-presets/none/installations", {"name": "x"}).status_code == 404
    )


def by_postmark(endpoint: dict[str, Any], payload: dict[str, Any]) -> None:
    basic = "Basic " + b64(endpoint["secret"].encode())
    post(endpoint, json.dumps(payload).encode(), Authorization=basic)


def test_postmarks_published_messages(tenant: Tenant, shared_data: Path) -> None:
    made = install(tenant, "postmark-mail")
    material = json.loads((shared_data / "webhooks/esp-events/postmark.json").read_text())
    payloads = {event["test"].split(".")[1]: event["payload"] for event in material["events"]}
    for payload in payloads.values():
        by_postmark(made, payload)
    process()
    assert figures(tenant, "mail-open-rate") == [("2014-08", 0, 1)]
    assert figures(tenant, "mail-bounce-rate")[-1] == ("2016-04", 1, 1)
    opened = payloads["test_open_event"]
    waiting = [event for event in events(tenant) if event["type"] == "Open"]
    assert [event["state"] for event in waiting] == ["unmatched"]
    # Its delivery comes late, the same message is opened again, and by another recipient too.
    delivery = payloads["test_delivered_event"] | {"MessageID": opened["MessageID"]}
    delivery["DeliveredAt"] = "2014-08-02T10:00:00Z"
    by_postmark(made, delivery)
    by_postmark(made, delivery | {"Recipient": "other@example.com"})
    by_postmark(made, opened | {"ReceivedAt": "2016-05-01T10:00:00Z", "FirstOpen": False})
    process()
    assert figures(tenant, "mail-open-rate") == [("2014-08", pytest.approx(1 / 3), 3)]
    assert figures(tenant, "mail-click-rate") == [("2014-08", pytest.approx(1 / 3), 3)]
    assert {event["state"] for event in events(tenant) if event["type"] == "Open"} == {"processed"}


def by_sendgrid(endpoint: dict[str, Any], batch: list[dict[str, Any]]) -> None:
    body = json.dumps(batch).encode()
    post(endpoint, body, **{name.replace("-", "_"): value for name, value in sendgrid(body).items()})


def test_sendgrids_published_messages(tenant: Tenant, shared_data: Path) -> None:
    made = install(tenant, "sendgrid-mail", secret=SENDGRID)
    material = json.loads((shared_data / "webhooks/esp-events/sendgrid.json").read_text())
    everything = [one for event in material["events"] for one in event["payload"]]
    by_sendgrid(made, everything)
    by_sendgrid(made, everything)
    process()
    (delivered,) = [one for one in everything if one["event"] == "delivered"]
    assert figures(tenant, "mail-open-rate") == [("2016-04", 1, 1)]
    assert figures(tenant, "mail-bounce-rate") == [("2016-04", 0.5, 2)]
    (opened,) = [one for one in everything if one["event"] == "open"]
    assert opened["sg_message_id"] == delivered["sg_message_id"]
    other = delivered | {"email": "other@example.com", "sg_event_id": "other"}
    by_sendgrid(made, [other, *(opened | {"sg_event_id": f"again-{n}"} for n in range(3))])
    process()
    assert figures(tenant, "mail-open-rate") == [("2016-04", 0.5, 2)]
    states = [event["state"] for event in events(tenant)]
    assert "failed" not in states
    assert len(states) == len(everything) + 4


def test_mailguns_documented_shape(tenant: Tenant) -> None:
    made = install(tenant, "mailgun-mail", secret="mailgun-key")
    message = {"headers": {"message-id": "20130503182626.18666.16540@example.com"}}
    for number, (event, more) in enumerate(
        [("delivered", {}), ("opened", {}), ("opened", {}), ("failed", {"severity": "temporary"})]
    ):
        token = f"{number}" * 50
        proof = {"timestamp": "1791190800", "token": token}
        proof["signature"] = mac("mailgun-key", f"1791190800{token}".encode(), "sha256").hex()
        data = {
            "id": f"e{number}",
            "event": event,
            "timestamp": 1791190800.5 + number,
            "recipient": "alice@example.com",
            "message": message,
            **more,
        }
        post(made, json.dumps({"signature": proof, "event-data": data}).encode())
    process()
    assert figures(tenant, "mail-open-rate") == [("2026-10", 1, 1)]
    assert figures(tenant, "mail-bounce-rate") == [("2026-10", 0, 1)]


def test_a_changed_answer_is_a_correction(tenant: Tenant) -> None:
    made = install(tenant, "delighted-nps")
    for number, (type_, score, updated) in enumerate(
        [("created", 10, 1791190800), ("updated", 3, 1794000000), ("updated", 0, 1791190900)]
    ):
        body = json.dumps(
            {
                "event_id": str(number),
                "event_type": f"survey_response.{type_}",
                "event_data": {
                    "id": "r1",
                    "survey_type": "nps",
                    "score": score,
                    "created_at": 1791190800,
                    "updated_at": updated,
                },
            }
        ).encode()
        signature = "sha256=" + mac(made["secret"], body, "sha256").hex()
        post(made, body, X_Delighted_Webhook_Signature=signature)
    process()
    assert figures(tenant, "nps") == [("2026-10", -100, 1)]
    readings = tenant.client.call("GET", "/v1/readings?kpi=nps").json()["results"]
    assert [row["value"] for row in readings if row["state"] == "current"] == [3]


def test_typeforms_documented_shape(tenant: Tenant) -> None:
    made = install(tenant, "typeform-nps")
    answers = [
        {"type": "text", "text": "well", "field": {"id": "a", "type": "short_text", "ref": "x"}},
        {"type": "number", "number": 9, "field": {"id": "b", "type": "opinion_scale", "ref": "y"}},
    ]
    for event_id in ("01", "02"):
        form = {"form_id": "lT4Z3j", "token": "a3a12ec6", "submitted_at": "2026-10-05T18:17:02Z"}
        body = json.dumps(
            {
                "event_id": event_id,
                "event_type": "form_response",
                "form_response": form | {"answers": answers},
            }
        ).encode()
        signature = "sha256=" + b64(mac(made["secret"], body, "sha256"))
        post(made, body, Typeform_Signature=signature)
    process()
    assert figures(tenant, "nps") == [("2026-10", 100, 1)]


def test_a_deleted_subscription_is_churn_in_its_month(tenant: Tenant) -> None:
    made = install(tenant, "stripe-churn", secret="whsec_of_stripe")

    def told(id: str, type_: str, subscription: str, **times: int) -> None:
        event = {
            "id": id,
            "object": "event",
            "type": f"customer.subscription.{type_}",
            "created": int(datetime.now(UTC).timestamp()),
            "data": {"object": {"id": subscription, "object": "subscription", "status": "canceled", **times}},
        }
        body = json.dumps(event)
        header = stripe.WebhookSignature.generate_signature_header(body, "whsec_of_stripe")
        post(made, body.encode(), Stripe_Signature=header)

    september, october = 1788771600, 1791190800
    told("evt_1", "deleted", "sub_1", ended_at=september)
    told("evt_2", "deleted", "sub_2", ended_at=october)
    told("evt_2", "deleted", "sub_2", ended_at=october)
    told("evt_3", "deleted", "sub_2", ended_at=october)
    told("evt_4", "created", "sub_3", created=october)
    process()
    assert figures(tenant, "lost-subscriptions") == [("2026-09", 1, 1), ("2026-10", 1, 1)]
    assert figures(tenant, "new-subscriptions") == [("2026-10", 1, 1)]
    assert figures(tenant, "subscription-churn") == [("2026-09", None, None), ("2026-10", None, None)]
    base = {"at": "2026-09-01T00:00:00Z", "count": 40}
    given = tenant.client.call("POST", "/v1/kpis/subscription-churn/base", base)
    assert (given.status_code, given.json()["outcome"]) == (201, "created")
    churn = pytest.approx(1 / 39)
    assert figures(tenant, "subscription-churn") == [("2026-09", 0.025, 40), ("2026-10", churn, 39)]
    told("evt_5", "deleted", "sub_3", ended_at=october + 86400)  # it was in no base: it began in October
    process()
    assert figures(tenant, "subscription-churn")[1] == ("2026-10", churn, 39)
