"""Maps read from foreign bytes and put into drafts: new ones, or laid over those that are there.

The same bytes twice change nothing: what they made is found again by its id, which follows from them, and
what they changed is as they say. A dry run is the import itself, taken back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from django.db import transaction

from journeys import queries
from journeys.actions.draft_store import save_draft
from journeys.actions.drafts import locked
from journeys.actions.maps import create_map
from journeys.document.bodies import split
from journeys.document.canonical import to_plain
from journeys.document.diff import Change, diff
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse
from journeys.formats.base import Notice, ReadMap
from journeys.formats.joining import Joined, Match, OnMissing, join
from journeys.formats.registry import Format
from journeys.models import Draft, JourneyMap
from service.errors import Conflict, Issue, PreconditionFailed, Problem, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch
from service.tenancy import advisory_lock

ISSUES_MAX = 1_000
MATCHES = "matches"
"""The option that is ours and no reader's: {pointer: id of the stored element, or null}."""


class WouldErase(Conflict):
    """409: stored elements are not in the bytes and hold what the format cannot say; `issues` names each."""

    code, title = "would_erase", "Stages or touchpoints would be lost with what the format cannot say."


class ImportRefused(ValidationProblem):
    """400: nothing was imported; `issues` names each map and, in words, the line or cell."""

    code, title = "import_refused", "The import cannot be taken as it is."


@dataclass(frozen=True, slots=True)
class Target:
    """What one map of the bytes becomes: laid over `into`, or a new map that goes by `key`."""

    into: JourneyMap | None = None
    expected: IfMatch | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An import as it was asked for. `on_missing`: see `joining.OnMissing`."""

    form: Format
    raw: bytes
    options: Mapping[str, Any] = field(default_factory=dict)
    on_missing: OnMissing = "refuse"


@dataclass(slots=True)
class Imported:
    """What became of one map. status: created, changed, unchanged, refused, skipped."""

    read: ReadMap
    status: str
    notices: list[Notice]
    journey_map: JourneyMap | None = None
    draft: Draft | None = None
    document: Mapping[str, Any] | None = None
    matches: Sequence[Match] = ()
    changes: Sequence[Change] = ()
    refusal: Problem | None = None
    """Where the state of the workspace stands in the way, and not the bytes."""


def read_maps(order: Order) -> tuple[ReadMap, ...]:
    """Return the maps in the bytes."""
    if order.form.read is None:
        raise ImportRefused([Issue("/format", "not_readable", f"{order.form.name} is only written.")])
    options = {name: value for name, value in order.options.items() if name != MATCHES}
    return order.form.read(order.raw, options)


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


def refusal_of(done: list[Imported]) -> Problem:
    """Return the refusal of an import of which one map at least cannot be taken."""
    refused = [each for each in done if each.status == "refused"]
    if len(refused) == 1 and refused[0].refusal is not None:
        return refused[0].refusal
    issues = []
    for index, each in enumerate(done):
        for notice in each.notices:
            if notice.weight == "invalid":
                where = ": ".join(part for part in (each.read.place, notice.place) if part)
                detail = f"{where}: {notice.detail}" if where else notice.detail
                issues.append(Issue(f"/maps/{index}", notice.code, detail))
    return ImportRefused(issues[:ISSUES_MAX])


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
        found.notices += [_placed(issue, replace(read, places=places)) for issue in refusal.issues]
    except Problem as refusal:
        found.status, found.refusal = "refused", refusal
        found.notices += [
            _placed(Issue(issue.pointer.removeprefix("/document"), issue.code, issue.detail), read)
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
    joined = joined_draft(draft, document, order, found.read)
    found.matches = joined.matches
    _refuse_erasure(joined)
    final = with_ids(parse(joined.plain), new_id)
    now = split(final)
    found.document, found.draft = to_plain(final), draft
    stored: Mapping[str, Any] = msgspec.json.decode(queries.draft_bytes(draft))
    found.changes = diff(stored, to_plain(final))
    found.status = "changed" if found.changes else "unchanged"
    if found.changes and target.expected is not None:
        target.expected.check(queries.etag_of_draft(draft))
    found.draft = save_draft(draft=draft, before=before, now=now, at=at)


def joined_draft(draft: Draft, document: Document, order: Order, read: ReadMap) -> Joined:
    """Return what was read laid over a draft. Raises ValidationProblem for matches that name nothing."""
    stored: dict[str, Any] = msgspec.json.decode(queries.draft_bytes(draft))
    plain = to_plain(document)
    if "name" in read.guessed and "name" not in order.options:
        plain["name"] = stored["name"]
    full = queries.draft_moment(draft.journey_map).content
    named = _named(stored, full)
    try:
        joined = join(
            plain,
            named,
            base=None if order.form.says_all else shown_again(order, full),
            whole=read.whole,
            overrides=_overrides(order.options),
            on_missing=order.on_missing,
            new_id=new_id,
        )
    except KeyError as unknown:
        where = str(unknown.args[0])
        detail = f"{where[:200]} was not read, or there is no element of that id left to match."
        raise ValidationProblem([Issue(f"/options/{MATCHES}", "unknown_match", detail)]) from None
    _refer_again(joined.plain, stored, named, msgspec.json.decode(full))
    return joined


def shown_again(order: Order, full: bytes) -> Mapping[str, Any] | None:
    """Return a document as it comes back from its format, None where that is not element by element."""
    if order.form.write is None or order.form.read is None:
        return None
    document = parse(full)
    options = {name: value for name, value in order.options.items() if name != MATCHES}
    found = order.form.read(order.form.write(document).content, options)
    if len(found) != 1 or found[0].raw is None:
        return None
    try:
        again = parse(found[0].raw)
    except InvalidDocument:
        return None
    shape = [len(stage.touchpoints) for stage in document.stages]
    return to_plain(again) if [len(stage.touchpoints) for stage in again.stages] == shape else None


def _named(stored: dict[str, Any], full: bytes) -> dict[str, Any]:
    """Return the stored document; personas that it only refers to lend their names to be matched by."""
    personas = {p["id"]: p for p in msgspec.json.decode(full).get("personas", ())}
    if not personas:
        return stored
    held = [personas.get(persona["id"], persona) for persona in stored["personas"]]
    return {**stored, "personas": held}


def _refer_again(
    plain: dict[str, Any], stored: Mapping[str, Any], named: Mapping[str, Any], full: Mapping[str, Any]
) -> None:
    """Refer to the library, and to the workspace's words, where the draft did and nothing else is said."""
    for name in [own for own in plain if own not in stored and plain[own] == full.get(own)]:
        del plain[name]
    filled = {persona["id"]: persona for persona in named.get("personas", ())}
    held = {persona["id"]: persona for persona in stored.get("personas", ())}
    if "personas" in plain:
        plain["personas"] = [
            held[persona["id"]] if filled.get(persona["id"]) == persona else persona
            for persona in plain["personas"]
        ]


def _refuse_erasure(joined: Joined) -> None:
    if joined.erased:
        issues = [
            Issue("", "would_erase", f"{name!r} ({own}) is not there. Send on_missing=remove or keep.")
            for own, name in joined.erased.items()
        ]
        raise WouldErase(issues=issues)


def _overrides(options: Mapping[str, Any]) -> dict[str, str | None]:
    given = options.get(MATCHES) or {}
    if not isinstance(given, Mapping) or not all(isinstance(own, str | None) for own in given.values()):
        detail = "Matches are an object of {pointer: id or null}."
        raise ValidationProblem([Issue(f"/options/{MATCHES}", "wrong_type", detail)])
    return {str(where): own.lower() if own else None for where, own in given.items()}


def _placed(issue: Issue, read: ReadMap) -> Notice:
    """Return an issue of the document as a notice where its author wrote it."""
    where = issue.pointer
    while where and where not in read.places:
        where = where.rpartition("/")[0]
    if where in read.places:
        return Notice(read.places[where], "invalid", issue.code, f"{issue.pointer}: {issue.detail}")
    return Notice(issue.pointer, "invalid", issue.code, issue.detail)


def _id_of(workspace_id: uuid.UUID, order: Order, read: ReadMap, target: Target) -> uuid.UUID:
    """Return the id of the map that these bytes make: what is asked alike gets it again."""
    asked = [str(workspace_id), order.form.name, read.place, target.key, order.options]
    return _next_id(msgspec.json.encode(asked, order="sorted") + b"\n" + order.raw)


def _next_id(seed: bytes) -> uuid.UUID:
    """Return a UUIDv8 (RFC 9562 §5.8) made of a hash."""
    number = int.from_bytes(sha256(b"living-maps import\n" + seed).digest()[:16], "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0b10 << 62
    return uuid.UUID(int=number)
