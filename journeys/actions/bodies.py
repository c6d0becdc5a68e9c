"""Bodies: stored once per workspace by their hash, whoever needs them first.

A statement does not see what another transaction commits while it runs. Where both insert the same body,
the second waits for the first, inserts nothing, and finds it when it looks again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from journeys.document.bodies import Body
from journeys.models import Draft

_SQL = Path(__file__).parent / "sql"
_DRAFTED = (_SQL / "store_drafted.sql").read_text()
_GIVEN = (_SQL / "store_given.sql").read_text()


def store_drafted(draft: Draft) -> None:
    """Make sure that every part of a locked draft has its body in the store."""
    missing = True
    while missing:
        with connection.cursor() as cursor:
            cursor.execute(_DRAFTED, {"workspace": draft.workspace_id, "map": draft.journey_map_id})
            missing = bool(cursor.fetchall()[0][0])


def store_given(workspace_id: uuid.UUID, bodies: Iterable[Body]) -> dict[bytes, int]:
    """Return {digest: number} of bodies that are no part of a draft; new ones are inserted."""
    contents = {body.digest: body.content for body in bodies}
    found: dict[bytes, int] = {}
    while contents.keys() - found.keys():
        with connection.cursor() as cursor:
            given = {"digests": list(contents), "contents": list(contents.values())}
            cursor.execute(_GIVEN, {"workspace": workspace_id, **given})
            found = {bytes(digest): number for digest, number in cursor.fetchall()}
    return found
