"""Publishing: the draft becomes a version, in one transaction.

1. lock the draft, so that one publish of a map runs at a time
2. apply the publish rules; take the snapshots of personas from the library
3. compare the digest with the latest version's
4. insert the bodies that the workspace does not have yet
5. claim the next number by a conditional update of the map, insert the version, tell the feed

Locks: the draft's row, then the map's. Whoever locks series in the same transaction does so before.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction

from journeys import queries
from journeys.actions.bodies import body_numbers
from journeys.actions.drafts import locked
from journeys.actions.publish_rules import publishable
from journeys.document.bodies import Manifest
from journeys.models import Draft, JourneyMap, Version
from service.credentials import Caller
from service.errors import Conflict, PreconditionFailed
from service.events import emit
from service.ids import new_id
from service.preconditions import IfMatch

T = TypeVar("T")
Ids = tuple[uuid.UUID, ...]
_PUBLISH = (Path(__file__).parent / "sql" / "publish.sql").read_text()
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
    drafted = queries.drafted(draft)
    manifest = publishable(draft, drafted.manifest)
    previous = _previous(draft)
    if previous is not None:
        if bytes(previous.digest) == manifest.digest:
            raise NothingToPublish(f"Version {previous.number} has the same content.")
        # Instants of versions ascend with their numbers, whatever the clocks of two processes say.
        at = max(at, previous.published_at + _TICK)
    bodies = body_numbers(draft, manifest, drafted.bodies)
    version = _version(draft, manifest, drafted.numbers, bodies)
    version.message, version.restored_from, version.published_at = message, restored_from, at
    version.author_id, version.author_name = caller.credential_id, caller.name
    version.on_behalf_of = dict(on_behalf_of) if on_behalf_of else None
    _insert(version)
    emit(workspace_id=draft.workspace_id, type="map.version_published", data=_told(version), at=at)
    return _published(version, previous, manifest, drafted.numbers)


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


def _version(
    draft: Draft, manifest: Manifest, numbers: Mapping[uuid.UUID, int], bodies: Mapping[bytes, int]
) -> Version:
    return Version(
        id=new_id(),
        workspace_id=draft.workspace_id,
        journey_map_id=draft.journey_map_id,
        number=draft.journey_map.last_version + 1,
        digest=manifest.digest,
        format=queries.outline(manifest.root).format,
        root_body=bodies[manifest.root.digest],
        persona_ids=[placed.id for placed in manifest.personas],
        personas=[bodies[placed.body.digest] for placed in manifest.personas],
        elements=[numbers[placed.id] for placed in manifest.elements],
        bodies=[bodies[placed.body.digest] for placed in manifest.elements],
    )


def _insert(version: Version) -> None:
    """Raises PreconditionFailed where the map was archived or published past us."""
    values = {field.attname: getattr(version, field.attname) for field in version._meta.concrete_fields}
    values["on_behalf_of"] = json.dumps(version.on_behalf_of) if version.on_behalf_of else None
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISH, values)
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
    version: Version, previous: Version | None, manifest: Manifest, numbers: Mapping[uuid.UUID, int]
) -> Published:
    before = previous.elements if previous else []
    staying, names = set(version.elements) & set(before), {number: own for own, number in numbers.items()}
    gone = [number for number in before if number not in staying]
    if gone:
        rows = queries.elements_of_map(version.workspace_id, version.journey_map_id).filter(number__in=gone)
        names |= dict(rows.values_list("number", "id"))
    continued: dict[uuid.UUID, Ids] = {}
    for placed in manifest.elements:
        for earlier in queries.outline(placed.body).continues if placed.body.content else ():
            continued[earlier] = (*continued.get(earlier, ()), placed.id)
    return Published(
        version,
        previous,
        added=tuple(names[number] for number in version.elements if number not in staying),
        removed=tuple(names[number] for number in gone),
        kept=tuple(names[number] for number in version.elements if number in staying),
        continued=continued,
    )
