"""E-mail services: shares of what was delivered, each message to each recipient counted once.

Opens, clicks and the like count in the month of the delivery, so the shares of a month go on growing: they
settle for three days before they are judged. Apple's mail privacy inflates opens; the kind has the caveat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpis.connectors.presets.preset import Preset

THREE_DAYS_S = 3 * 86400
_ABOUT = (
    "A message to one recipient counts once, however often it is opened or clicked, in the month in which it "
    "was delivered. What was opened but never told as delivered waits as unmatched."
)


def _rate(key: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "kind": kind,
        "holds": "events",
        "period": "month",
        "settle_s": THREE_DAYS_S,
        **more,
    }


OPEN_RATE = _rate("mail-open-rate", "E-mail open rate", "open_rate")
CLICK_RATE = _rate("mail-click-rate", "E-mail click rate", "click_rate")
BOUNCE_RATE = _rate("mail-bounce-rate", "E-mail bounce rate", "bounce")
UNSUBSCRIBE_RATE = _rate("mail-unsubscribe-rate", "E-mail unsubscribe rate", "unsubscribe")
COMPLAINT_RATE = _rate("mail-complaint-rate", "E-mail complaint rate", "complaint_rate")
_KPIS = (OPEN_RATE, CLICK_RATE, BOUNCE_RATE, UNSUBSCRIBE_RATE, COMPLAINT_RATE)


def _sides(
    kpi: Mapping[str, Any], denominators: Sequence[Mapping[str, Any]], numerator: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the rules of one rate, by what each of its sides is told."""
    sides = [*((one, "denominator") for one in denominators), (numerator, "numerator")]
    return [{"kpi": kpi["key"], "op": op, **one} for one, op in sides]


def _sendgrid(event: str) -> dict[str, Any]:
    return {
        "when": [{"path": "$.event", "equals": event}],
        "external_ids": ["$.sg_message_id", "$.email"],
        "observed_at": "$.timestamp",
        "cast": "epoch",
    }


def _postmark(record: str, time: str, recipient: str = "$.Recipient", **more: Any) -> dict[str, Any]:
    conditions = [{"path": "$.RecordType", "equals": record}]
    conditions += [{"path": f"$.{name}", "equals": value} for name, value in more.items()]
    return {"when": conditions, "external_ids": ["$.MessageID", recipient], "observed_at": time}


def _mailgun(event: str, **more: Any) -> dict[str, Any]:
    conditions = [{"path": "$['event-data'].event", "equals": event}]
    conditions += [{"path": f"$['event-data'].{name}", "equals": value} for name, value in more.items()]
    return {
        "when": conditions,
        "external_ids": ["$['event-data'].message.headers['message-id']", "$['event-data'].recipient"],
        "observed_at": "$['event-data'].timestamp",
        "cast": "epoch",
    }


def _mandrill(event: str) -> dict[str, Any]:
    return {
        "when": [{"path": "$.event", "equals": event}],
        "external_id": "$.msg._id",
        "observed_at": "$.ts",
        "cast": "epoch",
    }


_POSTMARK_DELIVERY = _postmark("Delivery", "$.DeliveredAt")
_POSTMARK_BOUNCE = _postmark("Bounce", "$.BouncedAt", "$.Email")

PRESETS = (
    Preset(
        "sendgrid-mail",
        "SendGrid: open, click, bounce, unsubscribe and complaint rate",
        _ABOUT,
        _KPIS,
        (
            *_sides(OPEN_RATE, [_sendgrid("delivered")], _sendgrid("open")),
            *_sides(CLICK_RATE, [_sendgrid("delivered")], _sendgrid("click")),
            *_sides(BOUNCE_RATE, [_sendgrid("delivered"), _sendgrid("bounce")], _sendgrid("bounce")),
            *_sides(UNSUBSCRIBE_RATE, [_sendgrid("delivered")], _sendgrid("unsubscribe")),
            *_sides(COMPLAINT_RATE, [_sendgrid("delivered")], _sendgrid("spamreport")),
        ),
        "sendgrid",
    ),
    Preset(
        "postmark-mail",
        "Postmark: open, click, bounce, unsubscribe and complaint rate",
        _ABOUT,
        _KPIS,
        (
            *_sides(OPEN_RATE, [_POSTMARK_DELIVERY], _postmark("Open", "$.ReceivedAt")),
            *_sides(CLICK_RATE, [_POSTMARK_DELIVERY], _postmark("Click", "$.ReceivedAt")),
            *_sides(BOUNCE_RATE, [_POSTMARK_DELIVERY, _POSTMARK_BOUNCE], _POSTMARK_BOUNCE),
            *_sides(
                UNSUBSCRIBE_RATE,
                [_POSTMARK_DELIVERY],
                _postmark("SubscriptionChange", "$.ChangedAt", SuppressSending=True),
            ),
            *_sides(
                COMPLAINT_RATE, [_POSTMARK_DELIVERY], _postmark("SpamComplaint", "$.BouncedAt", "$.Email")
            ),
        ),
        "postmark",
    ),
    Preset(
        "mailgun-mail",
        "Mailgun: open, click, bounce, unsubscribe and complaint rate",
        _ABOUT,
        _KPIS,
        (
            *_sides(OPEN_RATE, [_mailgun("delivered")], _mailgun("opened")),
            *_sides(CLICK_RATE, [_mailgun("delivered")], _mailgun("clicked")),
            *_sides(
                BOUNCE_RATE,
                [_mailgun("delivered"), _mailgun("failed", severity="permanent")],
                _mailgun("failed", severity="permanent"),
            ),
            *_sides(UNSUBSCRIBE_RATE, [_mailgun("delivered")], _mailgun("unsubscribed")),
            *_sides(COMPLAINT_RATE, [_mailgun("delivered")], _mailgun("complained")),
        ),
        "mailgun",
    ),
    Preset(
        "mandrill-mail",
        "Mailchimp Transactional (Mandrill): open, click, bounce, unsubscribe and complaint rate",
        "A message to one recipient, which has an id of its own here, counts once, however often it is "
        "opened or clicked, in the month in which it was sent. Its webhooks tell that a message was sent, "
        "not that it was delivered: one that bounces later stays in the rates.",
        _KPIS,
        (
            *_sides(OPEN_RATE, [_mandrill("send")], _mandrill("open")),
            *_sides(CLICK_RATE, [_mandrill("send")], _mandrill("click")),
            *_sides(BOUNCE_RATE, [_mandrill("send"), _mandrill("hard_bounce")], _mandrill("hard_bounce")),
            *_sides(UNSUBSCRIBE_RATE, [_mandrill("send")], _mandrill("unsub")),
            *_sides(COMPLAINT_RATE, [_mandrill("send")], _mandrill("spam")),
        ),
        "mandrill",
    ),
)
