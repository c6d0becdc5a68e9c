"""Those who sign nothing: a secret that they send along in a header, or the secrecy of the URL alone.

Whoever reads such a request can send another one; it is as good as the TLS that it came through.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from service.providers.exchange import ACCEPTED, Exchange, Verdict, any_equal
from service.signing import InvalidSecret


@dataclass(frozen=True, slots=True)
class Header:
    """The secret stands in a header, after `prefix`."""

    header: str = "authorization"
    prefix: str = ""

    def __call__(self, exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
        expected = [self.prefix + secret for secret in secrets]
        return _sent(self.header, exchange, expected)


def verify_basic(exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
    """Check HTTP Basic authentication; a secret reads `user:password`."""
    expected = ["Basic " + base64.b64encode(secret.encode()).decode() for secret in secrets]
    return _sent("authorization", exchange, expected)


def verify_nothing(exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
    """Accept: who knows the URL may post to it."""
    return ACCEPTED


def check_basic(secret: str) -> None:
    """Raise InvalidSecret unless `secret` reads user:password."""
    user, colon, password = secret.partition(":")
    if not (user and colon and password):
        raise InvalidSecret("The secret reads user:password, as it stands in the webhook's URL.")


def _sent(header: str, exchange: Exchange, expected: Sequence[str]) -> Verdict:
    given = exchange.headers.get(header, "")
    if not given:
        return Verdict(f"The header {header} is missing.")
    told = given.encode("utf-8", "replace")
    if any_equal([one.encode() for one in expected], [told]):
        return ACCEPTED
    return Verdict(f"The header {header} holds no live secret.")
