"""Maps read from foreign bytes and put into drafts: new ones, or laid over those that are there.

The same bytes twice change nothing: what they made is found again by its id, which follows from them, and
what they changed is as they say. A dry run is the import itself, taken back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from django.db import transaction

from journeys import queries
from journeys.actions.draft_store import save_draft
from journeys.actions.drafts import locked, refuse_loss
from journeys.actions.import_joining import joined_draft, refuse_erasure
from journeys.actions.import_order import Imported, Order, Target, placed, read_maps, refusal_of
from journeys.actions.maps import create_map
from journeys.document.bodies import split
from journeys.document.canonical import to_plain
from journeys.document.diff import diff
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse
from journeys.formats.base import Notice, ReadMap
from journeys.formats.registry import FORMATS
from journeys.models import Draft, JourneyMap
from service.errors import Issue, PreconditionFailed, Problem, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch
from service.tenancy import advisory_lock


@transaction.atomic(savepoint=False)
def import_maps(
    *, workspace_id: uuid.UUID, order: Order, maps: Sequence[tuple[ReadMap, Target | None]], at: datetime
) -> list[Imported]:
    """Put maps into their drafts; without a target one is `skipped`. What stands in the way of one is told as
    `refused`, and nothing of it is stored: whether the others stay is the caller's to say.

    Raises PreconditionFailed, ValidationProblem (two maps into one).
    """
    into = [target.into.pk for _, target in maps if target and target.into]
    if len(set(into)) < len(into):
        raise ValidationProblem([Issue("/maps", "into_twice", "Two maps cannot be laid over one.")])
    done: dict[int, Imported] = {}
    # Drafts are locked in the order of their maps, so that two imports wait instead of deadlocking.
    for index in sorted(range(len(maps)), key=lambda index: _lock_order(maps[index][1])):
        read, target = maps[index]
        if target is None:
            done[index] = Imported(read, "skipped", list(read.notices), document=read.raw)
        else:
            done[index] = _import_map(workspace_id, order, read, target, at)
    return [done[index] for index in range(len(maps))]


@transaction.atomic(savepoint=False)
def replace_draft_by_text(
    *, journey_map: JourneyMap, order: Order, expected: IfMatch | None = None, at: datetime
) -> Draft:
    """Make the draft say what a text says; what the text cannot say stays.

    Raises ImportRefused (by line), WouldErase, IdentityTaken, PreconditionFailed.
    """
    locked(journey_map, expected)
    [read] = read_maps(order)
    done = _import_map(journey_map.workspace_id, order, read, Target(journey_map), at)
    if done.status == "refused" or done.draft is None:
        raise refusal_of([done])
    return done.draft


def _lock_order(target: Target | None) -> str:
    return str(target.into.pk) if target and target.into else ""


def _import_map(
    workspace_id: uuid.UUID, order: Order, read: ReadMap, target: Target, at: datetime
) -> Imported:
    found = Imported(read, "refused", list(read.notices), target.into)
    if read.raw is None or any(notice.weight == "invalid" for notice in read.notices):
        found.document = read.raw
        return found
    try:
        document = parse(read.raw)
        found.document = to_plain(document)
        with transaction.atomic():
            if target.into is None:
                _create(workspace_id, order, document, target, found, at)
            else:
                _change(target.into, order, document, target, found, at)
    except PreconditionFailed:
        raise
    except InvalidDocument as refusal:
        # Over a draft, pointers lead into the outcome: stages alone stand there in the order of the bytes.
        joined = bool(found.matches)
        known = {} if joined and order.on_missing == "keep" else read.places
        places = {own: place for own, place in known.items() if not joined or own.startswith("/stages")}
        found.notices += [placed(issue, replace(read, places=places)) for issue in refusal.issues]
    except Problem as refusal:
        found.status, found.refusal = "refused", refusal
        found.notices += [
            placed(Issue(issue.pointer.removeprefix("/document"), issue.code, issue.detail), read)
            for issue in refusal.issues
        ] or [Notice("", "invalid", refusal.code, refusal.detail or refusal.title)]
    return found


def _create(
    workspace_id: uuid.UUID,
    order: Order,
    document: Document,
    target: Target,
    found: Imported,
    at: datetime,
) -> None:
    """Make a new map, or find the one that the same bytes made before."""
    own = _id_of(workspace_id, order, found.read, target)
    advisory_lock("import", workspace_id, own)
    while (known := queries.map_with_id(workspace_id, own)) is not None:
        if known.archived_at is None:
            found.status, found.journey_map, found.draft = "unchanged", known, known.draft
            return
        own = _next_id(own.bytes)
    found.journey_map = create_map(
        workspace_id=workspace_id, document=document, key=target.key, at=at, map_id=own
    )
    found.draft = found.journey_map.draft
    found.status = "created"


def _change(
    journey_map: JourneyMap, order: Order, document: Document, target: Target, found: Imported, at: datetime
) -> None:
    draft = locked(journey_map, None)
    before = queries.draft_manifest(draft)
    if order.form is FORMATS["json"]:
        refuse_loss(before, document)
    joined = joined_draft(draft, document, order, found.read)
    found.matches = joined.matches
    refuse_erasure(joined)
    final = with_ids(parse(joined.plain), new_id)
    now = split(final)
    found.document, found.draft = to_plain(final), draft
    stored: Mapping[str, Any] = msgspec.json.decode(queries.draft_bytes(draft))
    found.changes = diff(stored, to_plain(final))
    found.status = "changed" if found.changes else "unchanged"
    if found.changes and target.expected is not None:
        target.expected.check(queries.etag_of_draft(draft))
    found.draft = save_draft(draft=draft, before=before, now=now, at=at)


def _id_of(workspace_id: uuid.UUID, order: Order, read: ReadMap, target: Target) -> uuid.UUID:
    """Return the id of the map that these bytes make: what is asked alike gets it again."""
    asked = [str(workspace_id), order.form.name, read.place, target.key, order.options]
    return _next_id(msgspec.json.encode(asked, order="sorted") + b"\n" + order.raw)


def _next_id(seed: bytes) -> uuid.UUID:
    """Return a UUIDv8 (RFC 9562 §5.8) made of a hash."""
    number = int.from_bytes(sha256(b"living-maps import\n" + seed).digest()[:16], "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0b10 << 62
    return uuid.UUID(int=number)
