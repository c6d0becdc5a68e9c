"""SendGrid's Signed Event Webhook: ECDSA (P-256, SHA-256) over the timestamp's text and the raw body.

The secret is the verification key that SendGrid shows: Base64 of a DER public key. No tolerance is documented
and retries go on for a day, so old timestamps pass: a replayed batch repeats ids and counts once.
Source: twilio.com/docs/sendgrid, "Getting started with the Event Webhook security features".
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from service.providers.exchange import ACCEPTED, NO_MATCH, Exchange, Verdict
from service.signing import InvalidSecret

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_MOST_STAMP = 64


def verify(exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
    """Check the signature. `now` is not asked: see above."""
    keys = [public_key(secret) for secret in secrets]
    encoded, stamp = exchange.headers.get(SIGNATURE, ""), exchange.headers.get(TIMESTAMP, "")
    if not encoded or not stamp or len(stamp) > _MOST_STAMP:
        return Verdict(f"The headers {SIGNATURE} and {TIMESTAMP} are needed.")
    try:
        signature = base64.b64decode(encoded, validate=True)
    except ValueError:
        return Verdict(f"The header {SIGNATURE} is no Base64.")
    content = stamp.encode("utf-8", "replace") + exchange.body
    return ACCEPTED if any(_verifies(key, signature, content) for key in keys) else NO_MATCH


def public_key(secret: str) -> EllipticCurvePublicKey:
    """Return the verification key that a text stands for. Raises InvalidSecret."""
    try:
        key = load_der_public_key(base64.b64decode(secret, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise InvalidSecret("SendGrid's verification key is the Base64 of a P-256 public key.")
    return key


def _verifies(key: EllipticCurvePublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
