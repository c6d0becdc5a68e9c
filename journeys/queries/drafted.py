"""A draft as publishing sees it: what is there already is named by its number and not read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from journeys.document.bodies import Body, Manifest
from journeys.models import Draft
from journeys.queries.content import manifest_of_parts

_DRAFTED = (Path(__file__).parent / "sql" / "drafted.sql").read_text()


@dataclass(frozen=True, slots=True)
class Drafted:
    """`manifest` has the content of the root, of personas and of elements that continue others; the rest
    has digests alone. `numbers` are those of elements, `bodies` {digest: number} of what is stored."""

    manifest: Manifest
    numbers: dict[uuid.UUID, int]
    bodies: dict[bytes, int]


def drafted(draft: Draft) -> Drafted:
    """Return what a locked draft holds, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAFTED, {"workspace": draft.workspace_id, "map": draft.journey_map_id})
        rows = cursor.fetchall()
    parts = [(part, own, Body(bytes(c or b""), bytes(digest))) for part, own, digest, _, _, c in rows]
    return Drafted(
        manifest_of_parts(parts),
        {own: number for _, own, _, number, _, _ in rows if number is not None},
        {bytes(digest): body for _, _, digest, _, body, _ in rows if body is not None},
    )
