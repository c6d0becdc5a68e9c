"""Systems of sale, billing, code and analysis."""

from __future__ import annotations

from service.providers import hmacs, stripe
from service.providers.messages import Reading
from service.providers.provider import Provider

_HUBSPOT = Reading(
    many=True,
    id=("/eventId", "/subscriptionId", "/occurredAt"),
    type=("/subscriptionType",),
    time=("/occurredAt",),
)

ROWS = (
    Provider(
        "stripe",
        "Stripe",
        "HMAC-SHA256 of time and body",
        stripe.verify,
        Reading(
            id=("/id",),
            type=("/type",),
            time=("/created",),
        ),
        thin=("/object", "v2.core.event"),
        judged_by="maker's library",
    ),
    Provider(
        "segment",
        "Segment",
        "HMAC-SHA1 of the body",
        hmacs.SEGMENT,
        Reading(many=True, id=("/messageId",), type=("/event", "/type"), time=("/timestamp", "/sentAt")),
        minted=True,
    ),
    Provider(
        "hubspot",
        "HubSpot (v3)",
        "HMAC-SHA256 of method, URL, body and time",
        hmacs.HUBSPOT,
        _HUBSPOT,
    ),
    Provider(
        "github",
        "GitHub",
        "HMAC-SHA256 of the body",
        hmacs.GITHUB,
        Reading(
            form="payload",
            id=("header:x-github-delivery",),
            type=("header:x-github-event",),
        ),
        minted=True,
        judged_by="published vectors",
    ),
)
