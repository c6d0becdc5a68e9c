"""Stripe's thin events: what the maker's library takes for one is verified, followed and counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
import stripe

from kpis.actions.receiving import DUE_KIND
from service.models import Due
from tests.conftest import Tenant
from tests.kpis.connectors.replica import Answer, Asked, replica
from tests.kpis.test_inbound import process
from tests.kpis.test_presets import events, figures, install, post

SECRET = "whsec_of_stripe"
SEPTEMBER, OCTOBER = 1788771600, 1791190800


def thin(id: str, type_: str, subscription: str) -> str:
    body = json.dumps(
        {
            "id": id,
            "object": "v2.core.event",
            "type": type_,
            "livemode": False,
            "created": "2026-10-05T10:00:00.000Z",
            "context": None,
            "reason": None,
            "related_object": {
                "id": subscription,
                "type": "subscription",
                "url": f"/v1/subscriptions/{subscription}",
            },
        }
    )
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    notification = stripe.StripeClient("sk_test_x").parse_event_notification(body, header, SECRET)
    assert notification.id == id
    return body


def tell(endpoint: dict[str, Any], *event: str) -> None:
    body = thin(*event)
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    post(endpoint, body.encode(), Stripe_Signature=header)


def by_stripe(asked: Asked) -> Answer:
    """GET /v1/subscriptions/{id}, as it is now."""
    id = asked.path.rsplit("/", 1)[1]
    ended = {"sub_1": SEPTEMBER, "sub_2": OCTOBER}.get(id)
    status = "canceled" if ended else "active"
    return Answer(
        {"id": id, "object": "subscription", "status": status, "created": OCTOBER, "ended_at": ended}
    )


def test_thin_events_make_the_same_churn_as_others(tenant: Tenant) -> None:
    Due.objects.filter(kind=DUE_KIND).delete()
    with replica(by_stripe) as running:
        made = install(
            tenant,
            "stripe-churn-thin",
            secret=SECRET,
            fetch={"url": f"{running.base}/"},
            fetch_secret="rk_live_key",
        )
        for number in (1, 2, 1):
            tell(made, f"evt_{number}", "v1.customer.subscription.deleted", f"sub_{number}")
        tell(made, "evt_3", "v1.customer.subscription.created", "sub_3")
        tell(made, "evt_4", "v1.invoice.paid", "in_1")
        process()
    assert figures(tenant, "lost-subscriptions") == [("2026-09", 1, 1), ("2026-10", 1, 1)]
    assert figures(tenant, "new-subscriptions") == [("2026-10", 1, 1)]
    assert sorted(running.paths) == [f"/v1/subscriptions/sub_{number}" for number in (1, 2, 3)]
    assert {one.headers["Authorization"] for one in running.asked} == {"Bearer rk_live_key"}
    base = {"at": "2026-09-01T00:00:00Z", "count": 40}
    assert tenant.client.call("POST", "/v1/kpis/subscription-churn/base", base).status_code == 201
    assert figures(tenant, "subscription-churn")[:2] == [
        ("2026-09", 0.025, 40),
        ("2026-10", pytest.approx(1 / 39), 39),
    ]
    assert told(tenant)["evt_4"][0] == "ignored"


def test_where_no_rule_follows_a_thin_event_says_so(tenant: Tenant) -> None:
    made = install(tenant, "stripe-churn", secret=SECRET)
    tell(made, "evt_1", "v1.customer.subscription.deleted", "sub_1")
    process()
    assert told(tenant) == {"evt_1": ("ignored", ["thin_event"])}


def told(tenant: Tenant) -> dict[str, tuple[str, list[str]]]:
    return {
        row["message_id"]: (row["state"], [issue["code"] for issue in row["issues"]])
        for row in events(tenant)
    }
