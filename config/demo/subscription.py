"""The second demo map: a subscription service, fed by signed webhooks. Its figures are synthetic."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

KEY = "subscription"
NOTICE = "Synthetic figures: a generator makes them up and sends them as signed webhooks."
ENDPOINT = "demo-events"

_STAGES: list[tuple[str, str, str, list[dict[str, Any]]]] = [
    (
        "discover",
        "Discover",
        "Find something that saves me evenings",
        [
            {
                "key": "newsletter",
                "name": "Newsletter",
                "channels": ["email"],
                "feeling": 0.2,
                "actions": ["Skims the subject line on the train"],
                "thoughts": ["One more newsletter …"],
                "opportunities": ["Send what fits, at the hour it is read"],
            },
            {
                "key": "comparison",
                "name": "Comparison page",
                "channels": ["web", "search"],
                "feeling": 0.1,
                "actions": ["Compares three services side by side"],
                "pains": ["Prices hide behind a form"],
            },
        ],
    ),
    (
        "try",
        "Try",
        "See within a week whether it works for me",
        [
            {
                "key": "trial",
                "name": "Free trial",
                "channels": ["web", "mobile-app"],
                "feeling": 0.6,
                "moment_of_truth": True,
                "importance": 0.9,
                "actions": ["Sets it up on a Sunday evening"],
                "thoughts": ["Oh, that was quick."],
                "gains": ["First result in ten minutes"],
            },
            {
                "key": "onboarding-mail",
                "name": "Onboarding e-mails",
                "channels": ["email"],
                "feeling": -0.1,
                "actions": ["Opens the first, forgets the third"],
                "pains": ["Five mails in five days"],
            },
        ],
    ),
    (
        "subscribe",
        "Subscribe",
        "Pay without thinking about it",
        [
            {
                "key": "checkout",
                "name": "Checkout",
                "channels": ["web"],
                "feeling": -0.3,
                "moment_of_truth": True,
                "importance": 1.0,
                "actions": ["Looks for the yearly price", "Enters the card"],
                "thoughts": ["Can I leave whenever I want?"],
                "pains": ["Tax appears in the last step"],
                "opportunities": ["Show the whole price from the start"],
            }
        ],
    ),
    (
        "stay",
        "Stay",
        "Get more out of it each month",
        [
            {
                "key": "support",
                "name": "Support",
                "channels": ["chat", "email"],
                "feeling": 0.3,
                "actions": ["Asks in the chat"],
                "quotes": ["A human answered. Within two minutes."],
            },
            {
                "key": "renewal",
                "name": "Renewal",
                "channels": ["email", "web"],
                "feeling": -0.2,
                "moment_of_truth": True,
                "importance": 1.0,
                "actions": ["Reads the renewal notice", "Decides to stay or to leave"],
                "thoughts": ["Do I still use this?"],
                "opportunities": ["Show what was achieved this year"],
            },
        ],
    ),
]


def document() -> dict[str, Any]:
    """Return the map's document."""
    return {
        "name": "Living with a subscription",
        "language": "en",
        "actor_label": "subscriber",
        "scenario": "Jonas tries a service that promises to plan his family's week.",
        "customer_goal": "A planned week with five minutes of work",
        "organisation_objective": "Fewer than three in a hundred leave in a month",
        "notice": NOTICE,
        "cyclic": True,
        "stages": [
            {
                "key": f"stage-{key}",
                "name": name,
                "customer_goal": goal,
                "touchpoints": [_touchpoint(point) for point in points],
            }
            for key, name, goal, points in _STAGES
        ],
    }


def _touchpoint(point: dict[str, Any]) -> dict[str, Any]:
    lanes: dict[str, Any] = {
        lane: [{"text": text, "evidence": "assumed"} for text in point[lane]]
        for lane in ("actions", "thoughts", "pains", "gains", "opportunities", "quotes")
        if lane in point
    }
    kept = {name: value for name, value in point.items() if name not in {"feeling", *lanes}}
    emotion = {"value": point["feeling"], "scale": "sentiment", "evidence": "assumed"}
    return {**kept, **lanes, "emotions": [emotion]}


KPIS: list[dict[str, Any]] = [
    {
        "key": "churn",
        "name": "Monthly churn",
        "kind": "churn",
        "zone": "UTC",
        "thresholds": {"target": 0.035, "warn": 0.035, "breach": 0.045, "recovery": 0.001},
    },
    {
        "key": "open-rate",
        "name": "Opened",
        "kind": "open_rate",
        "period": "day",
        "zone": "UTC",
        "thresholds": {"target": 0.35, "warn": 0.35, "breach": 0.28, "recovery": 0.01},
    },
    {
        "key": "trial-conversion",
        "name": "Trial to paid",
        "kind": "conversion",
        "period": "week",
        "zone": "UTC",
        "thresholds": {"target": 0.25, "warn": 0.25, "breach": 0.15, "recovery": 0.01},
    },
    {
        # Sent as a total, and by channel: in some weeks one channel's count is lost, which is a finding.
        "key": "trials-begun",
        "name": "Trials begun",
        "kind": "count",
        "period": "week",
        "zone": "UTC",
        "total": {"label": "channel", "tolerance": 0.01},
    },
    {
        "key": "nps",
        "name": "NPS",
        "kind": "nps",
        "holds": "events",
        "input": "answers",
        "period": "day",
        "zone": "UTC",
        "thresholds": {"target": 40, "warn": 40, "breach": 0, "recovery": 3},
    },
    {
        "key": "support-csat",
        "name": "Satisfied",
        "kind": "csat",
        "holds": "events",
        "input": "answers",
        "period": "day",
        "zone": "UTC",
        "thresholds": {"target": 0.85, "warn": 0.85, "breach": 0.65, "recovery": 0.02},
    },
]

BINDINGS: list[dict[str, Any]] = [
    {"element": "newsletter", "kpi": "open-rate", "selector": {"list": "newsletter"}},
    {"element": "onboarding-mail", "kpi": "open-rate", "selector": {"list": "onboarding"}},
    {"element": "trial", "kpi": "nps"},
    {"element": "trial", "kpi": "trials-begun"},
    {"element": "checkout", "kpi": "trial-conversion"},
    {"element": "support", "kpi": "support-csat"},
    {"element": "renewal", "kpi": "churn"},
]


def improvements(began: datetime) -> list[dict[str, Any]]:
    """Return what was changed; synthetic, as the figures are."""
    return [
        {
            "key": "checkout-whole-price",
            "title": "The whole price from the start (synthetic)",
            "description": NOTICE,
            "at": (began - timedelta(days=24)).isoformat(),
            "elements": ["checkout"],
            "kpis": [{"kpi": "trial-conversion", "direction": "up", "by": 0.02}],
        }
    ]


def _of(kind: str) -> dict[str, Any]:
    return {"items": "$.data[*]", "when": [{"path": "$.kind", "equals": kind}]}


# A message is {"type": "…", "data": [item, …]}; each item says its kind.
_SPAN = {"start": "$.start", "end": "$.end"}
_PARTS = {"numerator": "$.part", "denominator": "$.whole", **_SPAN}
_COUNT = {"value": "$.count", **_SPAN}
_ANSWER = {"value": "$.score", "observed_at": "$.at", "external_id": "$.id"}
RULES: list[dict[str, Any]] = [
    {"kpi": "churn", **_of("churn"), **_PARTS},
    {"kpi": "open-rate", **_of("opens"), **_PARTS, "labels": {"list": {"path": "$.list"}}},
    {"kpi": "trial-conversion", **_of("trials"), **_PARTS},
    {"kpi": "trials-begun", **_of("begun"), **_COUNT},
    {
        "kpi": "trials-begun",
        **_of("begun-by-channel"),
        **_COUNT,
        "labels": {"channel": {"path": "$.channel"}},
    },
    {"kpi": "nps", **_of("nps"), **_ANSWER},
    {"kpi": "support-csat", **_of("csat"), **_ANSWER},
]
