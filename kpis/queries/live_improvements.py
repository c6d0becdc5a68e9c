"""The improvements of a map as its live part tells them: at their elements, and where their KPIs are shown.

As of an instant those are there that had taken effect by then, and those that had been written down by then:
what was planned is shown as planned, and a later entry tells of the past.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from kpis.queries.bindings import Term, terms_as_of, terms_now
from kpis.queries.improvements import Known, known
from kpis.series.exact import encode
from kpis.series.live_parts import iso

Told = Callable[[Known], Known | None]
"""An improvement as it may be told; None where it may not."""


def improvements_shown(
    workspace_id: uuid.UUID,
    map_id: uuid.UUID,
    *,
    as_of: datetime | None,
    known_at: datetime | None,
    told: Told = lambda one: one,
) -> dict[uuid.UUID | None, str]:
    """Return by element (None: the map) the member `improvements` of its live group, as JSON text.

    as_of None: now. One statement, and one more where KPIs are aimed at.
    """
    found = [
        shown
        for one in known(workspace_id, known_at=known_at, journey_map=map_id)
        if (as_of is None or min(one.effective_at, one.written_at) <= as_of)
        and (shown := told(one)) is not None
    ]
    bound: dict[uuid.UUID, list[uuid.UUID | None]] = {}
    if any(one.aims for one in found):
        for term in _terms(workspace_id, map_id, as_of, known_at):
            bound.setdefault(term.kpi_id, []).append(term.element_id)
    members: dict[uuid.UUID | None, list[str]] = {}
    for one in found:
        text = _text(one)
        for place in dict.fromkeys(_places(one, bound)):
            members.setdefault(place, []).append(text)
    return {place: f'"improvements":[{",".join(texts)}]' for place, texts in members.items()}


def _terms(
    workspace_id: uuid.UUID, map_id: uuid.UUID, as_of: datetime | None, known_at: datetime | None
) -> list[Term]:
    if as_of is None:
        return terms_now(workspace_id=workspace_id, journey_map_ids=[map_id])
    return terms_as_of(workspace_id=workspace_id, journey_map_ids=[map_id], as_of=as_of, known_at=known_at)


def _places(one: Known, bound: dict[uuid.UUID, list[uuid.UUID | None]]) -> list[uuid.UUID | None]:
    """Its elements, and where its KPIs are shown; without either the map."""
    places: list[uuid.UUID | None] = [*one.elements]
    for aim in one.aims:
        places += bound.get(aim.kpi, [])
    return places or [None]


def _text(one: Known) -> str:
    told = {
        "id": str(one.id),
        "title": one.title,
        "at": iso(one.effective_at),
        "until": None if one.until is None else iso(one.until),
        "kpis": [str(kpi) for kpi in dict.fromkeys(aim.kpi for aim in one.aims)],
    }
    return encode(told).decode()
