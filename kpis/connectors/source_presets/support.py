"""Help desks: what people said of an answered question."""

from __future__ import annotations

from kpis.connectors.source_presets.preset import SourcePreset

PRESETS = (
    SourcePreset(
        "zendesk-satisfaction",
        "Zendesk: satisfaction",
        "Ratings good of ratings good and bad, in the month in which they were given; what was only "
        "offered is no answer. Zendesk's dashboards count the last rating of a ticket in the month of"
        " its solution, and leave out what its business rules do. This is the older satisfaction "
        "rating; accounts with CSAT survey responses have another API.",
        "agent@example.com/token:API token",
        (
            {
                "key": "zendesk-satisfaction",
                "name": "Zendesk satisfaction",
                "kind": "share",
                "holds": "events",
                "input": "parts",
                "period": "month",
                "direction": "up",
            },
        ),
        {
            "url": "https://{subdomain}.zendesk.com/api/v2/satisfaction_ratings"
            "?page[size]=100&start_time={start_epoch}",
            "basic_auth": True,
            "paging": {"by": "next", "cursor": "$.links.next", "more": "$.meta.has_more"},
            "shape": "zendesk_ratings",
            "lookback": "P14D",
        },
        (
            {
                "kpi": "zendesk-satisfaction",
                "numerator": "$.good",
                "denominator": "$.rated",
                "external_id": "$.id",
                "observed_at": "$.created_at",
            },
        ),
        {"subdomain": "The beginning of https://<subdomain>.zendesk.com."},
    ),
)
