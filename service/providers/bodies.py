"""Signatures that stand in, or cover, the fields of the body: Mailgun and Mandrill.

Mailgun signs `{timestamp}{token}` only, not the event: so its token may be used once (Verdict.nonce).
Mandrill signs its webhook's URL and every field of the form, sorted by name; the URL must be the very
one that it was given.
Sources: documentation.mailgun.com, "Securing webhooks"; mailchimp.com/developer/transactional,
"Authenticating webhook requests"; anymail/django-anymail.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from service.errors import BadRequest
from service.providers.exchange import ACCEPTED, NO_MATCH, Exchange, Verdict, any_equal

_TOKEN = re.compile(r"[\x21-\x7e]{1,100}")
_STAMP = re.compile(r"[0-9]{1,12}")
MANDRILL_HEADER = "x-mandrill-signature"


def verify_mailgun(exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
    """Check `signature` of the body. No tolerance: Mailgun names none and retries for eight hours."""
    try:
        body: Any = msgspec.json.decode(exchange.body)
    except (msgspec.DecodeError, RecursionError):
        return Verdict("The body is no JSON, so it has no signature.")
    parts = body.get("signature") if isinstance(body, dict) else None
    stamp, token, given = (
        [str(parts.get(name, "")) for name in ("timestamp", "token", "signature")]
        if isinstance(parts, dict)
        else ("", "", "")
    )
    if not (_STAMP.fullmatch(stamp) and _TOKEN.fullmatch(token) and given):
        return Verdict("The body needs signature.timestamp, signature.token and signature.signature.")
    expected = [
        hmac.digest(secret.encode(), (stamp + token).encode(), "sha256").hex().encode() for secret in secrets
    ]
    told = given.encode("utf-8", "replace")
    if not any_equal(expected, [told]):
        return NO_MATCH
    return Verdict(nonce=token)


def verify_mandrill(exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
    """Check the header against the URL and the form's fields."""
    given = exchange.headers.get(MANDRILL_HEADER, "")
    if not given:
        return Verdict(f"The header {MANDRILL_HEADER} is missing.")
    try:
        fields = exchange.form()
    except BadRequest as error:
        return Verdict(error.detail)
    content = (exchange.url + "".join(name + value for name, value in sorted(fields))).encode()
    expected = [base64.b64encode(hmac.digest(secret.encode(), content, "sha1")) for secret in secrets]
    told = given.encode("utf-8", "replace")
    return ACCEPTED if any_equal(expected, [told]) else NO_MATCH
