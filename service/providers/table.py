"""The table of providers: name → proof, where messages say what they are, who makes the secret.

`judged_by` says what stands in for the vendor in our tests: the maker's own library, published vectors, or
the documentation alone. None of them was run against the vendor's servers (docs/guides/webhooks-in.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from service import signing
from service.providers import bodies, cloudevents, hmacs, sendgrid, shared, standard, stripe
from service.providers.exchange import Exchange, Verdict, Verifier
from service.providers.hmacs import Hmac
from service.providers.messages import Message, Reading, split

ENVELOPES = ("plain", "cloudevents")
MAX_SECRET = 1000


def _any_text(secret: str) -> None:
    if not 8 <= len(secret) <= MAX_SECRET or not secret.isprintable():
        raise signing.InvalidSecret(f"A secret is a text of 8 to {MAX_SECRET} printable characters.")


def _sendgrid_key(secret: str) -> None:
    sendgrid.public_key(secret)


@dataclass(frozen=True, slots=True)
class Provider:
    """One row. proof: in a word, for people. minted: we make the secret unless one is given; else the
    provider does, and messages wait for it. settings: names of what an endpoint must or may say for itself.
    """

    key: str
    title: str
    proof: str
    verify: Verifier | None
    reading: Reading
    minted: bool = False
    secretless: bool = False
    check: Callable[[str], None] = _any_text
    settings: tuple[str, ...] = ()
    judged_by: str = "documentation"

    def verifier(self, settings: Mapping[str, Any]) -> Verifier:
        """Return the verifier of an endpoint with these settings."""
        if self.verify is not None and "header" not in settings:
            return self.verify
        if "algorithm" in self.settings:
            return Hmac(**{**settings, **_lowered(settings)})
        return shared.Header(settings["header"].lower(), settings.get("prefix", ""))


def _lowered(settings: Mapping[str, Any]) -> dict[str, str]:
    names = ("header", "timestamp_header", "id_header")
    return {name: settings[name].lower() for name in names if name in settings}


_STANDARD = Reading(form=None, id=(), type=("/type", "/eventType", "/event_type"), time=("/timestamp",))
_FREE = Reading(form="", id=(), type=("/type", "/event"), time=("/timestamp", "/time", "/created_at"))
_HMAC_SETTINGS = (
    "header",
    "algorithm",
    "encoding",
    "prefix",
    "signed",
    "timestamp_header",
    "timestamp_unit",
    "tolerance_s",
    "id_header",
)
_HEADER_SETTINGS = ("header", "prefix")
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
_HUBSPOT = Reading(
    many=True,
    id=("/eventId", "/subscriptionId", "/occurredAt"),
    type=("/subscriptionType",),
    time=("/occurredAt",),
)

_TABLE = (
    Provider(
        "standard_webhooks",
        "Standard Webhooks",
        "v1 HMAC-SHA256, v1a ed25519",
        standard.verify,
        _STANDARD,
        minted=True,
        check=signing.check_secret,
        judged_by="maker's library, published vectors",
    ),
    Provider(
        "svix",
        "Svix",
        "v1 HMAC-SHA256, v1a ed25519",
        standard.verify,
        _STANDARD,
        check=signing.check_secret,
        judged_by="maker's library",
    ),
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
        judged_by="maker's library",
    ),
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
        settings=_HEADER_SETTINGS,
        judged_by="published event bodies",
    ),
    Provider(
        "typeform",
        "Typeform",
        "HMAC-SHA256 of the body",
        hmacs.TYPEFORM,
        Reading(
            id=("/event_id",),
            type=("/event_type",),
            time=("/form_response/submitted_at",),
        ),
        minted=True,
    ),
    Provider(
        "surveymonkey",
        "SurveyMonkey",
        "HMAC-SHA1 of the body",
        hmacs.SURVEYMONKEY,
        Reading(
            id=("/event_id",),
            type=("/event_type",),
            time=("/event_datetime",),
        ),
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
    Provider(
        "hmac",
        "HMAC of one's own",
        "HMAC in a header, as the endpoint says",
        None,
        _FREE,
        minted=True,
        settings=_HMAC_SETTINGS,
    ),
    Provider(
        "header",
        "A secret in a header",
        "a secret that is sent along",
        None,
        _FREE,
        minted=True,
        settings=_HEADER_SETTINGS,
    ),
    Provider("url", "Unsigned", "the URL's secrecy", shared.verify_nothing, _FREE, secretless=True),
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType({row.key: row for row in _TABLE})


def messages_of(
    provider: Provider, envelope: str, reading: Reading | None, exchange: Exchange, verdict: Verdict
) -> list[Message]:
    """Return the messages of an accepted request. reading: the endpoint's own places. Raises as `split`."""
    if envelope == "cloudevents":
        return cloudevents.messages_of(exchange, verdict)
    return split(exchange, reading or provider.reading, verdict)
