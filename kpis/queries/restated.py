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

from kpis.queries.points_plan import Clocks, SeriesRef
from kpis.queries.points_stock import given_bases
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

    What is told of one period of a stock changes those after it, up to the next base; one statement more.
    """
    asked = [(place, one, ids) for place, one in enumerate(settled) if (ids := _restated_series(one, meant))]
    found: list[Restated | None] = [None] * len(settled)
    if not asked:
        return found
    bases = _bases(workspace_id, [(one, ids) for _, one, ids in asked], meant, clocks)
    marks = _marks(workspace_id, [(one, ids) for _, one, ids in asked], bases, clocks)
    changed: list[tuple[int, Settled, Change]] = []
    for place, one, ids in asked:
        change = change_of(
            one.point,
            one.settled_at,
            [marks[series_id] for series_id in ids if series_id not in bases],
            [
                (base_of(bases[series_id], one.point), marks[series_id])
                for series_id in ids
                if series_id in bases
            ],
        )
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
        if series.restated_at is not None and series.restated_at > one.settled_at
    ]


def _bases(
    workspace_id: uuid.UUID,
    asked: Sequence[tuple[Settled, Sequence[int]]],
    meant: Mapping[uuid.UUID, Meaning],
    clocks: Clocks,
) -> dict[int, list[datetime]]:
    """When bases were given of the series over a stock; one statement, if there are any."""
    refs = {
        series.id: SeriesRef(series.id, series.measure, meant[kpi_id].by_measure[series.measure])
        for one, ids in asked
        for kpi_id, mine in one.chosen.series.items()
        for series in mine
        if series.id in ids and meant[kpi_id].by_measure[series.measure].stocked
    }
    given = given_bases(
        workspace_id=workspace_id,
        asked=[(one, clocks.recorded_by) for one in refs.values()],
        as_of=clocks.as_of,
    )
    return {series_id: [base.at for base in mine] for series_id, mine in zip(refs, given, strict=True)}


def base_of(bases: Sequence[datetime], point: Point) -> datetime:
    """Return when the base was given that a point over a stock stands on."""
    start = point.start or point.end
    return max((at for at in bases if at <= start), default=start)


def _marks(
    workspace_id: uuid.UUID,
    asked: Sequence[tuple[Settled, Sequence[int]]],
    bases: Mapping[int, Sequence[datetime]],
    clocks: Clocks,
) -> dict[int, list[Mark]]:
    """What was told otherwise in the stretch of each series that is asked for. One statement."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for one, ids in asked:
        for series_id in ids:
            start, end = base_of(bases.get(series_id, ()), one.point), one.point.end
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
    timed = list(series)
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
