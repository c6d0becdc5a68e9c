"""What stood at a map's elements then, or stands there for a persona: worked out anew from readings, terms,
rules and definitions as they held and were known.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal

from journeys.queries import Below, maps_below
from kpis.queries.bindings import Term, terms_as_of, terms_now
from kpis.queries.feedback_live import Said, said_then
from kpis.queries.horizon import refuse_beyond
from kpis.queries.live import Head, refreshed_at
from kpis.queries.live_asked import Asked
from kpis.queries.live_document import Places
from kpis.queries.live_json import Standing, Standings
from kpis.queries.live_tactical import Tactical, tactical_judged
from kpis.queries.state_judged import judged


def standings_judged(
    workspace_id: uuid.UUID,
    head: Head,
    asked: Asked,
    places: Places,
    floor: Decimal,
    shows: Callable[[Term], bool] = lambda term: True,
    *,
    tactical: bool = True,
    named: bool = True,
) -> tuple[Standings, Tactical]:
    """Return what stood at the map's elements then, or stands there for a persona, worked out anew, and how
    the maps below fared then, or do for that persona.

    A persona's figures are those of the instant at which any of the maps changed last: so that they, too,
    change with its revision and not without it. shows: which of all these bindings count. tactical: whether
    maps below are told; named: by their ids, too.
    """
    below = _below(workspace_id, head, asked, places) if tactical else []
    maps = [head.id, *(one.id for one in below)]
    instant = asked.instant or refreshed_at(workspace_id, maps)
    if instant is None:
        return {}, tactical_judged(below, {}, floor, named=named)
    refuse_beyond(workspace_id, asked.as_of, asked.known_at)
    terms = (
        terms_now(workspace_id=workspace_id, journey_map_ids=maps)
        if asked.instant is None
        else terms_as_of(
            workspace_id=workspace_id, journey_map_ids=maps, as_of=instant, known_at=asked.known_at
        )
    )
    found: dict[uuid.UUID, dict[uuid.UUID | None, Standing]] = {own: {} for own in maps}
    for one in judged(
        workspace_id=workspace_id,
        terms=[term for term in terms if shows(term)],
        at=instant,
        known_at=asked.known_at,
        live=asked.instant is None,
        seen_for=places.selector,
    ):
        standing = found[one.term.journey_map_id].setdefault(one.term.element_id, Standing())
        standing.entries += ("," if standing.entries else "") + one.text
        standing.parts.append(
            (one.state.judgement.status if one.state.has_rules else "unjudged", one.state.freshness)
        )
        if one.emotion is not None:
            standing.emotions.append(one.emotion)
    return found[head.id], tactical_judged(below, found, floor, named=named)


def heard_then(
    workspace_id: uuid.UUID,
    head: Head,
    asked: Asked,
    places: Places,
    shows: Callable[[Term], bool] = lambda term: True,
) -> Said:
    """Return what had been said by then, or is said now by those whom a persona stands for. shows: what was
    said to which bound KPIs is told. Two statements."""
    terms = (
        terms_now(workspace_id=workspace_id, journey_map_ids=[head.id])
        if asked.instant is None
        else terms_as_of(
            workspace_id=workspace_id,
            journey_map_ids=[head.id],
            as_of=asked.instant,
            known_at=asked.known_at,
        )
    )
    return said_then(
        workspace_id,
        head.id,
        [place.id for place in places.elements],
        [term for term in terms if shows(term)],
        as_of=asked.instant,
        known_at=asked.known_at,
        selector=places.selector,
    )


def _below(workspace_id: uuid.UUID, head: Head, asked: Asked, places: Places) -> list[Below]:
    """Return the maps below the touchpoints that are told of."""
    told = {place.id for place in places.elements if places.stage in (None, place.stage)}
    found = maps_below(workspace_id, head.id, at=asked.known_by)
    return [one for one in found if one.touchpoint in told]
