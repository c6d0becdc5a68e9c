"""All maps of a workspace side by side: eight statements, however many maps.

What a map is comes from the version that it published last, how it fares from the states of its bindings:
the roll-up of a map, and of a stage, is the one of its live map. A view of the overview shows of each map
what is left of its document by the view's projection, and the figures that stand there.

As of an instant the same is worked out anew, by a fixed number of statements as well. No history is kept of
keys of maps and of the names of those that had published nothing: they are those of now.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from journeys.document.comparison import word_of
from journeys.document.wording import STAGES, VocabularyEntry
from journeys.queries import stages_then, vocabularies
from journeys.queries.portfolio import MapSaid, StageSaid, portfolio
from kpis.queries.audience_shows import BROKEN_SOURCES, OPEN_FINDINGS, Shows
from kpis.queries.floors import Floors, floors
from kpis.queries.overview_told import BrokenSource, FigureSaid, Parts, Told, told_of
from kpis.queries.overview_told_then import told_then
from kpis.queries.points_plan import Clocks, known_by
from kpis.series.rollup import RollUp, roll_up

MOST_MAPS = 500
_ByElement = Mapping[uuid.UUID | None, Parts]
_Vocabularies = Mapping[str, tuple[str, Mapping[str, str]]]
"""By key what one is called, and its words."""


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
    """more: there are more maps than MOST_MAPS, which are not shown. clocks: as of when; None: now."""

    rows: Sequence[Row]
    matrices: Sequence[Matrix]
    more: bool
    clocks: Clocks | None = None


def overview(
    workspace_id: uuid.UUID, *, q: str = "", clocks: Clocks | None = None, limit: int = MOST_MAPS
) -> Overview:
    """Return the maps by name, now or as they were. q: part of the name, in any case.

    Raises BeyondRetention.
    """
    maps = portfolio(workspace_id, q=q, limit=limit + 1, at=known_by(clocks))
    shown = maps[:limit]
    ids = [one.id for one in shown]
    told = told_of(workspace_id, ids) if clocks is None else told_then(workspace_id, ids, clocks)
    known = _vocabularies(workspace_id, shown, clocks)
    return _side_by_side(workspace_id, shown, told, known, len(maps) > limit, clocks)


def overview_shown(
    workspace_id: uuid.UUID, shows: Shows, *, clocks: Clocks | None = None, limit: int = MOST_MAPS
) -> Overview:
    """Return what a view shows of published maps, by the names that they were published with, now or as they
    were.

    Neither keys nor numbers of versions are told, as they are not by a view of one map. Raises
    BeyondRetention.
    """
    maps = shows.journey_maps
    found = portfolio(workspace_id, limit=limit + 1, maps=maps, shows=shows.projection, at=known_by(clocks))
    shown = sorted(
        (
            replace(one, key=None, name=one.said.name, version=0, published_at=None)
            for one in found[:limit]
            if one.said is not None
        ),
        key=lambda one: (one.name, one.id),
    )
    elements = {element for one in shown for element in _elements(one) if element is not None}
    ids = [one.id for one in shown]
    if clocks is None:
        told = told_of(workspace_id, ids, kpis=shows.kpis, elements=elements)
    else:
        told = told_then(workspace_id, ids, clocks, kpis=shows.kpis, elements=elements)
    for one in told.values():
        if BROKEN_SOURCES in shows.unsaid:
            one.broken.clear()
        if OPEN_FINDINGS in shows.unsaid:
            one.findings.clear()
    known = _vocabularies(workspace_id, found, clocks)
    return _side_by_side(workspace_id, shown, told, known, len(found) > limit, clocks)


def _side_by_side(
    workspace_id: uuid.UUID,
    maps: Sequence[MapSaid],
    told: Mapping[uuid.UUID, Told],
    known: _Vocabularies,
    more: bool,
    clocks: Clocks | None,
) -> Overview:
    settled = floors(workspace_id, at=known_by(clocks))
    rows = [_row(one, told[one.id], settled.of(one.id)) for one in maps]
    return Overview(rows, _matrices(maps, told, known, settled), more, clocks)


def _vocabularies(workspace_id: uuid.UUID, maps: Sequence[MapSaid], clocks: Clocks | None) -> _Vocabularies:
    """Return the vocabularies of stages that hold, or held, as far as that is kept."""
    if clocks is None:
        entries = [found.entry for found in vocabularies(workspace_id, kind=STAGES)]
    else:
        kept: dict[str, tuple[datetime, VocabularyEntry]] = {}
        for one in maps:
            said, at = one.said, one.published_at
            if said is None or said.words is None or at is None:
                continue
            if said.vocabulary not in kept or kept[said.vocabulary][0] < at:
                kept[said.vocabulary] = at, said.words
        entries = list(stages_then(workspace_id, clocks.known_by, kept).values())
    return {entry.key: (entry.label, {word.key: word.label for word in entry.words}) for entry in entries}


def _row(one: MapSaid, told: Told, floor: Decimal) -> Row:
    placed = told.standings if one.said is None else _elements(one)
    in_breach = sum(status == "breach" for parts in told.standings.values() for status, _ in parts)
    return Row(
        one,
        _rolled(told.standings, placed, floor),
        in_breach,
        told.breaches,
        told.stalest,
        told.broken,
        told.findings,
    )


def _elements(one: MapSaid) -> list[uuid.UUID | None]:
    """Where figures of a published map stand; None is the map."""
    stages = one.said.stages if one.said is not None else ()
    return [None, *(element for stage in stages for element in (stage.id, *stage.touchpoints))]


def _rolled(standings: _ByElement, elements: Iterable[uuid.UUID | None], floor: Decimal) -> RollUp:
    return roll_up((part for element in elements for part in standings.get(element, ())), floor)


def _matrices(
    maps: Sequence[MapSaid],
    told: Mapping[uuid.UUID, Told],
    known: _Vocabularies,
    settled: Floors,
) -> list[Matrix]:
    """Of every vocabulary that is known and that two maps or more name."""
    named: dict[str, list[MapSaid]] = defaultdict(list)
    for one in maps:
        if one.said is not None and one.said.vocabulary in known:
            named[one.said.vocabulary].append(one)
    return [
        Matrix(
            key,
            *known[key],
            [_line(one, told[one.id].standings, known[key][1], settled.of(one.id)) for one in found],
        )
        for key, found in named.items()
        if len(found) > 1
    ]


def _line(
    one: MapSaid, standings: _ByElement, words: Mapping[str, str], floor: Decimal
) -> tuple[MapSaid, Mapping[str, Cell], int]:
    by_word: dict[str, list[StageSaid]] = defaultdict(list)
    for stage in one.said.stages if one.said is not None else ():
        by_word[word_of({"key": stage.key, "name": stage.name}, words)].append(stage)
    cells = {
        word: Cell(
            stages,
            _rolled(standings, [each for stage in stages for each in (stage.id, *stage.touchpoints)], floor),
        )
        for word, stages in by_word.items()
        if word in words
    }
    others = sum(len(stages) for word, stages in by_word.items() if word not in words)
    return one, cells, others
