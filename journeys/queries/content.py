"""The bytes of a version: put together from its bodies by one statement, then kept by digest.

The bytes of a digest never change, so what is kept is never wrong; it is only forgotten.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from pathlib import Path

from django.db import connection

from journeys.document.bodies import Body, Manifest, Placed, assemble
from journeys.models import Version

_MANIFEST = (Path(__file__).parent / "sql" / "manifest.sql").read_text()
KEPT_BYTES = 64 * 1024 * 1024


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


_kept = KeptBytes(KEPT_BYTES)


def version_bytes(version: Version) -> bytes:
    """Return the canonical bytes of the version's document."""
    digest = bytes(version.digest)
    found = _kept.get(version.workspace_id, digest)
    if found is None:
        found = assemble(manifest_of(version))
        _kept.put(version.workspace_id, digest, found)
    return found


def manifest_of(version: Version) -> Manifest:
    """Return the version as its list of bodies, read by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MANIFEST, {"workspace": version.workspace_id, "version": version.pk})
        rows = cursor.fetchall()
    root, personas, elements, stage = None, [], [], None
    for part, own, kind, content, digest in rows:
        body = Body(bytes(content), bytes(digest))
        if part == "root":
            root = body
        elif part == "persona":
            personas.append(Placed(own, None, body))
        elif kind == "stage":
            stage = own
            elements.append(Placed(own, None, body))
        else:
            elements.append(Placed(own, stage, body))
    if root is None:
        raise LookupError(f"Version {version.pk} has no root body in this workspace.")
    return Manifest(root, tuple(personas), tuple(elements))
