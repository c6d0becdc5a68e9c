"""The live part of a map as JSON text: entries that are text already, joined under their places.

{"live": {"map": {…}, "<element id>": {"status", "worst", "coverage", "counts", "emotion", "kpis"}},
 "unplaced": [{"element": id, "kpis": […]}]}; a touchpoint with maps below it has "tactical" besides, a place
where something was said "feedback", and where something was changed "improvements".

A stage, and the map, also roll up what stands below them. Nothing here parses an entry.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from kpis.queries.live_document import Place, Places
from kpis.queries.live_tactical import NO_TACTICAL, Tactical
from kpis.series.exact import ZERO, encode, plain
from kpis.series.freshness import Freshness
from kpis.series.rollup import FLOOR, roll_up
from kpis.series.status import Status

_DIGITS = Decimal("0.0001")


@dataclass(slots=True)
class Standing:
    """What is bound at one element: entries as JSON text, joined by commas, and what they say in short.

    parts: `unjudged` where there are no rules, whether there is a figure or not.
    """

    entries: str = ""
    parts: list[tuple[Status, Freshness]] = field(default_factory=list)
    emotions: list[Decimal] = field(default_factory=list)


Parts = tuple[tuple[Status, Freshness], ...]
Standings = Mapping[uuid.UUID | None, Standing]
"""By element; None is the map."""

_NOTHING = Standing()
NO_MORE: Mapping[uuid.UUID | None, str] = {}


def live_json(
    standings: Standings,
    places: Places,
    tactical: Tactical = NO_TACTICAL,
    floor: Decimal = FLOOR,
    more: Mapping[uuid.UUID | None, str] = NO_MORE,
) -> bytes:
    """Return the members `"live": {…},"unplaced": […]` of a version whose elements are `places`.

    more: by element (None: the map) further members of its group, as JSON text.
    floor: the share of figures with rules that must be judged for a roll-up to have a status.
    """
    below: dict[uuid.UUID, list[uuid.UUID]] = {}
    for place in places.elements:
        below.setdefault(place.stage or place.id, []).append(place.id)
    everything = [standings.get(place.id, _NOTHING) for place in places.elements]
    whole = standings.get(None, _NOTHING)
    felt = [place.drawn for place in places.elements if place.stage is not None]
    groups = ['"map":' + _group(whole, [whole, *everything], _mean_drawn(felt), floor, more.get(None, ""))]
    for place in places.elements:
        if places.stage is not None and places.stage not in (place.id, place.stage):
            continue
        own = standings.get(place.id, _NOTHING)
        under = [standings.get(one, _NOTHING) for one in below[place.id]] if place.stage is None else [own]
        below_it = ",".join(filter(None, (tactical.get(place.id), more.get(place.id))))
        if place.drawn is not None or below_it or any(standing.entries for standing in under):
            groups.append(f'"{place.id}":' + _group(own, under, place.drawn, floor, below_it))
    return f'"live":{{{",".join(groups)}}},"unplaced":[{_unplaced(standings, places.elements)}]'.encode()


def joined(*members: Mapping[uuid.UUID | None, str]) -> dict[uuid.UUID | None, str]:
    """Return the members of each place together."""
    found: dict[uuid.UUID | None, str] = {}
    for texts in members:
        for place, text in texts.items():
            found[place] = f"{found[place]},{text}" if place in found else text
    return found


def _group(
    own: Standing, under: Sequence[Standing], drawn: float | None, floor: Decimal, more: str = ""
) -> str:
    parts = tuple(part for standing in under for part in standing.parts)
    measured = _mean([value for standing in under for value in standing.emotions])
    return f'{_said(parts, drawn, measured, floor)},{more and more + ","}"kpis":[{own.entries}]}}'


@lru_cache(maxsize=4096)
def _said(parts: Parts, drawn: float | None, measured: Decimal | None, floor: Decimal) -> str:
    """What goes before the entries; of a map's touchpoints most say one of a few things."""
    rolled = roll_up(parts, floor)
    said = {
        "status": rolled.status,
        "worst": rolled.worst,
        "coverage": rolled.coverage,
        "counts": {name: count for name, count in rolled.counts.items() if count},
        "emotion": {"drawn": drawn, "measured": measured},
    }
    return encode(said).decode()[:-1]


def _unplaced(standings: Standings, placed: Iterable[Place]) -> str:
    known = {place.id for place in placed}
    homeless = [element for element in standings if element is not None and element not in known]
    return ",".join(
        f'{{"element":"{element}","kpis":[{standings[element].entries}]}}' for element in sorted(homeless)
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    if not values:
        return None
    mean = sum(values, ZERO) / len(values)
    return plain(mean.quantize(_DIGITS, ROUND_HALF_EVEN))


def _mean_drawn(felt: Sequence[float | None]) -> float | None:
    signed = [value for value in felt if value is not None]
    return round(sum(signed) / len(signed), 4) if signed else None
