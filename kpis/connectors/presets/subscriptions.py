"""Subscriptions: what ended is churn in its month, of what there was at its start."""

from __future__ import annotations

from typing import Any

from kpis.connectors.presets.preset import Preset


def _count(key: str, name: str, holds: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": name, "kind": "count", "holds": holds, "period": "month", **more}


def _happened(kpi: str, type_: str, time: str) -> dict[str, Any]:
    return {
        "kpi": kpi,
        "when": [{"path": "$.type", "equals": type_}],
        "const": 1,
        "external_id": "$.data.object.id",
        "observed_at": time,
        "cast": "epoch",
    }


PRESETS = (
    Preset(
        "stripe-churn",
        "Stripe: subscription churn",
        "Subscriptions that ended in the month, of those that there were at its start. No message says how "
        "many these were: record it each month as a reading of subscriptions-at-start; churn is null until "
        "then. Trials that end count as Stripe tells them; a change of plan ends nothing.",
        (
            _count("lost-subscriptions", "Subscriptions that ended", "events", direction="down"),
            _count("new-subscriptions", "Subscriptions that began", "events", direction="up"),
            _count("subscriptions-at-start", "Subscriptions at the start of the month", "figures"),
            {
                "key": "subscription-churn",
                "name": "Subscription churn",
                "kind": "ratio",
                "direction": "down",
                "numerator_kpi": "lost-subscriptions",
                "denominator_kpi": "subscriptions-at-start",
            },
        ),
        (
            _happened("lost-subscriptions", "customer.subscription.deleted", "$.data.object.ended_at"),
            _happened("new-subscriptions", "customer.subscription.created", "$.data.object.created"),
        ),
        "stripe",
    ),
)
