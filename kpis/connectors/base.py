"""What every connector shares: what it does, and how it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.outbound import OutboundSession


class PullFailed(Exception):
    """A pull that brought nothing. `permanent`: trying again soon is of no use."""

    def __init__(self, message: str, *, permanent: bool, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.permanent, self.retry_after = permanent, retry_after


@dataclass(frozen=True, slots=True)
class Connector:
    """A type of source. Both raise PullFailed.

    fetch(session, config, secret) brings the body; many wait at a time. read(body) makes of it what mappings
    are applied to, with exact decimals; one is read at a time, as it may be a hundred times as large as its
    bytes.
    """

    fetch: Callable[[OutboundSession, Mapping[str, Any], str | None], Awaitable[bytes]]
    read: Callable[[bytes], Any]
