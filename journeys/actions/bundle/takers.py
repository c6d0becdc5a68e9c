"""Which taker takes which section of this room."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from journeys.actions.bundle.documents import BodyTaker
from journeys.actions.bundle.drafts import DraftTaker
from journeys.actions.bundle.versions import VersionTaker
from journeys.document.validate import parse_persona, parse_vocabulary
from journeys.queries import bundle
from service.bundle.intake import TableTaker, Taker
from service.bundle.lines import InvalidBundle, Line
from service.errors import BadRequest, Issue

_ABOVE = """
UPDATE journey_map SET parent_map_id = above.map_id, parent_touchpoint = above.touchpoint
FROM unnest(%(ids)s::uuid[], %(maps)s::uuid[], %(touchpoints)s::uuid[]) AS above (id, map_id, touchpoint)
WHERE journey_map.workspace_id = %(workspace)s AND journey_map.id = above.id
"""


def map_takers(*, workspace_id: uuid.UUID, at: datetime) -> dict[str, Taker]:
    """Return the taker of each section of MAP_SECTIONS, in their order."""
    where: dict[str, Any] = {"workspace_id": workspace_id, "at": at}
    plain = {each.name: TableTaker(each, **where) for each in _PLAIN}
    special: dict[str, Taker] = {
        bundle.VOCABULARIES.name: TableTaker(bundle.VOCABULARIES, **where, check=_check_vocabulary),
        bundle.PERSONAS.name: TableTaker(bundle.PERSONAS, **where, check=_check_persona),
        bundle.MAPS.name: MapTaker(bundle.MAPS, **where),
        bundle.BODIES: BodyTaker(**where),
        bundle.VERSIONS: VersionTaker(**where),
        bundle.DRAFTS: DraftTaker(**where),
    }
    return {each.name: special.get(each.name) or plain[each.name] for each in bundle.MAP_SECTIONS}


_PLAIN = (
    bundle.ELEMENTS,
    bundle.LABELS,
    bundle.REVIEWS,
    bundle.MERGES,
    bundle.TEMPLATES,
    bundle.COLLECTIONS,
)


class MapTaker(TableTaker):
    """Takes maps; those above are named when all are there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._above: list[tuple[int, uuid.UUID, uuid.UUID, uuid.UUID | None]] = []
        self._known: set[uuid.UUID] = set()

    def store(self, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        for line, row in zip(lines, rows, strict=True):
            self._known.add(row.id)
            if row.parent_map_id is not None:
                self._above.append((line.number, row.id, row.parent_map_id, row.parent_touchpoint))
                row.parent_map_id = row.parent_touchpoint = None
        super().store(lines, rows)

    def close(self) -> None:
        for number, _, above, _ in self._above:
            if above not in self._known:
                detail = "The map above is not in the bundle."
                raise InvalidBundle(number, Issue("/row/parent_map_id", "unknown_reference", detail))
        values: dict[str, Any] = {
            "workspace": self.workspace_id,
            "ids": [own for _, own, _, _ in self._above],
            "maps": [above for _, _, above, _ in self._above],
            "touchpoints": [touchpoint for _, _, _, touchpoint in self._above],
        }
        with connection.cursor() as cursor:
            cursor.execute(_ABOVE, values)


def _check_persona(row: Mapping[str, Any]) -> Iterable[Issue]:
    content = row["content"]
    if not isinstance(content, dict):
        return [Issue("/content", "not_an_object", "A JSON object is expected.")]
    own = {"id": row["id"], "key": row.get("key"), "name": row["name"], "attributes": row.get("attributes")}
    try:
        parse_persona({**content, **{name: value for name, value in own.items() if value}})
    except BadRequest as error:
        return [issue.under("/content") for issue in error.issues]
    return ()


def _check_vocabulary(row: Mapping[str, Any]) -> Iterable[Issue]:
    content = row["content"]
    if not isinstance(content, dict):
        return [Issue("/content", "not_an_object", "A JSON object is expected.")]
    try:
        parse_vocabulary({**content, "key": row.get("key"), "kind": row["kind"]})
    except BadRequest as error:
        return [issue.under("/content") for issue in error.issues]
    return ()
