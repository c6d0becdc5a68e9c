"""What happened in systems of sale and analysis, counted: one thing once, in the month in which it was."""

from __future__ import annotations

from typing import Any

from kpis.connectors.presets.preset import Preset


def _count(key: str, name: str, direction: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "kind": "count",
        "holds": "events",
        "period": "month",
        "direction": direction,
        **more,
    }


def _list_change(type_: str) -> dict[str, Any]:
    return {
        "const": 1,
        "when": [{"path": "$.type", "equals": type_}],
        "external_ids": ["$.data.id", "$.fired_at"],
        "observed_at": "$.fired_at",
    }


_NEW_DEAL = {
    "when": [{"path": "$.subscriptionType", "one_of": ["deal.creation", "object.creation"]}],
    "external_id": "$.objectId",
    "observed_at": "$.occurredAt",
    "cast": "epoch_ms",
}
_WON_DEAL = _NEW_DEAL | {
    "when": [
        {"path": "$.subscriptionType", "one_of": ["deal.propertyChange", "object.propertyChange"]},
        {"path": "$.propertyName", "equals": "dealstage"},
        {"path": "$.propertyValue", "equals": "closedwon"},
    ]
}

PRESETS = (
    Preset(
        "mailchimp-audience",
        "Mailchimp: who joined and left an audience",
        "Each subscription and each unsubscription counts, in the month in which it was, whoever comes back "
        "included. Addresses that Mailchimp cleans as they bounce leave without being counted here.",
        (
            _count("audience-joined", "Joined the audience", "up"),
            _count("audience-left", "Left the audience", "down"),
        ),
        (
            {"kpi": "audience-joined", **_list_change("subscribe")},
            {"kpi": "audience-left", **_list_change("unsubscribe")},
        ),
        "mailchimp",
    ),
    Preset(
        "segment-tracks",
        "Segment: tracked events by name",
        "Calls of track, by the name of their event, in the month of their own timestamp; a message that is "
        "sent again counts once. Identify, page and other calls are left out: a rule each counts them.",
        (_count("tracked-events", "Tracked events", "none"),),
        (
            {
                "kpi": "tracked-events",
                "const": 1,
                "when": [{"path": "$.type", "equals": "track"}],
                "external_id": "$.messageId",
                "observed_at": "$.timestamp",
                "labels": {"event": {"path": "$.event"}},
            },
        ),
        "segment",
    ),
    Preset(
        "hubspot-deals",
        "HubSpot: deals won of deals created",
        "A deal counts once, in the month in which it was created, and as won as soon as its stage is "
        "closedwon, whenever that is; one that is reopened later stays won. HubSpot's own reports count wins "
        "by their close date. A pipeline with a won stage of another name needs its rule changed.",
        (
            {
                "key": "deals-won",
                "name": "Deals won",
                "kind": "conversion",
                "holds": "events",
                "period": "month",
            },
        ),
        (
            {"kpi": "deals-won", "op": "denominator", **_NEW_DEAL},
            {"kpi": "deals-won", "op": "numerator", **_WON_DEAL},
        ),
        "hubspot",
    ),
)
