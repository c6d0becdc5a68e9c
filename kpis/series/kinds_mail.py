"""Kinds of what becomes of messages."""

from __future__ import annotations

from kpis.series.kinds_rows import rate
from kpis.series.method import Kind

_of_delivered = "of_delivered"
_PRIVACY = ("mail_privacy",)

MAIL = (
    Kind(
        "open_rate",
        "E-mail open rate",
        (
            rate(_of_delivered, "messages opened at least once", "delivered", "Mailchimp, SendGrid"),
            rate("of_sent", "messages opened at least once", "sent", "GetResponse"),
        ),
        caveats=_PRIVACY,
    ),
    Kind(
        "click_rate",
        "E-mail click rate",
        (rate(_of_delivered, "messages clicked", "delivered", "Mailchimp"),),
    ),
    Kind(
        "click_to_open",
        "Click-to-open rate",
        (rate("of_opened", "messages clicked", "messages opened", "Mailchimp"),),
        caveats=_PRIVACY,
        known_as=("CTOR",),
    ),
    Kind(
        "unsubscribe",
        "Unsubscribe rate",
        (rate(_of_delivered, "unsubscribed", "delivered", "Mailchimp", "down"),),
    ),
    Kind("bounce", "Bounce rate", (rate("of_sent", "bounced", "sent", "Mailchimp", "down"),)),
    Kind(
        "complaint_rate",
        "Complaint rate",
        (rate(_of_delivered, "complained", "delivered", "SendGrid", "down"),),
        known_as=("spam rate",),
    ),
)
