"""The answer to an audience: a validator over what it is shown, and the body, kept until the map changes.

`W/"{hash of release, form and the projected bytes}"`: whatever a view leaves out changes nothing of it, so
that an equal ETag tells nothing and another one tells no more than the body does. What a revision of map and
view was worth is kept, so that a 304 asks the database for nothing but both revisions.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from kpis.queries.audience import Opened
from kpis.queries.audience_map import SeenMap, seen_map
from kpis.queries.live_cache import Kept
from kpis.queries.live_map import Asked
from kpis.serializers.live_answer import JSON, Form, release
from kpis.serializers.live_pages import draw

KEPT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """content: None where the caller holds it already. version: its number, if that is told."""

    etag: str
    content: bytes | None
    version: int | None


@dataclass(frozen=True, slots=True)
class _Known:
    etag: str
    version: int | None


_State = tuple[uuid.UUID, int, int, Asked, Form]
_known: Kept[_State, _Known] = Kept(4096)
_bodies: Kept[tuple[uuid.UUID, str], bytes] = Kept(KEPT_BYTES, len)


def answered(
    workspace_id: uuid.UUID, opened: Opened, asked: Asked, form: Form, holds: Callable[[str], bool]
) -> Answer:
    """Return the answer; holds: whether the caller has what an ETag stands for. Raises NotFound."""
    state = (opened.id, opened.row_version, opened.head.live_revision, asked, form)
    known = _known.get(state)
    if known is not None:
        if holds(known.etag):
            return Answer(known.etag, None, known.version)
        if (body := _bodies.get((opened.id, known.etag))) is not None:
            return Answer(known.etag, body, known.version)
    seen = seen_map(workspace_id, opened.id, opened.head, asked, opened.shows, dated=opened.history)
    content = seen.live.json()
    version = seen.live.version.number if opened.history else None
    known = _known.put(state, _Known(_etag(content, form), version))
    if holds(known.etag):
        return Answer(known.etag, None, version)
    body = content if form.media == JSON else drawn(seen, form, known.etag)
    return Answer(known.etag, _bodies.put((opened.id, known.etag), body), version)


def drawn(seen: SeenMap, form: Form, etag: str) -> bytes:
    """Return what is seen as a picture or page."""
    pinned = seen.live.asked.instant is not None
    refresh_s = 0 if pinned else form.refresh_s
    return draw(
        seen.live, form.media, updated_at=seen.refreshed_at, refresh_s=refresh_s, etag=etag, links=form.links
    )


def _etag(content: bytes, form: Form) -> str:
    found = blake2b(digest_size=18)
    for part in (release().encode(), form.media.encode(), form.view.encode(), content):
        found.update(len(part).to_bytes(8, "big") + part)
    return f'W/"{found.hexdigest()}"'
