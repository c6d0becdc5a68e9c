"""What every map of a workspace is in short that is open, or was at an instant: by two statements, however
many there are.

What is read of a version's document is kept by its digest and by what is shown of it, as neither can change.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from journeys.document.bodies import Body, assemble
from journeys.document.elements import Element, Touchpoint
from journeys.document.lint import Evidence, evidence, review_due
from journeys.document.projection import EVERYTHING, Projection, project
from journeys.document.shape import Document, Review
from journeys.document.shipped import SHIPPED
from journeys.document.wording import VocabularyEntry
from journeys.queries.content import manifest_of_parts
from service.kept import Kept
from service.sql import fetch

_SQL = Path(__file__).parent / "sql"
_LATEST = (_SQL / "latest_versions.sql").read_text()
_AS_OF = (_SQL / "versions_as_of.sql").read_text()
_PARTS = (_SQL / "version_parts.sql").read_text()


@dataclass(frozen=True, slots=True)
class StageSaid:
    """A stage: its id, what it is called, and the touchpoints in it."""

    id: uuid.UUID
    key: str
    name: str
    touchpoints: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a version says of itself. vocabulary: the one that its stages follow, "" for none; words: as the
    version keeps it, None where it has no words but those of now."""

    name: str
    owner: str
    review_due: date | None
    evidence: Evidence
    vocabulary: str
    words: VocabularyEntry | None
    stages: tuple[StageSaid, ...]


@dataclass(frozen=True, slots=True)
class MapSaid:
    """An open map. said None: nothing is published yet. Its key is the one that it has now."""

    id: uuid.UUID
    key: str | None
    name: str
    version: int
    live_revision: int
    published_at: datetime | None
    said: Said | None


_kept: Kept[tuple[uuid.UUID, bytes, Projection], Said] = Kept(4096)


def portfolio(
    workspace_id: uuid.UUID,
    *,
    q: str = "",
    limit: int,
    maps: Collection[uuid.UUID] | None = None,
    shows: Projection = EVERYTHING,
    at: datetime | None = None,
) -> list[MapSaid]:
    """Return the first so many maps by name.

    q: part of the name, in any case. maps: of these alone. shows: what is read of their documents. at: as
    they were then, by the names that they were published with; None: now.
    """
    like = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "q": f"%{like}%" if q else "",
        "maps": None if maps is None else sorted(maps),
        "limit": limit,
    }
    rows = fetch(_LATEST, values) if at is None else fetch(_AS_OF, values | {"at": at})
    said = {digest: found for *_, digest, _ in rows if (found := _kept.get((workspace_id, digest, shows)))}
    wanted = {version: digest for *_, version, digest, _ in rows if version and digest not in said}
    for version, found in _read(workspace_id, list(wanted), shows):
        said[wanted[version]] = _kept.put((workspace_id, wanted[version], shows), found)
    return [
        MapSaid(own, key, name, number, revision, published_at, said.get(digest))
        for own, key, name, number, revision, _, digest, published_at in rows
    ]


def _read(
    workspace_id: uuid.UUID, versions: Sequence[uuid.UUID], shows: Projection
) -> list[tuple[uuid.UUID, Said]]:
    rows = fetch(_PARTS, {"workspace": workspace_id, "versions": versions}) if versions else []
    read = _said if shows == EVERYTHING else lambda parts: _shown(parts, shows)
    return [(version, read(list(parts))) for version, parts in groupby(rows, key=lambda row: row[0])]


def _said(parts: Sequence[tuple[Any, ...]]) -> Said:
    """parts: (version, kind, id, content), the root first, each stage followed by its touchpoints."""
    root: dict[str, Any] = msgspec.json.decode(parts[0][3])
    review = Review.model_validate(root.get("review", {}))
    stages: list[tuple[uuid.UUID, dict[str, Any], list[uuid.UUID]]] = []
    touchpoints: list[Touchpoint] = []
    for _, kind, own, content in parts[1:]:
        if kind == "stage":
            stages.append((own, msgspec.json.decode(content), []))
        else:
            stages[-1][2].append(own)
            touchpoints.append(Touchpoint.model_validate(msgspec.json.decode(content)))
    return Said(
        root["name"],
        review.owner,
        review_due(review),
        evidence(touchpoints),
        (vocabulary := root.get("stage_vocabulary", "")),
        _words(vocabulary, map(VocabularyEntry.model_validate, root.get("wording", ()))),
        tuple(StageSaid(own, said.get("key", ""), said["name"], tuple(inner)) for own, said, inner in stages),
    )


def _shown(parts: Sequence[tuple[Any, ...]], shows: Projection) -> Said:
    """The same, of what a projection shows: worked out from the projected document and from nothing else."""
    blank = hashlib.sha256().digest()  # bodies are put together here, not compared
    manifest = manifest_of_parts([(kind, own, Body(content, blank)) for _, kind, own, content in parts])
    # It was checked when it was published. Whom its statements name is read by no projection of many maps.
    document = project(Document.model_validate(msgspec.json.decode(assemble(manifest))), shows)
    return Said(
        document.name,
        document.review.owner,
        review_due(document.review),
        evidence(point for stage in document.stages for point in stage.touchpoints),
        document.stage_vocabulary,
        _words(document.stage_vocabulary, document.wording),
        tuple(
            StageSaid(_id(stage), stage.key, stage.name, tuple(map(_id, stage.touchpoints)))
            for stage in document.stages
        ),
    )


def _words(vocabulary: str, wording: Iterable[VocabularyEntry]) -> VocabularyEntry | None:
    """Return how a vocabulary of stages reads in a version: as that keeps it, else as it is shipped."""
    return next((entry for entry in wording if entry.key == vocabulary), SHIPPED.get(vocabulary))


def _id(element: Element) -> uuid.UUID:
    assert element.id is not None  # a published element has its id
    return element.id
