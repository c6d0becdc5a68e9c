"""Bodies: stored once per workspace by their hash, whoever needs them first."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import connection

from journeys.document.bodies import Body

_KNOWN = """
SELECT digest, id FROM body WHERE workspace_id = %(workspace)s AND digest = ANY(%(digests)s::bytea[])
"""
# In the order of digests: two publishes that share new bodies wait for each other instead of deadlocking.
_ADD = """
INSERT INTO body (workspace_id, digest, content)
SELECT %(workspace)s, given.digest, given.content
FROM unnest(%(digests)s::bytea[], %(contents)s::bytea[]) AS given (digest, content) ORDER BY given.digest
ON CONFLICT DO NOTHING RETURNING digest, id
"""


def body_numbers(workspace_id: uuid.UUID, bodies: Iterable[Body]) -> dict[bytes, int]:
    """Return {digest: number} of the bodies; those that the workspace does not have are inserted."""
    contents = {body.digest: body.content for body in bodies}
    found = _known(workspace_id, list(contents))
    if missing := sorted(contents.keys() - found.keys()):
        with connection.cursor() as cursor:
            given = {"digests": missing, "contents": [contents[digest] for digest in missing]}
            cursor.execute(_ADD, {"workspace": workspace_id, **given})
            found |= {bytes(digest): number for digest, number in cursor.fetchall()}
    # Another transaction inserted the same body just now: DO NOTHING waited until it was there.
    if late := sorted(contents.keys() - found.keys()):
        found |= _known(workspace_id, late)
    return found


def _known(workspace_id: uuid.UUID, digests: list[bytes]) -> dict[bytes, int]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"workspace": workspace_id, "digests": digests})
        return {bytes(digest): number for digest, number in cursor.fetchall()}
