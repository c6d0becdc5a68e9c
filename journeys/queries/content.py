"""Documents put together from their bodies: of a version, and of a draft, each by one statement."""

from __future__ import annotations

import uuid
from pathlib import Path

from journeys.document.bodies import Body, Manifest, Placed, assemble
from journeys.models import Draft, Version
from service.errors import NotFound
from service.kept import Kept
from service.sql import fetch

_SQL = Path(__file__).parent / "sql"
_VERSION = (_SQL / "version_manifest.sql").read_text()
_DRAFT = (_SQL / "draft_manifest.sql").read_text()
_kept: Kept[tuple[uuid.UUID, bytes], bytes] = Kept(64 * 1024 * 1024, len)


def version_bytes(version: Version) -> bytes:
    """Return the canonical bytes of the version's document."""
    key = version.workspace_id, bytes(version.digest)
    return _kept.get(key) or _kept.put(key, assemble(version_manifest(version)))


def draft_bytes(draft: Draft) -> bytes:
    """Return the canonical bytes of the draft's document, at `draft.revision` (see `draft_manifest`)."""
    found = _kept.get((draft.workspace_id, bytes(draft.digest)))
    if found is None:
        found = assemble(draft_manifest(draft))
        _kept.put((draft.workspace_id, bytes(draft.digest)), found)
    return found


def version_manifest(version: Version) -> Manifest:
    """Return the version as its bodies in their places, read by one statement. Raises NotFound: purged."""
    rows = fetch(_VERSION, {"workspace": version.workspace_id, "version": version.pk})
    if not rows:
        raise NotFound("The map was purged.")
    return manifest_of_parts([(part, own, Body(content, digest)) for part, own, content, digest in rows])


def draft_manifest(draft: Draft) -> Manifest:
    """Return the draft as its bodies in their places.

    `draft` learns revision and digest of what was read: without its lock it may have changed meanwhile.
    Raises NotFound: purged.
    """
    rows = fetch(_DRAFT, {"workspace": draft.workspace_id, "map": draft.journey_map_id})
    if not rows:
        raise NotFound("The map was purged.")
    draft.revision, draft.digest = rows[0][0], rows[0][1]
    return manifest_of_parts([(part, own, Body(c, d)) for _, _, part, own, c, d in rows])


def manifest_of_parts(parts: list[tuple[str, uuid.UUID, Body]]) -> Manifest:
    """`parts` are (part, id, body): the root, the personas, then each stage followed by its touchpoints."""
    root = parts[0][2]
    personas = tuple(Placed(own, None, body) for part, own, body in parts if part == "persona")
    elements, stage = [], None
    for part, own, body in parts:
        if part == "stage":
            stage = own
            elements.append(Placed(own, None, body))
        elif part == "touchpoint":
            elements.append(Placed(own, stage, body))
    return Manifest(root, personas, tuple(elements))
