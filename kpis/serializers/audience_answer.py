"""The answer to an audience: a validator over what it is shown, and the body, kept until the map changes.

`W/"{hash of release, form and the projected bytes}"`: whatever a view leaves out changes nothing of it, so
that an equal ETag tells nothing and another one tells no more than the body does. What a revision of map and
view was worth is kept, so that a 304 asks the database for nothing but both revisions.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from journeys import queries as journeys
from journeys.models import JourneyMap
from kpis.queries.audience import Subject
from kpis.queries.audience_map import SeenMap, seen_map
from kpis.queries.live_asked import Asked
from kpis.serializers.audience_restated import restated, said
from kpis.serializers.live_answer import HTML, JSON, Form, release
from kpis.serializers.live_pages import draw
from service.kept import Kept

VERSIONS_MAX = 200
KEPT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """content: None where the caller holds it already. version: its number, if that is told."""

    etag: str
    content: bytes | None
    version: int | None
    name: str


@dataclass(frozen=True, slots=True)
class _Known:
    etag: str
    version: int | None
    name: str


_State = tuple[uuid.UUID, int, bool, int, Asked, Form]
_known: Kept[_State, _Known] = Kept(4096)
_bodies: Kept[tuple[uuid.UUID, str], bytes] = Kept(KEPT_BYTES, len)


def answered(
    workspace_id: uuid.UUID,
    subject: Subject,
    asked: Asked,
    form: Form,
    holds: Callable[[str], bool],
    at: datetime,
) -> Answer:
    """Return the answer; holds: whether the caller has what an ETag stands for. Raises NotFound.

    The data of a snapshot never change; its drawings say when its figures are known otherwise by now.
    """
    view = subject.view
    state = (subject.id, subject.row_version, view.history, view.head.live_revision, asked, form)
    known = _known.get(state)
    if known is not None:
        if holds(known.etag):
            return Answer(known.etag, None, known.version, known.name)
        if (body := _bodies.get((subject.id, known.etag))) is not None:
            return Answer(known.etag, body, known.version, known.name)
    seen = seen_map(workspace_id, view.id, view.head, asked, subject.shows, dated=view.history)
    notices = _notices(workspace_id, subject, seen) if form.media != JSON else ()
    content = seen.live.json()
    version = seen.live.version.number if view.history else None
    known = _known.put(state, _Known(_etag(content, form, notices), version, seen.live.places.name))
    if holds(known.etag):
        return Answer(known.etag, None, version, known.name)
    body = content
    if form.media != JSON:
        is_choice = subject.shows.kpis is not None
        versions = _versions(workspace_id, subject, form)
        body = _drawn(seen, form, known.etag, notices, versions, at, is_choice=is_choice)
    return Answer(known.etag, _bodies.put((subject.id, known.etag), body), version, known.name)


def _notices(workspace_id: uuid.UUID, subject: Subject, seen: SeenMap) -> tuple[str, ...]:
    if subject.pinned is None:
        return ()
    named = (f"Snapshot: {subject.name}",) if subject.name else ("Snapshot",)
    return (*named, *said(restated(workspace_id, subject, seen.live)))


def _versions(workspace_id: uuid.UUID, subject: Subject, form: Form) -> list[tuple[int, datetime]]:
    """The versions between which the page travels; none where it may not."""
    if form.media != HTML or not subject.view.history or subject.pinned is not None:
        return []
    journey_map = JourneyMap(id=subject.view.head.id, workspace_id=workspace_id)
    rows = journeys.versions_of(journey_map).order_by("-number").values_list("number", "published_at")
    return list(rows[:VERSIONS_MAX])


def _drawn(
    seen: SeenMap,
    form: Form,
    etag: str,
    notices: tuple[str, ...],
    versions: Sequence[tuple[int, datetime]],
    at: datetime,
    *,
    is_choice: bool,
) -> bytes:
    pinned = seen.live.asked.instant is not None
    return draw(
        seen.live,
        form.media,
        updated_at=seen.refreshed_at,
        refresh_s=0 if pinned else form.refresh_s,
        etag=etag,
        links=form.links,
        notices=notices,
        versions=versions,
        at=at,
        is_choice=is_choice,
    )


def _etag(content: bytes, form: Form, notices: tuple[str, ...]) -> str:
    found = blake2b(digest_size=18)
    for part in (release(), form.media, form.view, *notices):
        found.update(len(part).to_bytes(8, "big") + part.encode())
    found.update(content)
    return f'W/"{found.hexdigest()}"'
