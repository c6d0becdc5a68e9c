"""Subscriptions: what ended is churn in its month, of what there was at its start."""

from __future__ import annotations

from typing import Any

from kpis.connectors.presets.preset import Preset

_CHURN = {
    "key": "subscription-churn",
    "name": "Subscription churn",
    "kind": "churn",
    "input": "flows",
    "holds": "events",
    "period": "month",
    "stock_unit": "subscription",
    "trials": "included",
    "pauses": "kept",
    "plan_switches": "kept",
    "loss_at": "ended",
}


def _count(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": name, "kind": "count", "holds": "events", "period": "month", **more}


def _happened(type_: str, time: str) -> dict[str, Any]:
    return {
        "when": [{"path": "$.type", "equals": type_}],
        "external_id": "$.data.object.id",
        "observed_at": time,
        "cast": "epoch",
    }


_ENDED = _happened("customer.subscription.deleted", "$.data.object.ended_at")
_BEGAN = _happened("customer.subscription.created", "$.data.object.created")

PRESETS = (
    Preset(
        "stripe-churn",
        "Stripe: subscription churn",
        "Subscriptions that ended in the month, of those that there were at its start. No message says how "
        "many these were: give the KPI its base once (POST /v1/kpis/subscription-churn/base); churn is null "
        "until then. A trial is a subscription and its end a loss; who pauses stays; a change of plan ends "
        "nothing; a loss is of the instant at which the subscription ended.",
        (
            _count("lost-subscriptions", "Subscriptions that ended", direction="down"),
            _count("new-subscriptions", "Subscriptions that began", direction="up"),
            _CHURN,
        ),
        (
            {"kpi": "lost-subscriptions", "const": 1, **_ENDED},
            {"kpi": "new-subscriptions", "const": 1, **_BEGAN},
            {"kpi": "subscription-churn", "op": "lost", **_ENDED},
            {"kpi": "subscription-churn", "op": "joined", **_BEGAN},
        ),
        "stripe",
    ),
)
