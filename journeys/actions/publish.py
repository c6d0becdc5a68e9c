"""Publishing: the draft becomes a version, in one transaction.

1. the database locks the draft, so that one publish of a map runs at a time, and compares its revision
2. where the draft refers to something: apply the publish rules, take the personas' snapshots from the library
3. unless the latest version has the same digest, the database copies from the draft's rows the bodies that
   the store lacks, claims the next number of the map and inserts the version
4. tell the feed

1 and 3 are one call where there is nothing to do between them. Locks: the draft's row, then the map's.
Whoever locks series in the same transaction does so before.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from journeys import queries
from journeys.actions.bodies import store_bodies
from journeys.actions.publish_rules import publishable
from journeys.actions.reviews import require_approval
from journeys.models import Draft, JourneyMap, Version
from service.credentials import Caller
from service.errors import Conflict, NotFound
from service.events import emit
from service.ids import new_id
from service.preconditions import IfMatch
from service.sql import fetch

T = TypeVar("T")
Ids = tuple[uuid.UUID, ...]
# What the function of journeys/migrations/0002_publish_draft.py answers, in its order.
_TOLD = (
    "state",
    "revision",
    "new_number",
    "new_digest",
    "new_format",
    "new_published_at",
    "old_number",
    "now_elements",
    "added_elements",
    "gone_elements",
)
_PUBLISH = """
SELECT * FROM publish_draft(
  %(workspace)s, %(map)s, %(id)s, %(revisions)s::int[], %(digest)s::bytea, %(format)s::int, %(root)s::bigint,
  %(personas)s::bigint[], %(message)s, %(author_id)s, %(author_name)s, %(on_behalf_of)s::jsonb,
  %(restored_from)s::int, %(at)s
)
"""
_NOTHING = {"digest": None, "format": None, "root": None, "personas": None}
_REVISION = re.compile(r"r[1-9][0-9]{0,8}")


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

    Raises PreconditionFailed, PublishRefused (422, with pointers), NothingToPublish, ApprovalRequired,
    NotFound (archived).
    """
    version = Version(
        id=new_id(),
        workspace_id=journey_map.workspace_id,
        journey_map_id=journey_map.pk,
        message=message,
        author_id=caller.credential_id,
        author_name=caller.name,
        on_behalf_of=dict(on_behalf_of) if on_behalf_of else None,
        restored_from=restored_from,
        published_at=at,
    )
    told = _called(version, _revisions(expected), {})
    continued: dict[uuid.UUID, Ids] = {}
    if told["state"] == "rules":
        draft = queries.locked_draft(journey_map)
        told = _called(version, None, _head(draft))
        continued = queries.continuations(queries.draft_manifest(draft)) if draft.links else {}
    _refuse(told, expected)
    version.number, version.published_at = told["new_number"], told["new_published_at"]
    version.digest, version.format = bytes(told["new_digest"]), told["new_format"]
    require_approval(journey_map, version)
    data = _told(version)
    emit(workspace_id=version.workspace_id, type="map.version_published", data=data, at=version.published_at)
    new = frozenset(told["added_elements"])
    return Published(
        version,
        told["old_number"],
        added=tuple(own for own in told["now_elements"] if own in new),
        removed=_elements(version, told["gone_elements"]),
        kept=tuple(own for own in told["now_elements"] if own not in new),
        continued=continued,
    )


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


def _revisions(expected: IfMatch | None) -> list[int] | None:
    """Return the revisions of the draft that the caller may have seen, None for any."""
    if expected is None or expected.accepted is None:
        return None
    return [int(tag[1:]) for tag in expected.accepted if _REVISION.fullmatch(tag)]


def _called(version: Version, revisions: list[int] | None, head: Mapping[str, Any]) -> dict[str, Any]:
    """Call the database's function; return its answer by name."""
    values: dict[str, Any] = {
        "workspace": version.workspace_id,
        "map": version.journey_map_id,
        "id": version.id,
        "revisions": revisions,
        "message": version.message,
        "author_id": version.author_id,
        "author_name": version.author_name,
        "on_behalf_of": json.dumps(version.on_behalf_of) if version.on_behalf_of else None,
        "restored_from": version.restored_from,
        "at": version.published_at,
    }
    row = fetch(_PUBLISH, {**_NOTHING, **values, **head})[0]
    return dict(zip(_TOLD, row, strict=True))


def _head(draft: Draft) -> dict[str, Any]:
    """Apply the publish rules to a draft that refers to something; return what the version has of it."""
    filled = publishable(draft)
    if filled is None:
        return {"digest": draft.digest, "format": draft.format}
    bodies = [filled.root, *(placed.body for placed in filled.personas)]
    numbers = store_bodies(draft.workspace_id, bodies)
    return {
        "digest": filled.digest,
        "format": queries.outline(filled.root).format,
        "root": numbers[bodies[0].digest],
        "personas": [numbers[body.digest] for body in bodies[1:]],
    }


def _refuse(told: Mapping[str, Any], expected: IfMatch | None) -> None:
    """Raise what the state of the map demands."""
    if told["state"] == "stale" and expected is not None:
        expected.check(queries.etag_of_revision(told["revision"]))
    if told["state"] == "same":
        raise NothingToPublish(f"Version {told['old_number']} has the same content.")
    if told["state"] == "archived":
        raise NotFound("The map is archived.")
    if told["state"] == "purged":
        raise NotFound("The map was purged.")


def _elements(version: Version, numbers: list[int]) -> Ids:
    if not numbers:
        return ()
    rows = queries.elements_of_map(version.workspace_id, version.journey_map_id)
    return tuple(rows.filter(number__in=numbers).values_list("id", flat=True))


def _told(version: Version) -> dict[str, Any]:
    return {
        "journey_map": str(version.journey_map_id),
        "version": version.number,
        "version_id": str(version.id),
        "digest": bytes(version.digest).hex(),
        "message": version.message,
        "restored_from": version.restored_from,
    }
