"""Bodies that are no part of a draft: the library's personas as a version holds them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from journeys.document.bodies import Body

_STORE = (Path(__file__).parent / "sql" / "store_bodies.sql").read_text()


def store_bodies(workspace_id: uuid.UUID, bodies: Iterable[Body]) -> dict[bytes, int]:
    """Return {digest: number} of the bodies; those that the workspace lacks are inserted.

    A statement does not see what another transaction commits while it runs: where both insert the same
    body, the second waits for the first, inserts nothing, and finds it when it looks again.
    """
    contents = {body.digest: body.content for body in bodies}
    found: dict[bytes, int] = {}
    while contents.keys() - found.keys():
        given = {"digests": list(contents), "contents": list(contents.values())}
        with connection.cursor() as cursor:
            cursor.execute(_STORE, {"workspace": workspace_id, **given})
            found = {bytes(digest): number for digest, number in cursor.fetchall()}
    return found
