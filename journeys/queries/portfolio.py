"""What every open map of a workspace is in short, by two statements however many there are.

What is read of a version's document is kept by its digest, as it cannot change.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from journeys.document.elements import Touchpoint
from journeys.document.lint import Evidence, evidence, review_due
from journeys.document.shape import Review
from service.kept import Kept
from service.sql import fetch

_SQL = Path(__file__).parent / "sql"
_LATEST = (_SQL / "latest_versions.sql").read_text()
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
    """What a version says of itself. vocabulary: the one that its stages follow, "" for none."""

    owner: str
    review_due: date | None
    evidence: Evidence
    vocabulary: str
    stages: tuple[StageSaid, ...]


@dataclass(frozen=True, slots=True)
class MapSaid:
    """An open map. said None: nothing is published yet."""

    id: uuid.UUID
    key: str | None
    name: str
    version: int
    live_revision: int
    published_at: datetime | None
    said: Said | None


_kept: Kept[tuple[uuid.UUID, bytes], Said] = Kept(4096)


def portfolio(workspace_id: uuid.UUID, *, q: str = "", limit: int) -> list[MapSaid]:
    """Return the first so many maps by name. q: part of the name, in any case."""
    like = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values: dict[str, Any] = {"workspace": workspace_id, "q": f"%{like}%" if q else "", "limit": limit}
    rows = fetch(_LATEST, values)
    said = {digest: found for *_, digest, _ in rows if (found := _kept.get((workspace_id, digest)))}
    wanted = {version: digest for *_, version, digest, _ in rows if version and digest not in said}
    for version, found in _read(workspace_id, list(wanted)):
        said[wanted[version]] = _kept.put((workspace_id, wanted[version]), found)
    return [
        MapSaid(own, key, name, number, revision, published_at, said.get(digest))
        for own, key, name, number, revision, _, digest, published_at in rows
    ]


def _read(workspace_id: uuid.UUID, versions: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, Said]]:
    rows = fetch(_PARTS, {"workspace": workspace_id, "versions": versions}) if versions else []
    return [(version, _said(list(parts))) for version, parts in groupby(rows, key=lambda row: row[0])]


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
        review.owner,
        review_due(review),
        evidence(touchpoints),
        root.get("stage_vocabulary", ""),
        tuple(StageSaid(own, said.get("key", ""), said["name"], tuple(inner)) for own, said, inner in stages),
    )
