"""UUIDv7 (RFC 9562 §5.7), minted in Python so that no database version is needed for it.

Layout: 48 bits of Unix milliseconds, version 7, then 74 random bits that serve as a counter while
the millisecond stays the same (RFC 9562 §6.2, method 2). Ids of one process are strictly ascending,
also when the clock stands still or steps back; ids of two processes are in the order of their clocks.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import datetime

_TAIL_BITS = 74
# A fresh tail leaves its top bit clear: a burst has 2^73 numbers of headroom before it borrows a millisecond.
_FRESH_BITS = _TAIL_BITS - 1
# What is left of 14 random bytes, 39 bits, is the step within a burst: one id does not tell the next.
_NOISE_BYTES = 14


class _Mint:
    """The state of one process: the last (millisecond, tail) as one integer."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last = 0

    def next(self) -> int:
        noise = int.from_bytes(os.urandom(_NOISE_BYTES), "big")
        fresh = (time.time_ns() // 1_000_000 << _TAIL_BITS) | (noise & ((1 << _FRESH_BITS) - 1))
        step = (noise >> _FRESH_BITS) + 1
        with self.lock:
            same_or_past = fresh >> _TAIL_BITS <= self.last >> _TAIL_BITS
            self.last = self.last + step if same_or_past else fresh
            return self.last


_mint = _Mint()


def _forget() -> None:
    # A child must neither continue its parent's tail nor inherit a lock that another thread held at the fork.
    global _mint
    _mint = _Mint()


os.register_at_fork(after_in_child=_forget)


def minted_before(id: uuid.UUID, instant: datetime) -> bool:
    """Say whether an id tells that it was minted before an instant."""
    return id.version == 7 and id.int >> 80 < instant.timestamp() * 1000


def new_id() -> uuid.UUID:
    """Return a UUIDv7 that is greater than every one this process returned before. Thread-safe."""
    number = _mint.next()
    milliseconds, tail = number >> _TAIL_BITS, number & ((1 << _TAIL_BITS) - 1)
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
