"""What was told of maps at an instant, as it was known at another: the same as is told now, worked out anew.

Figures are judged as they are for the live map of then, all maps' at once. What is only noticed as it happens
(findings, sources that broke) is known from then on: of two instants the earlier one counts. A source is
called what it was called when it broke, as its finding says. A fixed number of statements, however many maps.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kpis.queries.bindings import Term, terms_as_of
from kpis.queries.horizon import refuse_beyond
from kpis.queries.overview_told import MOST_BREACHES, BrokenSource, FigureSaid, Told, entry_of
from kpis.queries.points_plan import Clocks
from kpis.queries.sql import array, fetch, statement
from kpis.queries.state_judged import Judged, judged
from kpis.series.finding import Subject
from kpis.series.labels import labels_key

_SOURCES = statement("overview_sources_then")
_SOURCE_NAMES = statement("source_names_then")
_FINDINGS = statement("overview_findings_then")
_labels = msgspec.json.Decoder(dict[str, str])


def told_then(
    workspace_id: uuid.UUID,
    maps: Sequence[uuid.UUID],
    clocks: Clocks,
    *,
    kpis: Collection[uuid.UUID] | None = None,
    elements: Collection[uuid.UUID] | None = None,
) -> Mapping[uuid.UUID, Told]:
    """Return by map what was told of it. kpis, elements: of these alone, and of the map as such; None: all.

    Raises BeyondRetention.
    """
    refuse_beyond(workspace_id, clocks.as_of, clocks.known_at)
    told: dict[uuid.UUID, Told] = defaultdict(Told)
    held = terms_as_of(
        workspace_id=workspace_id, journey_map_ids=maps, as_of=clocks.as_of, known_at=clocks.known_at
    )
    terms = [
        term
        for term in held
        if (kpis is None or term.kpi_id in kpis)
        and (elements is None or term.element_id is None or term.element_id in elements)
    ]
    oldest: dict[uuid.UUID, tuple[datetime, Judged]] = {}
    for one in judged(workspace_id=workspace_id, terms=terms, at=clocks.as_of, known_at=clocks.known_at):
        _take(told[one.term.journey_map_id], one)
        told_at, known = one.state.entry["observed_at"], oldest.get(one.term.journey_map_id)
        if isinstance(told_at, str):
            observed = datetime.fromisoformat(told_at)
            if known is None or observed < known[0]:
                oldest[one.term.journey_map_id] = observed, one
    for map_id, (_, one) in oldest.items():
        told[map_id].stalest = _figure(one)
    _tell_sources(workspace_id, terms, clocks, told)
    _tell_findings(workspace_id, terms, clocks, told)
    return told


def _take(told: Told, one: Judged) -> None:
    """Add a figure to what is told of its map."""
    status = one.state.judgement.status if one.state.has_rules else "unjudged"
    told.standings.setdefault(one.term.element_id, []).append((status, one.state.freshness))
    if status == "breach" and len(told.breaches) < MOST_BREACHES:
        told.breaches.append(_figure(one))


def _figure(one: Judged) -> FigureSaid:
    return FigureSaid(one.term.element_id, entry_of(one.text))


def _tell_sources(
    workspace_id: uuid.UUID, terms: Sequence[Term], clocks: Clocks, told: Mapping[uuid.UUID, Told]
) -> None:
    shown: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for term in terms:
        shown[term.kpi_id].add(term.journey_map_id)
    broken = fetch(_SOURCES, _asked(workspace_id, shown, clocks))
    subjects = sorted({Subject(source_id=source).key for _, _, source, _ in broken})
    asked = {"workspace": workspace_id, "subjects": subjects, "at": clocks.known_by}
    names = dict(fetch(_SOURCE_NAMES, asked))
    by_map: dict[uuid.UUID, set[BrokenSource]] = defaultdict(set)
    for kpi_id, name, source, last in broken:
        for map_id in shown[kpi_id]:
            by_map[map_id].add(BrokenSource(source, names.get(source) or name, last))
    for map_id, found in by_map.items():
        told[map_id].broken = sorted(found, key=lambda one: (one.name, one.id))


def _tell_findings(
    workspace_id: uuid.UUID, terms: Sequence[Term], clocks: Clocks, told: Mapping[uuid.UUID, Told]
) -> None:
    shown: dict[tuple[uuid.UUID, str], set[uuid.UUID]] = defaultdict(set)
    for term in terms:
        shown[term.kpi_id, labels_key(term.selector)].add(term.journey_map_id)
    counts: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    kpis = {kpi_id for kpi_id, _ in shown}
    for _, kpi_id, labels, severity in fetch(_FINDINGS, _asked(workspace_id, kpis, clocks)):
        for map_id in shown.get((kpi_id, labels_key(_labels.decode(labels))), ()):
            counts[map_id][severity] += 1
    for map_id, found in counts.items():
        told[map_id].findings = dict(found)


def _asked(workspace_id: uuid.UUID, kpis: Collection[uuid.UUID], clocks: Clocks) -> dict[str, Any]:
    return {"workspace": workspace_id, "kpis": array(kpis), "at": clocks.known_by}
