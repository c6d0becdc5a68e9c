"""Words looked for in the maps, stages, touchpoints and personas of a workspace."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

_SEARCH = (Path(__file__).parent / "sql" / "search.sql").read_text()
KINDS = ("journey_map", "stage", "touchpoint", "persona")
# Characters that no text of ours holds: control characters are refused everywhere.
_OPEN, _CLOSE = "\x01", "\x02"
_MARKS = (
    f'StartSel={_OPEN}, StopSel={_CLOSE}, MaxFragments=2, MinWords=4, MaxWords=16, FragmentDelimiter=" … "'
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that says the words. rank: higher is better. pieces: what it says, (text, whether a hit)."""

    kind: str
    id: uuid.UUID
    name: str
    key: str | None
    journey_map: tuple[uuid.UUID, str, str | None] | None
    rank: float
    pieces: tuple[tuple[str, bool], ...]


def search_workspace(
    workspace_id: uuid.UUID,
    words: str,
    *,
    kinds: Collection[str] = (),
    journey_map_id: uuid.UUID | None = None,
    limit: int,
) -> tuple[list[Hit], int]:
    """Return the best hits and how many there are in all. Every word must occur, or begin a word that does.

    Maps are searched as they are drafted; archived ones are not. One statement.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "words": words,
        "kinds": list(kinds) or None,
        "map": journey_map_id,
        "limit": limit,
        "marks": _MARKS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, values)
        rows = cursor.fetchall()
    hits = [
        Hit(kind, own, name, key, (map_id, map_name, map_key) if map_id else None, rank, _pieces(headline))
        for kind, own, map_id, map_name, map_key, rank, _, name, key, headline in rows
    ]
    return hits, rows[0][6] if rows else 0


def _pieces(headline: str) -> tuple[tuple[str, bool], ...]:
    pieces: list[tuple[str, bool]] = []
    for place, part in enumerate(headline.split(_OPEN)):
        hit, _, rest = part.rpartition(_CLOSE) if place else ("", "", part)
        pieces += [(text, is_hit) for text, is_hit in ((hit, True), (rest, False)) if text]
    return tuple(pieces)
