"""The form of a provider's row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service import signing
from service.providers import shared
from service.providers.exchange import Verifier
from service.providers.hmacs import Hmac
from service.providers.messages import Reading

MAX_SECRET = 1000


def _any_text(secret: str) -> None:
    if not 8 <= len(secret) <= MAX_SECRET or not secret.isprintable():
        raise signing.InvalidSecret(f"A secret is a text of 8 to {MAX_SECRET} printable characters.")


@dataclass(frozen=True, slots=True)
class Provider:
    """One row. proof: in a word, for people. minted: we make the secret unless one is given; else the
    provider does, and messages wait for it. settings: names of what an endpoint must or may say for itself.

    judged_by: what stands in for the vendor in our tests: the maker's own library, published vectors, or the
    documentation alone. thin: where a message may say that it carries an id alone, and what it says then.
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
    thin: tuple[str, str] | None = None

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


HEADER_SETTINGS = ("header", "prefix")
