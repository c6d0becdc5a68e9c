"""Schemes that many senders share, and what an endpoint says for itself."""

from __future__ import annotations

from service import signing
from service.providers import shared, standard
from service.providers.messages import Reading
from service.providers.provider import HEADER_SETTINGS, Provider

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

ROWS = (
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
        settings=HEADER_SETTINGS,
    ),
    Provider("url", "Unsigned", "the URL's secrecy", shared.verify_nothing, _FREE, secretless=True),
)
