"""What the reply of a source says: its documents, what mappings find in them, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kpis.connectors import CONNECTORS, Fetched, Onward, PullFailed
from kpis.connectors.mapping import Extract, extract_parts
from kpis.queries.pulled import Asked
from service.errors import Issue

MAX_NOTES = 20
SHOWN = 3
# Of what the pulls of one question keep for its end: about 400,000 subscriptions, and 150 MB in memory.
MAX_KEPT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What was found. documents: how many there were; shown: the first of them. onward: to the next pull."""

    found: Extract
    documents: int
    shown: list[Any]
    onward: Onward | None = None


@dataclass
class _Counted:
    """Counts documents on their way, and holds the first."""

    documents: int = 0
    shown: list[Any] = field(default_factory=list)

    def passing(self, parts: Iterable[list[Any]]) -> Iterator[list[Any]]:
        for part in parts:
            self.documents += len(part)
            self.shown += part[: SHOWN - len(self.shown)]
            yield part


def read_source(source: Asked, fetched: Fetched) -> Reply:
    """Return what the source's mappings find in what was fetched. Raises PullFailed."""
    connector, counted = CONNECTORS[source.type], _Counted()
    parts = counted.passing(connector.read(source.config, fetched))
    found, unread = extract_parts(source.mappings, parts, may_end=bool(fetched.places))
    onward = fetched.onward if unread is None else fetched.places[unread]
    if onward is not None:
        kept = connector.keep(source.config, fetched)
        onward = _with(onward, kept)
        found.issues.insert(0, _goes_on(onward, kept))
    found.issues[:0] = fetched.notes[:MAX_NOTES]
    return Reply(found, counted.documents, counted.shown, onward)


def read_reply(source: Asked, reply: Fetched | PullFailed) -> Reply | PullFailed:
    """Return what the source's mappings find in its reply, or why there is nothing to be read."""
    if isinstance(reply, PullFailed):
        return reply
    try:
        return read_source(source, reply)
    except PullFailed as failure:
        return failure


def _with(onward: Onward, kept: bytes | None) -> Onward:
    if kept is None:
        return onward
    if len(kept) + sum(map(len, onward.kept)) > MAX_KEPT:
        raise PullFailed(f"Its {onward.pages} pages are more than one figure can be made of.", permanent=True)
    return replace(onward, kept=(*onward.kept, kept))


def _goes_on(onward: Onward, kept: bytes | None) -> Issue:
    figures = "" if kept is None else " The figures need all of them and come with the last."
    return Issue("", "goes_on", f"{onward.pages} pages are read; the next pull goes on from there.{figures}")
