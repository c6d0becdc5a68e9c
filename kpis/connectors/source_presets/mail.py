"""E-mail services' own statistics. Apple's mail privacy inflates opens; the kind has the caveat."""

from __future__ import annotations

from typing import Any

from kpis.connectors.source_presets.preset import SourcePreset

THREE_DAYS_S = 3 * 86_400


def _rate(key: str, name: str, kind: str) -> dict[str, Any]:
    """A rate of what was sent in the month; each campaign, or day, is one event with both sides."""
    return {
        "key": key,
        "name": name,
        "kind": kind,
        "holds": "events",
        "input": "parts",
        "period": "month",
        "settle_s": THREE_DAYS_S,
    }


def _campaign(kpi: str, numerator: str, denominator: str) -> dict[str, Any]:
    return {
        "kpi": kpi,
        "when": [{"path": denominator, "exists": True}],
        "numerator": numerator,
        "denominator": denominator,
        "external_id": "$.id",
        "observed_at": "$.send_time",
    }


def _day(kpi: str, metric: str, base: str) -> dict[str, Any]:
    return {
        "kpi": kpi,
        "items": f"$[?@.stats[0].metrics.{base} > 0]",
        "numerator": f"$.stats[0].metrics.{metric}",
        "denominator": f"$.stats[0].metrics.{base}",
        "external_id": "$.date",
        "observed_at": "$.date",
        "cast": "date",
    }


PRESETS = (
    SourcePreset(
        "mailchimp-campaigns",
        "Mailchimp: open, click, unsubscribe and bounce rate of campaigns",
        "Campaigns sent in the month: people who opened or clicked at least once, of mails delivered "
        "(sent less hard and soft bounces), summed over campaigns and then divided. Mailchimp's "
        "overview averages the rates of campaigns, and can leave out opens by Apple's mail privacy; "
        "here a large campaign weighs more and such opens count. Reports of the last 35 days are read"
        " again, as opens come late.",
        "anystring:API key (the key's end, -us6, is the data centre)",
        (
            _rate("mailchimp-open-rate", "Mailchimp open rate", "open_rate"),
            _rate("mailchimp-click-rate", "Mailchimp click rate", "click_rate"),
            _rate("mailchimp-unsubscribe-rate", "Mailchimp unsubscribe rate", "unsubscribe"),
            _rate("mailchimp-bounce-rate", "Mailchimp bounce rate", "bounce"),
        ),
        {
            "url": "https://{datacenter}.api.mailchimp.com/3.0/reports?count=100&since_send_time={start}",
            "basic_auth": True,
            "paging": {"by": "offset", "parameter": "offset", "items": "$.reports[*]", "size": 100},
            "shape": "mailchimp_reports",
            "lookback": "P35D",
        },
        (
            _campaign("mailchimp-open-rate", "$.opens.unique_opens", "$.delivered"),
            _campaign("mailchimp-click-rate", "$.clicks.unique_subscriber_clicks", "$.delivered"),
            _campaign("mailchimp-unsubscribe-rate", "$.unsubscribed", "$.delivered"),
            _campaign("mailchimp-bounce-rate", "$.bounced", "$.emails_sent"),
        ),
        {"datacenter": "The end of the API key: us6."},
    ),
    SourcePreset(
        "sendgrid-stats",
        "SendGrid: open, click, bounce and unsubscribe rate from statistics",
        "SendGrid counts an open on the day on which it came, not on the day of its mail, so a day's "
        "share can be above 1; shares of months are the days' sums, divided. Its dashboard shows the "
        "same sums, in the account's own time zone; unique opens are unique by day. Statistics of the"
        " last 10 days are read again.",
        "API key with the scope Stats: read",
        (
            _rate("sendgrid-open-rate", "SendGrid open rate", "open_rate"),
            _rate("sendgrid-click-rate", "SendGrid click rate", "click_rate"),
            _rate("sendgrid-unsubscribe-rate", "SendGrid unsubscribe rate", "unsubscribe"),
            _rate("sendgrid-bounce-rate", "SendGrid bounce rate", "bounce"),
        ),
        {
            "url": "https://api.sendgrid.com/v3/stats"
            "?aggregated_by=day&start_date={start_date}&end_date={end_date}",
            "lookback": "P10D",
        },
        (
            _day("sendgrid-open-rate", "unique_opens", "delivered"),
            _day("sendgrid-click-rate", "unique_clicks", "delivered"),
            _day("sendgrid-unsubscribe-rate", "unsubscribes", "delivered"),
            _day("sendgrid-bounce-rate", "bounces", "requests"),
        ),
    ),
)
