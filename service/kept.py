"""A bounded memory of this process for what is never wrong, only forgotten: values under keys that name
everything that they were made of (a digest, a revision, a query).

What is erased must not live on here either: whoever erases says `forget_kept()`, and what other processes
hold is gone after `LIFE`.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
LIFE = 600.0
"""Seconds for which a value is kept at most, however often it is read."""
_SWEEP = LIFE / 10
_all: weakref.WeakSet[Kept[Any, Any]] = weakref.WeakSet()


class Kept(Generic[K, V]):
    """What was used last, up to `limit` by `weight` (1 each unless told), each for `LIFE`. Thread-safe.

    clock: seconds that only grow.
    """

    def __init__(
        self,
        limit: int,
        weight: Callable[[V], int] = lambda value: 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self.size = 0
        self._weight = weight
        self._clock = clock
        self._swept = clock()
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()
        _all.add(self)

    def get(self, key: K) -> V | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] <= self._clock():
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: K, value: V) -> V:
        """Keep the value, forget what was used longest ago and what is too old, and return the value."""
        weight = self._weight(value)
        if weight > self.limit:
            return value
        with self._lock:
            now = self._clock()
            self._drop(key)
            self._kept[key] = now + LIFE, value
            self.size += weight
            while self.size > self.limit:
                self._drop(next(iter(self._kept)))
            if now >= self._swept + _SWEEP:
                self._swept = now
                for old in [name for name, (until, _) in self._kept.items() if until <= now]:
                    self._drop(old)
        return value

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self.size = 0

    def _drop(self, key: K) -> None:
        if (gone := self._kept.pop(key, None)) is not None:
            self.size -= self._weight(gone[1])


def forget_kept() -> None:
    """Forget all that this process keeps."""
    for kept in list(_all):
        kept.forget()
