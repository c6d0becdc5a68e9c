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


def _thin(type_: str, time: str) -> dict[str, Any]:
    """A thin event says whose subscription it is about; the rest is asked for."""
    return {
        "when": [
            {"path": "$.item.type", "equals": f"v1.{type_}"},
            {"path": f"$.followed.{time}", "exists": True},
        ],
        "follow": {"path": "$.related_object.url"},
        "external_id": "$.item.related_object.id",
        "observed_at": f"$.followed.{time}",
        "cast": "epoch",
    }


_KPIS = (
    _count("lost-subscriptions", "Subscriptions that ended", direction="down"),
    _count("new-subscriptions", "Subscriptions that began", direction="up"),
    _CHURN,
)


def _rules(ended: dict[str, Any], began: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return (
        {"kpi": "lost-subscriptions", "const": 1, **ended},
        {"kpi": "new-subscriptions", "const": 1, **began},
        {"kpi": "subscription-churn", "op": "lost", **ended},
        {"kpi": "subscription-churn", "op": "joined", **began},
    )


PRESETS = (
    Preset(
        "stripe-churn",
        "Stripe: subscription churn",
        "Subscriptions that ended in the month, of those that there were at its start. No message says how "
        "many these were: give the KPI its base once (POST /v1/kpis/subscription-churn/base); churn is null "
        "until then. A trial is a subscription and its end a loss; who pauses stays; a change of plan ends "
        "nothing; a loss is of the instant at which the subscription ended. Stripe takes no end back: "
        "whoever was cancelled by mistake gets a new subscription, which begins, and the loss stays. From "
        "snapshot events; for thin ones there is stripe-churn-thin.",
        _KPIS,
        _rules(_ENDED, _BEGAN),
        "stripe",
    ),
    Preset(
        "stripe-churn-thin",
        "Stripe: subscription churn from thin events",
        "The same as stripe-churn from thin events of an event destination: v1.customer.subscription.created "
        "and v1.customer.subscription.deleted. Each names a subscription, which is asked for as it is then. "
        "Send one kind of events to the KPIs, thin or snapshot.",
        _KPIS,
        _rules(
            _thin("customer.subscription.deleted", "ended_at"),
            _thin("customer.subscription.created", "created"),
        ),
        "stripe",
        {"fetch": {"url": "https://api.stripe.com/"}},
        fetch_secret="Restricted key with read access to subscriptions (rk_live_…).",
    ),
)
