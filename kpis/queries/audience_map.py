"""The live map as a view shows it: the projected document, and the figures of what is in it.

Whatever is not shown takes part in nothing: not in a roll-up, not in a count, not in "updated at".
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from journeys import queries as journeys
from journeys.document.canonical import canonical
from journeys.document.projection import EVERYTHING, Projection, project
from journeys.document.validate import parse
from journeys.models import Version
from kpis.queries.audience_shows import Shows
from kpis.queries.bindings import Term
from kpis.queries.feedback_live import Said, members, said_now
from kpis.queries.live import Head, standings_shown
from kpis.queries.live_asked import Asked, floor_asked, version_asked
from kpis.queries.live_document import Places, places_of
from kpis.queries.live_improvements import improvements_shown
from kpis.queries.live_json import NO_MORE, Standings, joined, live_json
from kpis.queries.live_map import LiveMap
from kpis.queries.live_tactical import NO_TACTICAL, Tactical, tactical_now
from kpis.queries.live_then import heard_then, standings_judged
from service.kept import Kept


@dataclass(frozen=True, slots=True)
class _Projected:
    document: bytes
    digest: bytes


_projected: Kept[tuple[bytes, Projection], _Projected] = Kept(
    64 * 1024 * 1024, lambda found: len(found.document)
)


@dataclass(frozen=True, slots=True)
class SeenMap:
    """live: what the view shows. refreshed_at: when a figure that it shows changed last, None then."""

    live: LiveMap
    refreshed_at: datetime | None


def seen_map(
    workspace_id: uuid.UUID, view_id: uuid.UUID, head: Head, asked: Asked, shows: Shows, *, dated: bool
) -> SeenMap:
    """Return what was asked for as the view shows it. Raises NotFound as `live_map` does."""
    version = version_asked(workspace_id, head, asked)
    found = _document(version, shows.projection)
    places = places_of(found.digest, found.document, persona=asked.persona, stage=asked.stage)
    floor = floor_asked(workspace_id, head, asked)
    standings, tactical, refreshed = _standings(workspace_id, head, asked, shows, places, floor)
    here = {place.id for place in places.elements}
    improved = improvements_shown(
        workspace_id,
        head.id,
        as_of=asked.instant,
        known_at=asked.known_at,
        told=lambda one: shows.improvement(one, here),
    )
    told = {place: shows.told(one) for place, one in standings.items()}
    more = joined(_said(workspace_id, head, asked, shows, places), improved)
    part = live_json(told, places, tactical, floor, more)
    live = LiveMap(
        head.id, asked, version, found.document, part, places, found.digest, view=view_id, dated=dated
    )
    return SeenMap(live, refreshed)


def _document(version: Version, projection: Projection) -> _Projected:
    """The projected bytes, made once per version and projection."""
    own = bytes(version.digest)
    if projection == EVERYTHING:
        return _Projected(journeys.version_bytes(version), own)
    key = own, projection
    if (found := _projected.get(key)) is None:
        document = canonical(project(parse(journeys.version_bytes(version)), projection))
        found = _projected.put(key, _Projected(document, sha256(document).digest()))
    return found


def _standings(
    workspace_id: uuid.UUID, head: Head, asked: Asked, shows: Shows, places: Places, floor: Decimal
) -> tuple[Standings, Tactical, datetime | None]:
    """What stands where the view shows something, how the maps below fare where the view tells of them, and
    when what stands changed last (None of a past)."""
    here: set[uuid.UUID | None] = {None, *(place.id for place in places.elements)}

    def is_shown(term: Term) -> bool:
        placed = term.element_id in here or term.journey_map_id != head.id
        return placed and shows.has(term.kpi_id)

    if asked.instant is not None or places.selector:
        found, tactical = standings_judged(
            workspace_id, head, asked, places, floor, is_shown, tactical=shows.tactical, named=False
        )
        return found, tactical, None
    standings, refreshed = standings_shown(workspace_id, head.id, shows.kpi_list)
    kept = {place: standing for place, standing in standings.items() if place in here}
    told = NO_TACTICAL
    if shows.tactical and head.detailed:
        told = tactical_now(workspace_id, head.id, floor, kpis=shows.kpi_list, named=False)
    return kept, told, max((refreshed[place] for place in kept), default=None)


def _said(
    workspace_id: uuid.UUID, head: Head, asked: Asked, shows: Shows, places: Places
) -> Mapping[uuid.UUID | None, str]:
    """What people said, where the view shows it: at what it shows, and to the KPIs that it shows."""
    if not shows.says:
        return NO_MORE
    if asked.instant is None and not places.selector:
        found: Said = said_now(workspace_id, head.id, kpis=shows.kpi_list)
    else:
        found = heard_then(workspace_id, head, asked, places, lambda term: shows.has(term.kpi_id))
    return members(found, without=shows.untold)
