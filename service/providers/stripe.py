"""Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA256 of `{t}.{body}`.

The secret is used as the text that it is: its `whsec_` is no Base64.
Source: stripe-python, stripe/_webhook.py.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from service.providers.exchange import ACCEPTED, NO_MATCH, Exchange, Verdict, any_equal
from service.providers.hmacs import TOLERANCE_S, far

HEADER = "stripe-signature"
_MOST_PARTS = 20
_STAMP = re.compile(r"[0-9]{1,12}")


def verify(exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
    """Check the signature and that it was made within 300 s of `now`."""
    parts = [
        part.strip().partition("=") for part in exchange.headers.get(HEADER, "").split(",")[:_MOST_PARTS]
    ]
    stamps = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1"]
    if len(stamps) != 1 or not signatures or not _STAMP.fullmatch(stamps[0]):
        return Verdict(f"The header {HEADER} needs one t= in Unix seconds and a v1= signature.")
    content = stamps[0].encode() + b"." + exchange.body
    expected = [hmac.digest(secret.encode(), content, "sha256").hex().encode() for secret in secrets]
    given = [signature.encode("utf-8", "replace") for signature in signatures]
    if not any_equal(expected, given):
        return NO_MATCH
    # The signature first: a stranger is not told that only his clock is wrong.
    seconds = int(stamps[0])
    return ACCEPTED if abs(now - seconds) <= TOLERANCE_S else Verdict(far(seconds, now))
