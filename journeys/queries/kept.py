"""Bytes that never change, kept in the process: documents by the digest of their content.

What is kept is never wrong; it is only forgotten.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict


class KeptBytes:
    """The documents read last, by (workspace, digest), up to a number of bytes. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[tuple[uuid.UUID, bytes], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, workspace_id: uuid.UUID, digest: bytes) -> bytes | None:
        with self._lock:
            found = self._kept.get((workspace_id, digest))
            if found is not None:
                self._kept.move_to_end((workspace_id, digest))
            return found

    def put(self, workspace_id: uuid.UUID, digest: bytes, content: bytes) -> None:
        """Keep the bytes, and forget what was read longest ago."""
        if len(content) > self.limit:
            return
        with self._lock:
            former = self._kept.pop((workspace_id, digest), b"")
            self._kept[workspace_id, digest] = content
            self.size += len(content) - len(former)
            while self.size > self.limit:
                _, gone = self._kept.popitem(last=False)
                self.size -= len(gone)
