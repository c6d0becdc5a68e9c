"""E-mail services: what became of what was sent."""

from __future__ import annotations

from service.providers import bodies, sendgrid, shared
from service.providers.messages import Reading
from service.providers.provider import HEADER_SETTINGS, Provider

_MANDRILL = Reading(
    many=True,
    form="mandrill_events",
    only_form=True,
    id=("/event", "/type", "/_id", "/ts"),
    type=("/event", "/type"),
    time=("/ts",),
)
_POSTMARK = Reading(
    id=(
        "/RecordType",
        "/ID",
        "/MessageID",
        "/Recipient",
        "/ReceivedAt",
        "/DeliveredAt",
        "/ChangedAt",
        "/SuppressSending",
    ),
    type=("/RecordType",),
    time=("/ReceivedAt", "/DeliveredAt", "/BouncedAt", "/ChangedAt"),
)


def _sendgrid_key(secret: str) -> None:
    sendgrid.public_key(secret)


ROWS = (
    Provider(
        "sendgrid",
        "SendGrid Event Webhook",
        "ECDSA P-256",
        sendgrid.verify,
        Reading(many=True, id=("/sg_event_id",), type=("/event",), time=("/timestamp",)),
        check=_sendgrid_key,
        judged_by="OpenSSL as the signer, published event bodies",
    ),
    Provider(
        "mailgun",
        "Mailgun",
        "HMAC-SHA256 of time and token",
        bodies.verify_mailgun,
        Reading(
            id=("/event-data/id",),
            type=("/event-data/event",),
            time=("/event-data/timestamp",),
        ),
    ),
    Provider(
        "mandrill",
        "Mailchimp Transactional (Mandrill)",
        "HMAC-SHA1 of URL and form",
        bodies.verify_mandrill,
        _MANDRILL,
    ),
    Provider(
        "mailchimp",
        "Mailchimp Marketing",
        "the URL's secrecy",
        shared.verify_nothing,
        Reading(
            form="",
            only_form=True,
            id=("/type", "/fired_at", "/data/id"),
            type=("/type",),
            time=("/fired_at",),
        ),
        secretless=True,
    ),
    Provider(
        "postmark",
        "Postmark",
        "HTTP Basic, or a header of one's own",
        shared.verify_basic,
        _POSTMARK,
        minted=True,
        check=shared.check_basic,
        settings=HEADER_SETTINGS,
        judged_by="published event bodies",
    ),
)
