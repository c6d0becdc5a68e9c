"""Standard Webhooks and Svix: service.signing, as a verifier."""

from __future__ import annotations

from collections.abc import Sequence

from service import signing
from service.providers.exchange import Exchange, Verdict


def verify(exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
    """Check v1 and v1a within 300 s of `now`; the id is part of what is signed."""
    try:
        id = signing.verify(exchange.body, exchange.headers, secrets, now)
    except signing.InvalidSignature as refusal:
        return Verdict(refusal.reason)
    return Verdict(message_id=id)
