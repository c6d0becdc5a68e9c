"""The live map: a version as of T, and what was measured as of T, as known at K.

Now: the version published last and the states kept per binding. Then: the same entries worked out anew from
readings, terms, rules and definitions as they held and were known, by the same pure function. Either way a
fixed number of statements.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from journeys import queries as journeys
from journeys.models import Version
from kpis.queries.feedback_live import Said, members, said_now
from kpis.queries.live import Head, standings_now
from kpis.queries.live_asked import Asked, floor_asked, version_asked
from kpis.queries.live_document import Places, places_of
from kpis.queries.live_improvements import improvements_shown
from kpis.queries.live_json import joined, live_json
from kpis.queries.live_tactical import NO_TACTICAL, tactical_now
from kpis.queries.live_then import heard_then, standings_judged
from kpis.series.exact import encode
from kpis.series.live_parts import iso


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
