"""Publishing: the draft becomes a version, in one transaction.

1. lock the draft, so that one publish of a map runs at a time
2. apply the publish rules; take the snapshots of personas from the library
3. unless the latest version has the same digest, the database copies from the draft's rows the bodies that
   the store lacks, claims the next number of the map and inserts the version
4. tell the feed

Locks: the draft's row, then the map's. Whoever locks series in the same transaction does so before.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction

from journeys import queries
from journeys.actions.bodies import store_bodies
from journeys.actions.drafts import locked
from journeys.actions.publish_rules import publishable
from journeys.models import Draft, JourneyMap, Version
from service.credentials import Caller
from service.errors import Conflict, NotFound
from service.events import emit
from service.ids import new_id
from service.preconditions import IfMatch

T = TypeVar("T")
Ids = tuple[uuid.UUID, ...]
# The function is written in journeys/migrations/0002_publish_draft.py.
_PUBLISH = """
SELECT * FROM publish_draft(
  %(workspace)s, %(map)s, %(id)s, %(digest)s, %(format)s, %(root)s, %(personas)s::bigint[], %(message)s,
  %(author_id)s, %(author_name)s, %(on_behalf_of)s::jsonb, %(restored_from)s, %(at)s
)
"""


class NothingToPublish(Conflict):
    code, title = "nothing_to_publish", "The draft says what the latest version says."


@dataclass(frozen=True, slots=True)
class Published:
    """A new version and what became of elements since the one before.

    `previous` is that one's number, None for the first. `kept` and `added` are in the order drawn;
    `continued` maps earlier elements to those that continue them.
    """

    version: Version
    previous: int | None
    added: Ids
    removed: Ids
    kept: Ids
    continued: Mapping[uuid.UUID, Ids]


@transaction.atomic(savepoint=False)
def publish_draft(
    *,
    journey_map: JourneyMap,
    caller: Caller,
    message: str = "",
    on_behalf_of: Mapping[str, str] | None = None,
    expected: IfMatch | None = None,
    restored_from: int | None = None,
    at: datetime,
) -> Published:
    """Publish the draft as the next version.

    Raises PreconditionFailed, PublishRefused (422, with pointers), NothingToPublish, NotFound (archived).
    """
    draft = locked(journey_map, expected)
    version = Version(
        id=new_id(),
        workspace_id=draft.workspace_id,
        journey_map_id=draft.journey_map_id,
        message=message,
        author_id=caller.credential_id,
        author_name=caller.name,
        on_behalf_of=dict(on_behalf_of) if on_behalf_of else None,
        restored_from=restored_from,
        published_at=at,
    )
    published = _insert(draft, version)
    emit(
        workspace_id=version.workspace_id,
        type="map.version_published",
        data=_told(version),
        at=version.published_at,
    )
    return published


class _Rehearsed(Exception):
    """Not a failure: takes back what a rehearsal wrote."""


def rehearse(work: Callable[[], T]) -> T:
    """Return what `work` returns, and leave nothing of it in the database."""
    results: list[T] = []
    try:
        with transaction.atomic():
            results.append(work())
            raise _Rehearsed
    except _Rehearsed:
        return results[0]


def _insert(draft: Draft, version: Version) -> Published:
    filled = publishable(draft)
    version.digest, version.format = draft.digest, draft.format
    head: dict[str, Any] = {"root": None, "personas": None}
    if filled is not None:
        version.digest, version.format = filled.digest, queries.outline(filled.root).format
        bodies = [filled.root, *(placed.body for placed in filled.personas)]
        numbers = store_bodies(draft.workspace_id, bodies)
        head = {"root": numbers[bodies[0].digest], "personas": [numbers[body.digest] for body in bodies[1:]]}
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISH, _values(draft, version) | head)
        number, published_at, same, previous, elements, added, gone = cursor.fetchall()[0]
    if same:
        raise NothingToPublish(f"Version {previous} has the same content.")
    if number is None:
        raise NotFound("The map is archived.")
    version.number, version.published_at = number, published_at
    new = frozenset(added)
    return Published(
        version,
        previous,
        added=tuple(own for own in elements if own in new),
        removed=_elements(draft, gone) if gone else (),
        kept=tuple(own for own in elements if own not in new),
        continued=queries.continuations(queries.draft_manifest(draft)) if draft.links else {},
    )


def _elements(draft: Draft, numbers: list[int]) -> Ids:
    rows = queries.elements_of_map(draft.workspace_id, draft.journey_map_id)
    return tuple(rows.filter(number__in=numbers).values_list("id", flat=True))


def _values(draft: Draft, version: Version) -> dict[str, Any]:
    return {
        "workspace": draft.workspace_id,
        "map": draft.journey_map_id,
        "id": version.id,
        "digest": version.digest,
        "format": version.format,
        "message": version.message,
        "author_id": version.author_id,
        "author_name": version.author_name,
        "on_behalf_of": json.dumps(version.on_behalf_of) if version.on_behalf_of else None,
        "restored_from": version.restored_from,
        "at": version.published_at,
    }


def _told(version: Version) -> dict[str, Any]:
    return {
        "journey_map": str(version.journey_map_id),
        "version": version.number,
        "version_id": str(version.id),
        "digest": bytes(version.digest).hex(),
        "message": version.message,
        "restored_from": version.restored_from,
    }
