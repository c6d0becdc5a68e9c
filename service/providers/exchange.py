"""A request as it came in, and what a verifier says of it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from service.errors import BadRequest, UnsupportedMediaType

MAX_FIELDS = 1000
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Exchange:
    """The bytes that were signed. headers: names in lower case. url: as the sender knows it, with query."""

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    url: str = ""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_form(self) -> bool:
        return self.media_type == _FORM

    def form(self) -> list[tuple[str, str]]:
        """Return the fields of a form, in their order. Raises BadRequest."""
        try:
            text = self.body.decode("utf-8")
            return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
        except ValueError:
            raise BadRequest(f"Not a form of at most {MAX_FIELDS} fields in UTF-8.") from None

    def refuse_other_than_json(self) -> None:
        """Raise UnsupportedMediaType for a type that says it is something else than JSON."""
        kind = self.media_type
        if kind not in ("", "application/json", "text/plain", "text/json") and not kind.endswith("+json"):
            raise UnsupportedMediaType(f"{kind[:100]} is not what this provider sends; it sends JSON.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is what it says. reason: why not, empty when it is; for the endpoint's own log.

    message_id: an id that the proof covers. nonce: a word that may be used once, of proofs that do not cover
    the body.
    """

    reason: str = ""
    message_id: str = ""
    nonce: str = ""

    @property
    def accepted(self) -> bool:
        return not self.reason


ACCEPTED = Verdict()
NO_MATCH = Verdict("No signature matches a live secret.")


def any_equal(expected: Sequence[bytes], given: Sequence[bytes]) -> bool:
    """Compare each with each, in constant time: how long it takes tells nobody which secret was right."""
    equal = False
    for one in expected:
        for other in given:
            equal |= hmac.compare_digest(one, other)
    return equal


Verifier = Callable[[Exchange, Sequence[str], float], Verdict]
"""(exchange, live secrets, now in Unix seconds) → verdict. Raises InvalidSecret for a key that is none."""
