"""All maps of a workspace side by side: seven statements, however many maps.

What a map is comes from the version that it published last, how it fares from the states of its bindings:
the roll-up of a map, and of a stage, is the one of its live map.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec

from journeys.document.comparison import word_of
from journeys.queries import vocabularies
from journeys.queries.portfolio import MapSaid, StageSaid, portfolio
from kpis.queries.sql import fetch, statement
from kpis.series.freshness import Freshness
from kpis.series.rollup import RollUp, roll_up
from kpis.series.status import Status

MOST_MAPS = 500
MOST_BREACHES = 10
_STANDINGS = statement("overview_standings")
_FIGURES = statement("overview_figures")
_SOURCES = statement("overview_sources")
_FINDINGS = statement("overview_findings")

Parts = list[tuple[Status, Freshness]]
_ByElement = Mapping[uuid.UUID | None, Parts]


class Period(msgspec.Struct, frozen=True):
    label: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """What is told of a live entry."""

    binding: uuid.UUID
    kpi: uuid.UUID
    key: str | None
    name: str
    labels: dict[str, str]
    unit: str
    currency: str | None
    value: Decimal | None
    status: str
    freshness: str
    since: str | None
    observed_at: datetime | None
    period: Period | None


@dataclass(frozen=True, slots=True)
class FigureSaid:
    """A figure and where it stands; element None: at the map."""

    element: uuid.UUID | None
    entry: Entry


@dataclass(frozen=True, slots=True)
class BrokenSource:
    id: uuid.UUID
    name: str
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A map and how it fares. breaches: the first of them; in_breach: how many there are, current or not."""

    map: MapSaid
    rolled: RollUp
    in_breach: int
    breaches: Sequence[FigureSaid]
    stalest: FigureSaid | None
    broken: Sequence[BrokenSource]
    findings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """How the stages of a map fare that bear one word of the vocabulary."""

    stages: Sequence[StageSaid]
    rolled: RollUp


@dataclass(frozen=True, slots=True)
class Matrix:
    """The maps that name one vocabulary of stages. cells: by map, by word. others: stages of no word."""

    vocabulary: str
    label: str
    words: Mapping[str, str]
    rows: Sequence[tuple[MapSaid, Mapping[str, Cell], int]]


@dataclass(frozen=True, slots=True)
class Overview:
    """more: there are more maps than MOST_MAPS, which are not shown."""

    rows: Sequence[Row]
    matrices: Sequence[Matrix]
    more: bool


@dataclass(slots=True)
class _Told:
    standings: dict[uuid.UUID | None, Parts] = field(default_factory=dict)
    breaches: list[FigureSaid] = field(default_factory=list)
    stalest: FigureSaid | None = None
    broken: list[BrokenSource] = field(default_factory=list)
    findings: dict[str, int] = field(default_factory=dict)


_entry = msgspec.json.Decoder(Entry)


def overview(workspace_id: uuid.UUID, *, q: str = "", limit: int = MOST_MAPS) -> Overview:
    """Return the maps by name. q: part of the name, in any case."""
    maps = portfolio(workspace_id, q=q, limit=limit + 1)
    shown = maps[:limit]
    told = _told(workspace_id, [one.id for one in shown])
    rows = [_row(one, told[one.id]) for one in shown]
    known = {
        found.entry.key: (found.entry.label, {word.key: word.label for word in found.entry.words})
        for found in vocabularies(workspace_id, kind="stages")
    }
    return Overview(rows, _matrices(shown, told, known), len(maps) > limit)


def _told(workspace_id: uuid.UUID, maps: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, _Told]:
    told: dict[uuid.UUID, _Told] = defaultdict(_Told)
    values = {"workspace": workspace_id, "maps": list(maps), "most": MOST_BREACHES}
    for own, element, statuses, freshness in fetch(_STANDINGS, values):
        told[own].standings[element] = list(zip(statuses, freshness, strict=True))
    for own, what, element, text in fetch(_FIGURES, values):
        figure = FigureSaid(element, _entry.decode(text))
        if what == "breach":
            told[own].breaches.append(figure)
        else:
            told[own].stalest = figure
    for own, name, source, last in fetch(_SOURCES, values):
        told[own].broken.append(BrokenSource(source, name, last))
    for own, severity, count in fetch(_FINDINGS, values):
        told[own].findings[severity] = count
    return told


def _row(one: MapSaid, told: _Told) -> Row:
    placed: Iterable[uuid.UUID | None] = told.standings
    if one.said is not None:
        elements = ((stage.id, *stage.touchpoints) for stage in one.said.stages)
        placed = [None, *(element for stage in elements for element in stage)]
    in_breach = sum(status == "breach" for parts in told.standings.values() for status, _ in parts)
    return Row(
        one,
        _rolled(told.standings, placed),
        in_breach,
        told.breaches,
        told.stalest,
        told.broken,
        told.findings,
    )


def _rolled(standings: _ByElement, elements: Iterable[uuid.UUID | None]) -> RollUp:
    return roll_up(part for element in elements for part in standings.get(element, ()))


def _matrices(
    maps: Sequence[MapSaid],
    told: Mapping[uuid.UUID, _Told],
    known: Mapping[str, tuple[str, Mapping[str, str]]],
) -> list[Matrix]:
    """Of every vocabulary that is known and that two maps or more name."""
    named: dict[str, list[MapSaid]] = defaultdict(list)
    for one in maps:
        if one.said is not None and one.said.vocabulary in known:
            named[one.said.vocabulary].append(one)
    return [
        Matrix(key, *known[key], [_line(one, told[one.id].standings, known[key][1]) for one in found])
        for key, found in named.items()
        if len(found) > 1
    ]


def _line(
    one: MapSaid, standings: _ByElement, words: Mapping[str, str]
) -> tuple[MapSaid, Mapping[str, Cell], int]:
    by_word: dict[str, list[StageSaid]] = defaultdict(list)
    for stage in one.said.stages if one.said is not None else ():
        by_word[word_of({"key": stage.key, "name": stage.name}, words)].append(stage)
    cells = {
        word: Cell(
            stages,
            _rolled(standings, [each for stage in stages for each in (stage.id, *stage.touchpoints)]),
        )
        for word, stages in by_word.items()
        if word in words
    }
    others = sum(len(stages) for word, stages in by_word.items() if word not in words)
    return one, cells, others
