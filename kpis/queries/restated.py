"""Which figures were told otherwise after they had settled, and what they were: three statements at most.

Of series that nobody restated there is none: that stands with the series. The figures as they were are
worked out as all others, by what was known just before, whatever they are made of.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpis.queries.points_plan import Clocks
from kpis.queries.sql import array, execute, fetch, statement
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected
from kpis.queries.state_then import Then, points_then
from kpis.series.definition import Definition
from kpis.series.freshness import GRACE_S
from kpis.series.point import Point
from kpis.series.restated import Change, Mark, Restated, change_of, restated

_MARKS = statement("restatements")
_REBUILD = statement("rebuild_restatements")


@dataclass(frozen=True, slots=True)
class Settled:
    """A figure that has settled: of which series it is made, and since when it may be judged."""

    chosen: Selected
    point: Point
    settled_at: datetime


def restated_of(
    *, workspace_id: uuid.UUID, settled: Sequence[Settled], meant: Mapping[uuid.UUID, Meaning], clocks: Clocks
) -> list[Restated | None]:
    """Return of each figure what it was when it was first shown, in their order; None where it is the same.

    Of KPIs over a stock nothing is said here, as what is told of one period changes those after it.
    """
    asked = [(place, one, ids) for place, one in enumerate(settled) if (ids := _restated_series(one, meant))]
    found: list[Restated | None] = [None] * len(settled)
    if not asked:
        return found
    marks = _marks(workspace_id, [(one, ids) for _, one, ids in asked], clocks)
    changed: list[tuple[int, Settled, Change]] = []
    for place, one, ids in asked:
        change = change_of(one.point, one.settled_at, [marks[series_id] for series_id in ids])
        if change is not None:
            changed.append((place, one, change))
    then = [Then(one.chosen, one.point.start, one.point.end, change.known_at) for _, one, change in changed]
    were = points_then(workspace_id=workspace_id, asked=then, meant=meant, as_of=clocks.as_of)
    for (place, one, change), was in zip(changed, were, strict=True):
        found[place] = restated(one.point, was, change)
    return found


def _restated_series(one: Settled, meant: Mapping[uuid.UUID, Meaning]) -> list[int]:
    """The series of a figure of which something was told otherwise since it settled."""
    return [
        series.id
        for kpi_id, mine in one.chosen.series.items()
        for series in mine
        if series.restated_at is not None
        and series.restated_at > one.settled_at
        and not meant[kpi_id].definition.stocked
    ]


def _marks(
    workspace_id: uuid.UUID, asked: Sequence[tuple[Settled, Sequence[int]]], clocks: Clocks
) -> dict[int, list[Mark]]:
    """What was told otherwise in the stretch of each series that is asked for. One statement."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for one, ids in asked:
        start, end = one.point.start or one.point.end, one.point.end
        for series_id in ids:
            since, until = spans.get(series_id, (start, end))
            spans[series_id] = min(since, start), max(until, end)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "ids": list(spans),
        "sinces": [since for since, _ in spans.values()],
        "untils": [until for _, until in spans.values()],
        "known_at": clocks.recorded_by,
    }
    found: dict[int, list[Mark]] = defaultdict(list)
    for series_id, *mark in fetch(_MARKS, values):
        found[series_id].append(Mark(*mark))
    return found


def rebuild_restatements(*, workspace_id: uuid.UUID, series: Collection[tuple[int, Definition]]) -> None:
    """Work the marks of series that have none out of their readings."""
    timed = [(series_id, one) for series_id, one in series if not one.stocked]
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "ids": array(series_id for series_id, _ in timed),
        "periods": [one.period for _, one in timed],
        "zones": [one.zone for _, one in timed],
        "settles": [one.settle_s for _, one in timed],
        "graces": [GRACE_S.get(one.period or "", 0) for _, one in timed],
    }
    if timed:
        execute(_REBUILD, values)
