"""What people said, as live maps show it: how many at each place, and the latest few."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from kpis.queries.bindings import Term
from kpis.queries.points_plan import FOREVER
from kpis.queries.sql import fetch, statement
from kpis.series.exact import encode
from kpis.series.labels import EVERY
from kpis.series.live_parts import iso

_NOW = statement("live_feedback")
_THEN = statement("live_feedback_then")


@dataclass(slots=True)
class Heard:
    """What was said at one element. latest: objects as JSON text."""

    n: int = 0
    latest: list[str] = field(default_factory=list)


Said = Mapping[uuid.UUID | None, Heard]
"""By element; None is the map."""


def said_now(
    workspace_id: uuid.UUID, map_id: uuid.UUID, *, kpis: Sequence[uuid.UUID] | None = None
) -> dict[uuid.UUID | None, Heard]:
    """Return what is said at a map's elements now; of KPIs only what is said to `kpis`. One statement."""
    found: dict[uuid.UUID | None, Heard] = {}
    asked = {"workspace": workspace_id, "map": map_id, "kpis": None if kpis is None else list(kpis)}
    for element, n, latest in fetch(_NOW, asked):
        heard = found.setdefault(element, Heard())
        heard.n += n
        heard.latest.append(latest)
    return found


def said_then(
    workspace_id: uuid.UUID,
    map_id: uuid.UUID,
    elements: Iterable[uuid.UUID],
    terms: Iterable[Term],
    *,
    as_of: datetime | None,
    known_at: datetime | None,
    selector: Mapping[str, str],
) -> dict[uuid.UUID | None, Heard]:
    """Return what had been said by `as_of`, as known at `known_at`, by those whom `selector` names.

    terms: the bindings that held; a KPI that is bound whole shows what was said to it. One statement.
    """
    places: list[tuple[uuid.UUID | None, uuid.UUID]] = [(None, map_id), *((one, one) for one in elements)]
    places += dict.fromkeys(
        (term.element_id, term.kpi_id)
        for term in terms
        if term.journey_map_id == map_id and all(value == EVERY for value in term.selector.values())
    )
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "elements": [element for element, _ in places],
        "subjects": [subject for _, subject in places],
        "as_of": as_of or FOREVER,
        "known_at": known_at or FOREVER,
        "labels": encode({name: value for name, value in selector.items() if value != EVERY}).decode(),
    }
    found: dict[uuid.UUID | None, Heard] = {}
    counted: set[tuple[uuid.UUID | None, uuid.UUID]] = set()
    for element, subject, n, id, text, score, sentiment, channel, observed_at in fetch(_THEN, values):
        heard = found.setdefault(element, Heard())
        if (element, subject) not in counted:
            counted.add((element, subject))
            heard.n += n
        said = {"id": id, "text": text, "score": score, "sentiment": sentiment, "channel": channel}
        heard.latest.append(encode(said | {"observed_at": iso(observed_at)}).decode())
    return found


def members(said: Said, *, without: Collection[str] = ()) -> dict[uuid.UUID | None, str]:
    """Return by element the member `feedback` of its live group, as JSON text. without: members that are
    not told of what was said."""
    told = {}
    for element, heard in said.items():
        latest = ",".join(heard.latest)
        if without:
            all_ = msgspec.json.decode(f"[{latest}]")
            kept = [{name: value for name, value in one.items() if name not in without} for one in all_]
            latest = encode(kept).decode()[1:-1]
        told[element] = f'"feedback":{{"n":{heard.n},"latest":[{latest}]}}'
    return told
