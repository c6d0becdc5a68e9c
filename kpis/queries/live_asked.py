"""What one wants to see of a live map, and which version and floor that is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from journeys import queries as journeys
from journeys.models import JourneyMap, Version
from kpis.queries.floors import floors
from kpis.queries.live import Head
from kpis.series.live_parts import iso
from service.errors import NotFound
from service.kept import Kept

# Write transactions are bounded to half of it, so what was known then is all there.
FINAL_AFTER = timedelta(seconds=60)
_versions: Kept[tuple[uuid.UUID, uuid.UUID, int, int], Version] = Kept(1024)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one wants to see. as_of None: now; known_at None: whatever is known by now. "": no narrowing.

    floor: the share of figures with rules that must be judged for a stage or the map to have a status; None:
    as is settled for the map.
    """

    as_of: datetime | None = None
    known_at: datetime | None = None
    version: int | None = None
    persona: str = ""
    stage: str = ""
    floor: Decimal | None = None

    @property
    def known_by(self) -> datetime | None:
        """The earlier of both instants: what was both true and known."""
        return min((at for at in (self.as_of, self.known_at) if at is not None), default=None)

    @property
    def instant(self) -> datetime | None:
        """When it was true: what was known at K speaks of K unless another instant is named."""
        return self.as_of or self.known_at

    def narrowed(self) -> dict[str, str]:
        """Return the query that asks for this, save for the version."""
        query = {
            "as_of": iso(self.as_of) if self.as_of else "",
            "known_at": iso(self.known_at) if self.known_at else "",
            "persona": self.persona,
            "stage": self.stage,
            "floor": "" if self.floor is None else str(self.floor),
        }
        return {name: value for name, value in query.items() if value}

    def is_final(self, at: datetime) -> bool:
        """Say whether the answer can never change again."""
        return self.known_at is not None and self.known_at <= at - FINAL_AFTER


def floor_asked(workspace_id: uuid.UUID, head: Head, asked: Asked) -> Decimal:
    """Return the floor that was asked for, or was in force for the map."""
    return floors(workspace_id, at=asked.known_by).of(head.id) if asked.floor is None else asked.floor


def refuse_archived(head: Head, asked: Asked) -> None:
    """Raises NotFound where the map had been archived by then; before that it still answers."""
    known_by = asked.known_by
    if head.archived_at is not None and (known_by is None or head.archived_at <= known_by):
        detail = f"The map was archived at {iso(head.archived_at)}; ask as_of an earlier instant."
        raise NotFound(detail, code="archived")


def version_asked(workspace_id: uuid.UUID, head: Head, asked: Asked) -> Version:
    """Return the version that was asked for, or was the latest. Raises NotFound."""
    known_by = asked.known_by
    if asked.version is not None:
        found = _numbered(workspace_id, head, asked.version)
        if known_by is not None and found.published_at > known_by:
            raise NotFound(f"Version {asked.version} was not published by then.", code="not_published")
        return found
    if known_by is not None:
        held = journeys.version_as_of(workspace_id, head.id, known_by)
        if held is None:
            raise NotFound("The map had no version by then.", code="not_published")
        return held
    if head.last_version == 0:
        raise NotFound("The map has no version yet: publish its draft.", code="not_published")
    return _numbered(workspace_id, head, head.last_version)


def _numbered(workspace_id: uuid.UUID, head: Head, number: int) -> Version:
    """Versions change by erasure alone, so a number is looked up once. Raises NotFound."""
    key = (workspace_id, head.id, number, head.erasures)
    found = _versions.get(key)
    if found is None:
        journey_map = JourneyMap(id=head.id, workspace_id=workspace_id)
        found = _versions.put(key, journeys.version_of(journey_map, str(number)))
    return found
