"""Drafts of a bundle: taken if they are what their digest is of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from journeys.actions.bundle.documents import Digest, Elements, Instant, body_of, checked, placed
from journeys.actions.draft_store import write_draft
from journeys.models import Draft, JourneyMap
from service.bundle.intake import Shaped
from service.bundle.lines import InvalidBundle, Line
from service.errors import Issue


class DraftShape(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    journey_map_id: uuid.UUID
    revision: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    digest: Digest
    updated_at: Instant
    root: msgspec.Raw
    personas: list[tuple[uuid.UUID, msgspec.Raw]]
    elements: list[tuple[uuid.UUID, msgspec.Raw]]


class DraftTaker:
    """Takes drafts, if they are what their digest is of."""

    def __init__(self, *, workspace_id: uuid.UUID, at: datetime) -> None:
        self.workspace_id = workspace_id
        self._shaped = Shaped(DraftShape, at=at)
        self._elements = Elements(workspace_id)

    def take(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self._take(line, self._shaped.row(line))

    def close(self) -> None:
        pass

    def _take(self, line: Line, shape: DraftShape) -> None:
        known = self._elements.of(shape.journey_map_id)
        manifest = placed(
            line,
            body_of(line, shape.root),
            [(own, body_of(line, content)) for own, content in shape.personas],
            [(own, body_of(line, content)) for own, content in shape.elements],
            known,
        )
        checked(line, manifest, shape.digest)
        row = JourneyMap.objects.filter(workspace_id=self.workspace_id, pk=shape.journey_map_id).first()
        if row is None:
            issue = Issue("/row/journey_map_id", "unknown_reference", "The bundle has no such map.")
            raise InvalidBundle(line.number, issue)
        if Draft.objects.filter(workspace_id=self.workspace_id, pk=row.pk).exists():
            raise InvalidBundle(
                line.number, Issue("/row/journey_map_id", "duplicate", "A map has one draft.")
            )
        draft = Draft(
            journey_map=row,
            workspace_id=self.workspace_id,
            revision=shape.revision,
            updated_at=shape.updated_at,
        )
        write_draft(draft=draft, now=manifest, numbers={own: number for own, (number, _) in known.items()})
