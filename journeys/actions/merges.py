"""What was made of a map elsewhere, merged into its draft: in a future-state map, or in a document sent back.

Three ways: the base is what both went on from. All of it happens under the draft's lock.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from journeys import queries
from journeys.actions.draft_store import save_draft
from journeys.actions.drafts import locked
from journeys.actions.merge_sides import Incoming, sides_of
from journeys.document.bodies import assemble, split
from journeys.document.diff import Change, diff
from journeys.document.merge import Conflict, UnknownResolution, merge
from journeys.document.minting import with_ids
from journeys.document.validate import InvalidDocument, parse
from journeys.models import Draft, JourneyMap, Merge
from journeys.queries import Moment
from service.credentials import Caller
from service.errors import Conflict as ConflictProblem
from service.errors import Issue, Unprocessable, ValidationProblem
from service.events import emit
from service.ids import new_id
from service.preconditions import IfMatch

Plain = dict[str, Any]


class MergeConflicts(ConflictProblem):
    """409: both sides changed one thing; `conflicts` has every one with its three values."""

    code, title = "merge_conflicts", "Both sides changed the same things: decide each."

    def __init__(self, conflicts: tuple[Conflict, ...], shown: list[dict[str, Any]]) -> None:
        self.conflicts = conflicts
        super().__init__(f"{len(conflicts)} conflicts.", members={"conflicts": shown})


class MergeRefused(Unprocessable):
    """422: the sides are valid, put together they are not; pointers are into the merged document."""

    code, title = "merge_refused", "What the two sides made breaks a rule when it is put together."


@dataclass(frozen=True, slots=True)
class MergeDone:
    """What came of it: the draft, what changed in it, what it was based on, and what nobody decided.

    Where there are `conflicts` nothing was stored; `changes` then leave ours standing in each.
    """

    id: uuid.UUID
    draft: Draft
    base: Moment
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


@transaction.atomic(savepoint=False)
def merge_into_draft(
    *,
    journey_map: JourneyMap,
    incoming: Incoming,
    caller: Caller,
    expected: IfMatch | None = None,
    at: datetime,
) -> MergeDone:
    """Merge into the draft. With open conflicts nothing is stored.

    Raises PreconditionFailed, ValidationProblem (resolutions), InvalidDocument (a document that was sent),
    MergeRefused, IdentityTaken, LimitReached.
    """
    draft = locked(journey_map, expected)
    before = queries.draft_manifest(draft)
    ours = msgspec.json.decode(assemble(before), type=Plain)
    sides = sides_of(journey_map, ours, incoming)
    try:
        merged = merge(sides.was, ours, sides.theirs, incoming.resolutions)
    except UnknownResolution as refusal:
        issue = Issue(f"/resolutions/{refusal.index}", "unknown_thing", "No side has such a thing.")
        raise ValidationProblem([issue]) from None
    done = MergeDone(new_id(), draft, sides.base, diff(ours, merged.document), merged.conflicts)
    if merged.conflicts:
        return done
    origins = {uuid.UUID(new): uuid.UUID(old) for old, new in sides.minted.items()}
    try:
        now = split(with_ids(parse(merged.document), new_id))
    except InvalidDocument as refusal:
        raise MergeRefused(refusal.detail, issues=refusal.issues) from None
    save_draft(draft=draft, before=before, now=now, origins=origins, at=at)
    _record(done, incoming, caller, at)
    return done


def _record(done: MergeDone, incoming: Incoming, caller: Caller, at: datetime) -> None:
    source, map_id = incoming.source, done.draft.journey_map_id
    version = source.version.number if source and source.version else None
    Merge.objects.create(
        id=done.id,
        workspace_id=done.draft.workspace_id,
        journey_map_id=map_id,
        source_map_id=source.journey_map.pk if source else None,
        source_version=version,
        revision=done.draft.revision,
        message=incoming.message,
        author_id=caller.credential_id,
        author_name=caller.name,
        created_at=at,
    )
    told = {
        "merge": str(done.id),
        "journey_map": str(map_id),
        "source_map": str(source.journey_map.pk) if source else None,
        "source_version": version,
        "revision": done.draft.revision,
        "message": incoming.message,
    }
    emit(workspace_id=done.draft.workspace_id, type="map.merged", data=told, at=at)
