"""Mailchimp's campaign reports, with what was delivered. Pure.

Mailchimp divides unique opens and clicks by the mails delivered, which it does not tell: sent less hard and
soft bounces. Source: Marketing API reference, GET /reports.
"""

from __future__ import annotations

from typing import Any

from kpis.connectors.base import PullFailed, Window


def reports(page: Any, lookup: None, window: Window) -> list[Any]:
    """Return the page's reports, each with `delivered` and `bounced`, where both can be told."""
    listed = page.get("reports") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise PullFailed("These are no campaign reports of Mailchimp: `reports` is missing.", permanent=True)
    return [_with_delivered(report) for report in listed if isinstance(report, dict)]


def _with_delivered(report: dict[str, Any]) -> dict[str, Any]:
    bounces = report.get("bounces")
    counts = [
        bounces.get(name) if isinstance(bounces, dict) else None for name in ("hard_bounces", "soft_bounces")
    ]
    sent = report.get("emails_sent")
    if not all(isinstance(count, int) and not isinstance(count, bool) for count in (sent, *counts)):
        return report
    bounced = sum(count for count in counts if count is not None)
    return {**report, "bounced": bounced, "delivered": (sent or 0) - bounced}
