"""What every connector shares: what it is asked for, what it brings, and how it fails."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from service.errors import Issue
from service.outbound import HeldBack, OutboundError, OutboundSession
from service.serializers import Part


class PullFailed(Exception):
    """A pull that brought nothing. `permanent`: trying again soon is of no use.

    `retry_after`: what the source answered, as Retry-After has it. `held_until`: the host asked for a pause,
    or had no turn for us, so that the source was not asked in full, or not at all. `ours`: we are at fault.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        retry_after: str | None = None,
        held_until: datetime | None = None,
        ours: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent, self.retry_after, self.held_until = permanent, retry_after, held_until
        self.ours = ours


def not_called(error: OutboundError) -> PullFailed:
    """Return a call that brought no reply as the pull that it ends."""
    if isinstance(error, HeldBack):
        return PullFailed(str(error), permanent=False, held_until=error.until)
    return PullFailed(f"{type(error).__name__}: {error}", permanent=error.permanent)


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a question goes on that takes several pulls: the page that is next, and its number.

    pages: read before it. begun: URLs at which pulls of this question began, so that none is in a circle.
    kept: what each of them kept for the end (`Connector.keep`).
    """

    url: str
    number: int
    pages: int
    begun: tuple[str, ...] = ()
    kept: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked about: [start, end), both aware. onward: where a part of it was read already."""

    start: datetime
    end: datetime
    onward: Onward | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source said: its parts as they came, and what is to be told of them, as issues of the run.

    lookup: what has to be known to read any of them. onward: where to go on, of what was not read yet.
    places: of each part where it was, if that is known, so that a pull may end before it.
    """

    parts: Sequence[Any]
    window: Window
    notes: Sequence[Issue] = ()
    onward: Onward | None = None
    places: Sequence[Onward] = ()
    lookup: bytes | None = None


_TIME = re.compile(r"\{(?:start|end)(?:_date|_epoch)?\}|(?<![:\w]):(?:start|end)\b")


def _names_time(config: Mapping[str, Any]) -> bool:
    """Whether what is called, or the query, names the time that is asked about."""
    return any(_TIME.search(text) for text in config.values() if isinstance(text, str))


Fetch = Callable[[Mapping[str, Any], str | None, Window, OutboundSession], Awaitable[Fetched]]


@dataclass(frozen=True, slots=True)
class Connector:
    """A type of source. Both functions raise PullFailed.

    fetch(config, secret, window, outbound) brings what the source has of that time; many wait at a time.
    read(config, fetched) makes of it the documents that mappings are applied to, with exact decimals, one
    part at a time, as they may be a hundred times as large as their bytes.
    keep(config, fetched): what is kept of a pull whose figures need all pages, until the last is read; None
    where each page speaks for itself.
    config: the form of what a source of this type is told. check(config, secret): what the form cannot say;
    raises rest_framework's ValidationError. lookback: how far back a pull asks where `config` does not say.
    windowed(config): whether what is brought is of the window, so that another one brings something else.
    """

    config: type[Part]
    fetch: Fetch
    read: Callable[[Mapping[str, Any], Fetched], Iterable[list[Any]]]
    check: Callable[[Mapping[str, Any], str | None], None] = lambda config, secret: None
    lookback: timedelta = timedelta(days=7)
    windowed: Callable[[Mapping[str, Any]], bool] = _names_time
    keep: Callable[[Mapping[str, Any], Fetched], bytes | None] = lambda config, fetched: None


def written(instant: datetime) -> str:
    """The instant as sources read it: 2026-10-05T00:00:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
