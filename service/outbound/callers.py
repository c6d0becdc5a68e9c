"""For whom calls are made: told around them, as what is called in between need not know."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a host is called, and the time as they have it: `at` when `began` was the monotonic clock."""

    name: str
    at: datetime
    began: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.began)


_caller: ContextVar[Caller | None] = ContextVar("outbound_caller", default=None)


def current_caller() -> Caller | None:
    return _caller.get()


@contextmanager
def calling_for(caller: Caller) -> Iterator[None]:
    """Within this block, and in tasks made there, calls are made for `caller`."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)
