"""Figures of whole periods held against their KPIs' plausibility bands, and what somebody confirmed of them.

Where no KPI that is asked for has such a band, nothing is asked and nothing is done.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Any

import msgspec

from kpis.queries.points_plan import FOREVER, Range, latest
from kpis.queries.sql import array, fetch, statement
from kpis.queries.state_rules import Meaning
from kpis.series.definition import Definition
from kpis.series.labels import labels_key
from kpis.series.plausibility_whole import LOOKBACK, lookback, without_suspects
from kpis.series.point import Point, Revision
from kpis.series.restated import Span

_CONFIRMED = statement("confirmed_figures")
_labels = msgspec.json.Decoder(dict[str, str])
_NOTHING: Mapping[Span, Decimal] = MappingProxyType({})
Subject = tuple[uuid.UUID, str]
"""A KPI and the canonical text of labels."""


class Holding:
    """Holds figures against their bands. until: what has settled by then is looked at."""

    def __init__(self, confirmed: Mapping[Subject, Mapping[Span, Decimal]], until: datetime) -> None:
        self._confirmed, self._until = confirmed, until

    def of(
        self, kpi_id: uuid.UUID, labels: str, meaning: Meaning, points: Sequence[Point]
    ) -> Sequence[Point]:
        """Return the points of one label set, what is not plausible as its doubt.

        points: in the periods of the KPI's definitions.
        """
        found: list[Point] = []
        for revision, same in groupby(points, key=lambda point: point.revision):
            found += self.of_one(kpi_id, labels, _definition(meaning, revision), list(same))
        return found

    def of_one(
        self, kpi_id: uuid.UUID, labels: str, definition: Definition, points: Sequence[Point]
    ) -> Sequence[Point]:
        """Return the points of one label set and one definition, in whose periods they are."""
        confirmed = self._confirmed.get((kpi_id, labels), _NOTHING)
        return without_suspects(definition, points, confirmed, until=self._until)


def holding(
    *,
    workspace_id: uuid.UUID,
    meant: Mapping[uuid.UUID, Meaning],
    kpi_ids: Iterable[uuid.UUID],
    until: datetime,
    known_at: datetime | None,
) -> Holding | None:
    """Return what holds the figures of these KPIs; None where none has such a band. One statement."""
    banded = {kpi_id for kpi_id in kpi_ids if is_held(meant[kpi_id])}
    if not banded:
        return None
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kpis": array(banded),
        "known_at": known_at or FOREVER,
    }
    confirmed: dict[Subject, dict[Span, Decimal]] = defaultdict(dict)
    for kpi_id, labels, start, end, value in fetch(_CONFIRMED, values):
        confirmed[kpi_id, labels_key(_labels.decode(labels))][start, end] = value
    return Holding(confirmed, until)


def is_held(meaning: Meaning) -> bool:
    """Say whether figures of whole periods are held against a band, by any of the KPI's definitions."""
    return any(
        one.whole_band is not None for one in (*meaning.by_measure.values(), *(meaning.own or {}).values())
    )


def _definition(meaning: Meaning, revision: Revision) -> Definition:
    return meaning.by_measure[revision] if isinstance(revision, int) else meaning.definition


def unheld(definition: Definition) -> Definition:
    """Return a definition whose figures are in other periods than those that its band speaks of.

    Single events beyond the bounds stay told; what is held of a period is of its own.
    """
    return replace(definition, plausibility=definition.reading_band)


def reach_further(within: Range | None, limit: int, kinds: Iterable[str]) -> tuple[Range | None, int]:
    """Return a range and a limit that have the periods, too, that say what is usual. kinds: of periods."""
    if within is None or within.since is None:
        return within, limit + LOOKBACK
    return Range(within.since - max(lookback(kind) for kind in kinds), within.until), limit + LOOKBACK


def asked_for(
    definition: Definition, points: Sequence[Point], within: Range | None, limit: int
) -> Sequence[Point]:
    """Return the points that were asked for, without those that only said what is usual."""
    if within is None or within.since is None:
        return latest(definition, points, limit)
    return [point for point in points if point.end > within.since]
