"""Subscriptions: churn by month, worked out of all that there ever were."""

from __future__ import annotations

from typing import Any

from kpis.connectors.source_presets.preset import SourcePreset


def _churn(key: str, name: str) -> dict[str, Any]:
    return {"key": key, "name": name, "kind": "churn", "period": "month", "zone": "UTC"}


def _month(kpi: str, whose: str) -> dict[str, Any]:
    return {
        "kpi": kpi,
        "numerator": f"$.{whose}_lost",
        "denominator": f"$.{whose}_at_start",
        "start": "$.start",
        "end": "$.end",
    }


PRESETS = (
    SourcePreset(
        "stripe-subscriptions",
        "Stripe: customer and subscription churn",
        "Who paid at the start of the month (UTC) and does not at its end. A subscription begins when"
        " it is first paid for, so trials neither count nor churn, and ends at ended_at, not when it "
        "was cancelled. A customer is lost with the last subscription. Stripe's dashboard looks at "
        "the last 30 days, counts past-due subscriptions by your settings and in your time zone. All "
        "subscriptions are read each time, 100 a call, in as many runs as that takes: figures come with"
        " the last. From some 400,000 on, or to know at once, use webhooks (stripe-churn).",
        "Restricted key with read access to subscriptions (rk_live_…)",
        (
            _churn("stripe-customer-churn", "Stripe customer churn"),
            _churn("stripe-subscription-churn", "Stripe subscription churn"),
        ),
        {
            "url": "https://api.stripe.com/v1/subscriptions?status=all&limit=100",
            "paging": {
                "by": "cursor",
                "cursor": "$.data[-1].id",
                "parameter": "starting_after",
                "more": "$.has_more",
            },
            "shape": "stripe_subscriptions",
            "lookback": "P62D",
        },
        (
            _month("stripe-customer-churn", "customers"),
            _month("stripe-subscription-churn", "subscriptions"),
        ),
        schedule={"every": "P1D"},
    ),
)
