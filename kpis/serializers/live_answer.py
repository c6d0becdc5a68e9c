"""The answer to "show me the live map": its validator first, then its body, kept until the map changes.

`W/"{map revision}.{hash of release, media type, query, view}"`: the revision was read before the body, so a
body is never older than its validator says. An answer about a final pair of instants can never change: its
validator has no revision, only how often something was erased.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

import journeys.render
import kpis.queries
import kpis.serializers
import kpis.series
from journeys.render.face import Link
from kpis.queries.live import Head, refreshed_at
from kpis.queries.live_asked import Asked
from kpis.queries.live_map import live_map
from kpis.serializers.live_pages import HTML, JSON, SVG, draw
from service.kept import Kept

__all__ = ["HTML", "JSON", "SVG", "Body", "Form", "body_of", "known_version", "release", "validator"]
KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """How the map is shown. view: whose view it is, as far as bodies differ by it."""

    media: str
    view: str = "api"
    refresh_s: int = 0
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What goes out, and the number of the version that it shows."""

    content: bytes
    version: int


_bodies: Kept[tuple[uuid.UUID, uuid.UUID, str], Body] = Kept(KEPT_BYTES, lambda body: len(body.content))


def validator(head: Head, asked: Asked, form: Form, *, final: bool) -> str:
    """Return the ETag of the answer."""
    revision = f"final-{head.erasures}" if final else head.live_revision
    return f'W/"{revision}.{_hash(asked, form.media, form.view)}"'


def body_of(workspace_id: uuid.UUID, head: Head, asked: Asked, form: Form, etag: str) -> Body:
    """Return the body that belongs to the validator. Raises NotFound as `live_map` does."""
    key = (workspace_id, head.id, etag)
    return _bodies.get(key) or _bodies.put(key, _made(workspace_id, head, asked, form, etag))


def known_version(workspace_id: uuid.UUID, head: Head, etag: str) -> int | None:
    """Return the version that the answer with this validator shows, if it is still kept."""
    found = _bodies.get((workspace_id, head.id, etag))
    return found.version if found else None


def _made(workspace_id: uuid.UUID, head: Head, asked: Asked, form: Form, etag: str) -> Body:
    live = live_map(workspace_id, head, asked)
    if form.media == JSON:
        return Body(live.json(), live.version.number)
    pinned = asked.instant is not None
    page = draw(
        live,
        form.media,
        updated_at=None if pinned else refreshed_at(workspace_id, [head.id]),
        refresh_s=0 if pinned else form.refresh_s,
        etag=etag,
        links=form.links,
    )
    return Body(page, live.version.number)


@lru_cache(maxsize=1024)
def _hash(asked: Asked, media: str, view: str) -> str:
    return blake2b(f"{release()}\n{media}\n{asked!r}\n{view}".encode(), digest_size=9).hexdigest()


@cache
def release() -> str:
    """Return a hash of the code that shapes the answers: another release may answer with other bytes."""
    found = blake2b(digest_size=9)
    for package in (kpis.series, kpis.queries, kpis.serializers, journeys.render):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*")):
            if path.suffix in (".py", ".sql", ".css", ".js"):
                found.update(path.read_bytes())
    return found.hexdigest()
