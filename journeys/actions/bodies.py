"""Bodies: stored once per workspace by their hash, whoever needs them first."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.db import connection

from journeys.document.bodies import Manifest
from journeys.models import Body, Draft

_ADD = (Path(__file__).parent / "sql" / "add_bodies.sql").read_text()


def body_numbers(draft: Draft, manifest: Manifest, known: dict[bytes, int]) -> dict[bytes, int]:
    """Return {digest: number} of all bodies of the manifest, those that are new inserted.

    The manifest is the draft's but for its root and personas, which bring their contents.
    """
    head = [manifest.root, *(placed.body for placed in manifest.personas)]
    given = {body.digest: body.content for body in head if body.digest not in known}
    drafted = {p.body.digest for p in manifest.elements} - known.keys() - given.keys()
    if not given and not drafted:
        return known
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "workspace": draft.workspace_id,
                "map": draft.journey_map_id,
                "drafted": list(drafted),
                "digests": list(given),
                "contents": list(given.values()),
            },
        )
        found = known | {bytes(digest): number for digest, number in cursor.fetchall()}
    # Somebody else inserted the same body: DO NOTHING has waited until it was there.
    late = (drafted | given.keys()) - found.keys()
    return found | _stored(draft.workspace_id, late) if late else found


def _stored(workspace_id: uuid.UUID, digests: set[bytes]) -> dict[bytes, int]:
    rows = Body.objects.filter(workspace_id=workspace_id, digest__in=list(digests))
    return {bytes(digest): number for digest, number in rows.values_list("digest", "id")}
