"""A signature in a header: HMAC over a text made of the request's parts.

Rows of this are most providers there are, and what people configure themselves:

    Hmac("x-hub-signature-256", prefix="sha256=")                                      GitHub
    Hmac("x-slack-signature", prefix="v0=", signed="v0:{timestamp}:{body}",
         timestamp_header="x-slack-request-timestamp")                                 as Slack signs
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.providers.exchange import NO_MATCH, Exchange, Verdict, any_equal

ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")
ENCODINGS = ("hex", "base64")
UNITS = ("s", "ms")
TOLERANCE_S = 300
_PART = re.compile(r"\{(body|timestamp|id|method|url)\}")
_STAMP = re.compile(r"[0-9]{1,15}")
_CANDIDATES = re.compile(r"[ ,]+")
_MOST_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Hmac:
    """How one sender signs. signed: a template of {body}, {timestamp}, {id}, {method}, {url}.

    timestamp_unit: what the header counts. tolerance_s: how far it may be from our clock, either way. url:
    how the sender spells its URL before it signs it.
    """

    header: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    signed: str = "{body}"
    timestamp_header: str = ""
    timestamp_unit: str = "s"
    tolerance_s: int = TOLERANCE_S
    id_header: str = ""
    url: Callable[[str], str] = str

    def __call__(self, exchange: Exchange, secrets: Sequence[str], now: float) -> Verdict:
        given = exchange.headers.get(self.header, "")
        if not given:
            return Verdict(f"The header {self.header} is missing.")
        stamp = exchange.headers.get(self.timestamp_header, "") if self.timestamp_header else ""
        if self.timestamp_header and (reason := self._untimely(stamp, now)):
            return Verdict(reason)
        id = exchange.headers.get(self.id_header, "") if self.id_header else ""
        if self.id_header and not id:
            return Verdict(f"The header {self.id_header} is missing.")
        content = self._content(exchange, stamp, id)
        expected = [self._signature(secret, content) for secret in secrets]
        candidates = [
            self._normal(one[len(self.prefix) :])
            for one in _CANDIDATES.split(given.strip(), _MOST_CANDIDATES)[:_MOST_CANDIDATES]
            if one.startswith(self.prefix)
        ]
        if not any_equal(expected, candidates):
            return NO_MATCH
        return Verdict(message_id=id if "{id}" in self.signed else "")

    def _untimely(self, stamp: str, now: float) -> str:
        if not _STAMP.fullmatch(stamp):
            return f"The header {self.timestamp_header} is missing or no whole number."
        seconds = int(stamp) / (1000 if self.timestamp_unit == "ms" else 1)
        return "" if abs(now - seconds) <= self.tolerance_s else far(seconds, now)

    def _content(self, exchange: Exchange, stamp: str, id: str) -> bytes:
        parts = {
            "body": exchange.body,
            "timestamp": stamp.encode(),
            "id": id.encode("utf-8", "replace"),
            "method": exchange.method.encode(),
            "url": self.url(exchange.url).encode(),
        }
        pieces = _PART.split(self.signed)
        return b"".join(parts[piece] if place % 2 else piece.encode() for place, piece in enumerate(pieces))

    def _signature(self, secret: str, content: bytes) -> bytes:
        digest = hmac.digest(secret.encode(), content, self.algorithm)
        return digest.hex().encode() if self.encoding == "hex" else base64.b64encode(digest)

    def _normal(self, text: str) -> bytes:
        """Texts are compared, not what they decode to; only the case of hexadecimal digits is free."""
        return (text.lower() if self.encoding == "hex" else text).encode("utf-8", "replace")


def far(seconds: float, now: float) -> str:
    """Say how far a timestamp is from our clock."""
    return f"The timestamp is {seconds - now:+.0f} s from our clock."


def check_template(signed: str) -> str:
    """Return what is wrong with a template of what is signed, empty when nothing is."""
    if "{body}" not in signed:
        return "What is signed must name {body}."
    left = _PART.sub("", signed)
    return "Only {body}, {timestamp}, {id}, {method} and {url} can be named." if set("{}") & set(left) else ""


_HUBSPOT_DECODED = dict(
    zip(
        ("%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B"),
        ":/?@!$'()*,;",
        strict=True,
    )
)


def _hubspot_url(url: str) -> str:
    """HubSpot decodes these, and no others, in the address that it signs."""
    return re.sub(
        "|".join(_HUBSPOT_DECODED), lambda found: _HUBSPOT_DECODED[found[0].upper()], url, flags=re.IGNORECASE
    )


GITHUB = Hmac("x-hub-signature-256", prefix="sha256=")
TYPEFORM = Hmac("typeform-signature", prefix="sha256=", encoding="base64")
SURVEYMONKEY = Hmac("sm-signature", algorithm="sha1", encoding="base64")
SEGMENT = Hmac("x-signature", algorithm="sha1")
HUBSPOT = Hmac(
    "x-hubspot-signature-v3",
    encoding="base64",
    signed="{method}{url}{body}{timestamp}",
    timestamp_header="x-hubspot-request-timestamp",
    timestamp_unit="ms",
    url=_hubspot_url,
)
