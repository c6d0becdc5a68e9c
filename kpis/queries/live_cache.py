"""A bounded memory of this process for what is never wrong, only forgotten: values under keys that name
everything that they were made of (a digest, a revision, a query)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """What was used last, up to `limit` by `weight` (1 each unless told). Thread-safe."""

    def __init__(self, limit: int, weight: Callable[[V], int] = lambda value: 1) -> None:
        self.limit = limit
        self.size = 0
        self._weight = weight
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> V:
        """Keep the value, forget what was used longest ago, and return the value."""
        weight = self._weight(value)
        if weight > self.limit:
            return value
        with self._lock:
            former = self._kept.pop(key, None)
            self.size += weight - (0 if former is None else self._weight(former))
            self._kept[key] = value
            while self.size > self.limit:
                _, gone = self._kept.popitem(last=False)
                self.size -= self._weight(gone)
        return value
