"""The live map: a version as of T, and what was measured as of T, as known at K.

Now: the version published last and the states kept per binding. Then: the same entries worked out anew from
readings, terms, rules and definitions as they held and were known, by the same pure function. Either way a
fixed number of statements.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from journeys import queries as journeys
from journeys.models import JourneyMap, Version
from journeys.queries import Below, maps_below
from kpis.queries.bindings import Term, terms_as_of, terms_now
from kpis.queries.feedback_live import Said, members, said_now, said_then
from kpis.queries.floors import floors
from kpis.queries.horizon import refuse_beyond
from kpis.queries.live import Head, refreshed_at, standings_now
from kpis.queries.live_document import Places, places_of
from kpis.queries.live_improvements import improvements_shown
from kpis.queries.live_json import Standing, Standings, joined, live_json
from kpis.queries.live_tactical import NO_TACTICAL, Tactical, tactical_judged, tactical_now
from kpis.queries.state_judged import judged
from kpis.series.exact import encode
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


@dataclass(frozen=True, slots=True)
class LiveMap:
    """A version and its live part; `document` and `part` are JSON, ready to go out.

    digest: of the document that is shown. view: whose view of the map it is, None where all is shown.
    dated: whether it tells which version it is, and since when.
    """

    map_id: uuid.UUID
    asked: Asked
    version: Version
    document: bytes
    part: bytes
    places: Places
    digest: bytes
    view: uuid.UUID | None = None
    dated: bool = True

    def json(self) -> bytes:
        """Return the whole as JSON. Nothing in it tells when it was asked for."""
        asked = self.asked
        head = {
            **({} if self.view is None else {"view": str(self.view)}),
            "map": {"id": str(self.map_id), "name": self.places.name},
            "version": self.version.number if self.dated else None,
            "published_at": iso(self.version.published_at) if self.dated else None,
            "as_of": iso(asked.as_of) if asked.as_of else None,
            "known_at": iso(asked.known_at) if asked.known_at else None,
            "persona": str(self.places.persona) if self.places.persona else None,
            "stage": str(self.places.stage) if self.places.stage else None,
            **({"explain": explained_at(asked)} if self.view is None else {}),
        }
        return b"".join((encode(head)[:-1], b',"document":', self.document, b",", self.part, b"}"))


def explained_at(asked: Asked) -> str:
    """Return where entries are explained: `{…}` are members of the entry, labels as JSON text.

    One template for all of them, as entries are kept as text. Seen for a persona, or then, the labels of a
    binding may be others than its own now.
    """
    said = [
        f"&{name}={iso(at)}" for name in ("as_of", "known_at") if (at := getattr(asked, name)) is not None
    ]
    return "".join(["/v1/kpis/{kpi}/explain?binding={binding}&labels={labels}", *said])


def live_map(workspace_id: uuid.UUID, head: Head, asked: Asked) -> LiveMap:
    """Return what was asked for. Raises NotFound: not published by then, no such version, persona, stage;
    BeyondRetention."""
    version = version_asked(workspace_id, head, asked)
    document, digest = journeys.version_bytes(version), bytes(version.digest)
    places = places_of(digest, document, persona=asked.persona, stage=asked.stage)
    improved = improvements_shown(workspace_id, head.id, as_of=asked.instant, known_at=asked.known_at)
    floor = floor_asked(workspace_id, head, asked)
    if asked.instant is None and not places.selector:
        tactical = tactical_now(workspace_id, head.id, floor) if head.detailed else NO_TACTICAL
        said: Said = said_now(workspace_id, head.id)
        more = joined(members(said), improved)
        part = live_json(standings_now(workspace_id, head.id), places, tactical, floor, more)
    else:
        standings, tactical = standings_judged(workspace_id, head, asked, places, floor)
        said = heard_then(workspace_id, head, asked, places)
        part = live_json(standings, places, tactical, floor, joined(members(said), improved))
    return LiveMap(head.id, asked, version, document, part, places, digest)


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
