"""Publishing: the draft becomes a version, in one transaction.

1. lock the draft, so that one publish of a map runs at a time
2. apply the publish rules; take the snapshots of personas from the library
3. take the document apart; compare its digest with the latest version's
4. insert the bodies that the workspace does not have yet
5. claim the next number by a conditional update of the map, insert the version, tell the feed

Locks: the draft's row, then the map's. Whoever locks series in the same transaction does so before.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Q

from journeys import queries
from journeys.actions.bodies import body_numbers
from journeys.actions.drafts import locked
from journeys.actions.publish_rules import publishable
from journeys.document.bodies import Manifest, split
from journeys.models import Draft, JourneyMap, Version
from service.credentials import Caller
from service.errors import Conflict, PreconditionFailed
from service.events import emit
from service.preconditions import IfMatch

T = TypeVar("T")
Ids = tuple[uuid.UUID, ...]
_TICK = timedelta(microseconds=1)


class NothingToPublish(Conflict):
    code, title = "nothing_to_publish", "The draft says what the latest version says."


@dataclass(frozen=True, slots=True)
class Published:
    """A new version and what became of elements since the one before (`previous`, None for the first).

    `continued` maps earlier elements to those that continue them, in the order drawn.
    """

    version: Version
    previous: Version | None
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
    plain = publishable(draft)
    manifest = split(plain)
    previous = _previous(draft)
    if previous is not None:
        if bytes(previous.digest) == manifest.digest:
            raise NothingToPublish(f"Version {previous.number} has the same content.")
        # Instants of versions ascend with their numbers, whatever the clocks of two processes say.
        at = max(at, previous.published_at + _TICK)
    names = _names(draft, manifest, previous)
    version = _version(draft, manifest, names, format=plain["format"], at=at)
    version.author_id, version.author_name = caller.credential_id, caller.name
    version.message = message
    version.on_behalf_of = dict(on_behalf_of) if on_behalf_of else None
    version.restored_from = restored_from
    _claim(version)
    version.save(force_insert=True)
    emit(workspace_id=draft.workspace_id, type="map.version_published", data=_told(version), at=at)
    return _published(draft, version, previous, names)


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


def _previous(draft: Draft) -> Version | None:
    rows = Version.objects.filter(workspace_id=draft.workspace_id, journey_map_id=draft.journey_map_id)
    number = draft.journey_map.last_version
    return rows.get(number=number) if number else None


def _names(draft: Draft, manifest: Manifest, previous: Version | None) -> dict[int, uuid.UUID]:
    """Return {number: id} of the elements of the manifest and of the version before."""
    either = Q(id__in=[placed.id for placed in manifest.elements])
    if previous is not None:
        either |= Q(number__in=previous.elements)
    rows = queries.elements_of_map(draft.workspace_id, draft.journey_map_id).filter(either).order_by()
    return dict(rows.values_list("number", "id"))


def _version(
    draft: Draft, manifest: Manifest, names: Mapping[int, uuid.UUID], *, format: int, at: datetime
) -> Version:
    """Return the version's manifest, unsaved; its new bodies are inserted."""
    bodies = body_numbers(draft.workspace_id, manifest.bodies())
    numbers = {own: number for number, own in names.items()}
    return Version(
        workspace_id=draft.workspace_id,
        journey_map_id=draft.journey_map_id,
        number=draft.journey_map.last_version + 1,
        digest=manifest.digest,
        format=format,
        root_body=bodies[manifest.root.digest],
        persona_ids=[placed.id for placed in manifest.personas],
        personas=[bodies[placed.body.digest] for placed in manifest.personas],
        elements=[numbers[placed.id] for placed in manifest.elements],
        bodies=[bodies[placed.body.digest] for placed in manifest.elements],
        published_at=at,
    )


# One statement claims the number and notes on the draft what it is based on now.
_CLAIM = """
WITH claimed AS (
  UPDATE journey_map SET last_version = %(number)s, live_revision = live_revision + 1,
         row_version = row_version + 1, updated_at = %(at)s
  WHERE workspace_id = %(workspace)s AND id = %(map)s AND last_version = %(number)s - 1
    AND archived_at IS NULL
  RETURNING id
)
UPDATE draft SET based_on = %(number)s FROM claimed
WHERE draft.workspace_id = %(workspace)s AND draft.journey_map_id = claimed.id
"""


def _claim(version: Version) -> None:
    """Raises PreconditionFailed where the map was archived or published past us."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "workspace": version.workspace_id,
                "map": version.journey_map_id,
                "number": version.number,
                "at": version.published_at,
            },
        )
        if cursor.rowcount == 0:
            raise PreconditionFailed("The map changed meanwhile.")


def _told(version: Version) -> dict[str, Any]:
    return {
        "journey_map": str(version.journey_map_id),
        "version": version.number,
        "version_id": str(version.pk),
        "digest": bytes(version.digest).hex(),
        "message": version.message,
        "restored_from": version.restored_from,
    }


def _published(
    draft: Draft, version: Version, previous: Version | None, names: Mapping[int, uuid.UUID]
) -> Published:
    now, before = version.elements, previous.elements if previous else []
    staying = set(now) & set(before)
    return Published(
        version,
        previous,
        added=tuple(names[number] for number in now if number not in staying),
        removed=tuple(names[number] for number in before if number not in staying),
        kept=tuple(names[number] for number in now if number in staying),
        continued=queries.outline(bytes(draft.document)).continuations(),
    )
