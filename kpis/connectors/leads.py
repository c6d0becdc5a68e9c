"""Where an item leads: a URL that it gives, or one with its id in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from yarl import URL

from kpis.connectors.base import PullFailed

MOST_FOLLOWED = 20


@dataclass(frozen=True, slots=True)
class Trail:
    """What an endpoint's messages led to. base: whose host alone is called. documents: by URL, parsed."""

    base: str
    documents: Mapping[str, Any] = field(default_factory=dict)

    def keeps_to(self, url: str) -> bool:
        """Say whether a URL is of the host that may be called."""
        try:
            return URL(url).origin() == URL(self.base).origin()
        except ValueError:
            return False

    def reaches(self, place: str) -> bool:
        """Say the same of a URL or path as rules give it."""
        try:
            return self.keeps_to(joined(self.base, place))
        except PullFailed:
            return False


def led_to(rule: Mapping[str, Any], reference: Any, base: str) -> str | None:
    """Return the URL that an item's reference (an id or URL) leads to, None where it leads nowhere.

    rule: `url` with {} for the id; without one it is a URL, or a path on `base`. Raises PullFailed.
    """
    if isinstance(reference, bool) or not isinstance(reference, (str, int)) or reference == "":
        return None
    if "url" in rule:
        return joined(base, rule["url"].replace("{}", quote(str(reference), safe="")))
    return joined(base, str(reference))


def joined(base: str, place: str) -> str:
    """Return where `place`, a URL or a path, leads from `base`. Raises PullFailed."""
    try:
        return str(URL(base).join(URL(place)))
    except ValueError as error:
        raise PullFailed("The source leads to what is no URL.", permanent=True) from error
