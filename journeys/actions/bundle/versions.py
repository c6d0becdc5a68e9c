"""Versions of a bundle: taken if what they list is there and is what their digest is of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from journeys.actions.bundle.documents import Digest, Elements, Instant, Whole, checked, placed
from journeys.document.bodies import Body
from journeys.models import Body as BodyRow
from service.bundle.intake import Shaped, insert
from service.bundle.lines import InvalidBundle, Line
from service.errors import Issue

_INSERT_VERSIONS = """
INSERT INTO version (id, workspace_id, journey_map_id, number, digest, format, root_body, persona_ids,
                     personas, elements, bodies, message, author_id, author_name, on_behalf_of, restored_from,
                     published_at)
SELECT id, %(workspace)s, journey_map_id, number, decode(digest, 'hex'), format, root_body, persona_ids,
       personas, elements, bodies, message, author_id, author_name, on_behalf_of, restored_from, published_at
FROM json_to_recordset(%(rows)s::json) AS r (
  id uuid, journey_map_id uuid, number int, digest text, format int, root_body bigint, persona_ids uuid[],
  personas bigint[], elements bigint[], bodies bigint[], message text, author_id uuid, author_name text,
  on_behalf_of jsonb, restored_from int, published_at timestamptz)
"""


class VersionShape(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """root, personas, elements: digests of bodies, and whose they are."""

    id: uuid.UUID
    journey_map_id: uuid.UUID
    number: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    digest: Digest
    format: Annotated[int, msgspec.Meta(ge=1, le=2**15 - 1)]
    root: Digest
    personas: list[tuple[uuid.UUID, Digest]]
    elements: list[tuple[uuid.UUID, Digest]]
    message: Annotated[str, msgspec.Meta(max_length=2000)]
    author_id: uuid.UUID
    author_name: Annotated[str, msgspec.Meta(max_length=200)]
    on_behalf_of: dict[str, str] | None
    restored_from: Whole | None
    published_at: Instant


class _VersionRow(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    journey_map_id: uuid.UUID
    number: int
    digest: str
    format: int
    root_body: int
    persona_ids: list[uuid.UUID]
    personas: list[int]
    elements: list[int]
    bodies: list[int]
    message: str
    author_id: uuid.UUID
    author_name: str
    on_behalf_of: dict[str, str] | None
    restored_from: int | None
    published_at: datetime


class VersionTaker:
    """Takes versions, if what they list is there and is what their digest is of."""

    def __init__(self, *, workspace_id: uuid.UUID, at: datetime) -> None:
        self.workspace_id = workspace_id
        self._shaped = Shaped(VersionShape, at=at)
        self._elements = Elements(workspace_id)

    def take(self, lines: Sequence[Line]) -> None:
        for line in lines:
            row = self._row(line, self._shaped.row(line))
            insert(_INSERT_VERSIONS, [line], [row], workspace_id=self.workspace_id, table="version")

    def close(self) -> None:
        pass

    def _row(self, line: Line, shape: VersionShape) -> _VersionRow:
        known = self._elements.of(shape.journey_map_id)
        bodies = self._bodies(line, shape)
        manifest = placed(
            line,
            bodies[shape.root][1],
            [(own, bodies[digest][1]) for own, digest in shape.personas],
            [(own, bodies[digest][1]) for own, digest in shape.elements],
            known,
        )
        if checked(line, manifest, shape.digest) != shape.format:
            raise InvalidBundle(
                line.number, Issue("/row/format", "invalid", "The document has another format.")
            )
        return _VersionRow(
            id=shape.id,
            journey_map_id=shape.journey_map_id,
            number=shape.number,
            digest=shape.digest,
            format=shape.format,
            root_body=bodies[shape.root][0],
            persona_ids=[own for own, _ in shape.personas],
            personas=[bodies[digest][0] for _, digest in shape.personas],
            elements=[known[own][0] for own, _ in shape.elements],
            bodies=[bodies[digest][0] for _, digest in shape.elements],
            message=shape.message,
            author_id=shape.author_id,
            author_name=shape.author_name,
            on_behalf_of=shape.on_behalf_of,
            restored_from=shape.restored_from,
            published_at=shape.published_at,
        )

    def _bodies(self, line: Line, shape: VersionShape) -> dict[str, tuple[int, Body]]:
        wanted = {shape.root, *(digest for _, digest in (*shape.personas, *shape.elements))}
        rows = BodyRow.objects.filter(
            workspace_id=self.workspace_id, digest__in=[bytes.fromhex(digest) for digest in wanted]
        )
        found = {
            bytes(digest).hex(): (number, Body(bytes(content), bytes(digest)))
            for number, digest, content in rows.values_list("id", "digest", "content")
        }
        if missing := sorted(wanted - found.keys()):
            detail = f"There is no body {missing[0]}."
            raise InvalidBundle(line.number, Issue("/row", "unknown_reference", detail))
        return found
