"""What is told of maps beside their documents: how figures stand, which are in breach, what is broken.

Each is one statement, however many maps. What a view does not show is left out by the statements, so that
it takes no place among the first of anything.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from kpis.queries.sql import fetch, statement
from kpis.series.freshness import Freshness
from kpis.series.status import Status

MOST_BREACHES = 10
_STANDINGS = statement("overview_standings")
_FIGURES = statement("overview_figures")
_SOURCES = statement("overview_sources")
_FINDINGS = statement("overview_findings")

Parts = list[tuple[Status, Freshness]]


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


@dataclass(slots=True)
class Told:
    """Of one map. standings: by element, None is the map. breaches: the first of them."""

    standings: dict[uuid.UUID | None, Parts] = field(default_factory=dict)
    breaches: list[FigureSaid] = field(default_factory=list)
    stalest: FigureSaid | None = None
    broken: list[BrokenSource] = field(default_factory=list)
    findings: dict[str, int] = field(default_factory=dict)


_entry = msgspec.json.Decoder(Entry)


def entry_of(text: str) -> Entry:
    """Return what is told of a live entry, from its JSON text."""
    return _entry.decode(text)


def told_of(
    workspace_id: uuid.UUID,
    maps: Sequence[uuid.UUID],
    *,
    kpis: Collection[uuid.UUID] | None = None,
    elements: Collection[uuid.UUID] | None = None,
) -> Mapping[uuid.UUID, Told]:
    """Return by map what is told of it. kpis, elements: of these alone, and of the map as such; None: all."""
    told: dict[uuid.UUID, Told] = defaultdict(Told)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "maps": list(maps),
        "most": MOST_BREACHES,
        "kpis": None if kpis is None else sorted(kpis),
        "elements": None if elements is None else sorted(elements),
    }
    for own, element, statuses, freshness in fetch(_STANDINGS, values):
        told[own].standings[element] = list(zip(statuses, freshness, strict=True))
    for own, what, element, text in fetch(_FIGURES, values):
        figure = FigureSaid(element, entry_of(text))
        if what == "breach":
            told[own].breaches.append(figure)
        else:
            told[own].stalest = figure
    for own, name, source, last in fetch(_SOURCES, values):
        told[own].broken.append(BrokenSource(source, name, last))
    for own, severity, count in fetch(_FINDINGS, values):
        told[own].findings[severity] = count
    return told
