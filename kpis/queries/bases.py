"""The bases of a KPI over a stock, each held against the one before it and the flows between them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kpis.models.definitions import Kpi, Series
from kpis.queries.points_events import event_points
from kpis.queries.points_figures import figure_points
from kpis.queries.points_plan import Clocks, SeriesRef, Window
from kpis.queries.points_stock import Given, given_bases, over_stock, reach_of
from kpis.queries.readings import series_of_kpi
from kpis.queries.state_rules import meanings
from kpis.series.period import Period, period_of, periods_between
from kpis.series.point import Point
from kpis.series.stock import Check

_ALL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class CheckedBase:
    """A base as it was recorded last. check: what was expected of it."""

    series_id: int
    measure: int
    labels: Mapping[str, str]
    given: Given
    check: Check


def bases_of(
    row: Kpi, *, labels: Mapping[str, str] | None, as_of: datetime, known_at: datetime | None
) -> list[CheckedBase]:
    """Return the bases of the KPI's series (None: of all), series by series, oldest first.

    Six statements at most, however many bases there are.
    """
    return _checked(
        row.workspace_id, series_of_kpi(row.workspace_id, row.id, labels), Clocks(as_of, known_at)
    )


def last_bases(
    *, workspace_id: uuid.UUID, told: Mapping[uuid.UUID, Collection[str]], as_of: datetime
) -> dict[tuple[uuid.UUID, str], CheckedBase]:
    """Return the last base of each label set that has one, by KPI and canonical labels.

    told: the label sets that are asked for, by KPI. Six statements at most, however many there are.
    """
    labels = {one for mine in told.values() for one in mine}
    rows = Series.objects.filter(workspace_id=workspace_id, kpi_id__in=told, labels_key__in=labels)
    every = [one for one in rows.order_by("id") if one.labels_key in told[one.kpi_id]]
    found = _checked(workspace_id, every, Clocks(as_of, None), last=2)
    found.sort(key=lambda one: (one.measure, one.given.at))
    by_id = {one.id: (one.kpi_id, one.labels_key) for one in every}
    return {by_id[one.series_id]: one for one in found}


def _checked(
    workspace_id: uuid.UUID, series: Sequence[Series], clocks: Clocks, last: int = 0
) -> list[CheckedBase]:
    """The bases of series of any KPIs, or the last so many of each."""
    kpi_ids = {one.kpi_id for one in series}
    meant = meanings(workspace_id=workspace_id, kpi_ids=kpi_ids, as_of=clocks.as_of, known_at=clocks.known_at)
    found = [one for one in series if one.revision in meant[one.kpi_id].by_measure]
    refs = [SeriesRef(one.id, one.revision, meant[one.kpi_id].by_measure[one.revision]) for one in found]
    asked = [(one, clocks.recorded_by) for one in refs]
    given = given_bases(workspace_id=workspace_id, asked=asked, as_of=clocks.as_of)
    based = [(one, ref, mine[-last:]) for one, ref, mine in zip(found, refs, given, strict=True) if mine]
    windows = [_between(ref, mine) for _, ref, mine in based]
    checks = _checks(workspace_id, windows, [mine for _, _, mine in based], clocks)
    return [
        CheckedBase(one.id, one.revision, one.labels, base, check)
        for (one, _, mine), checked in zip(based, checks, strict=True)
        for base, check in zip(mine, checked, strict=True)
    ]


def _checks(
    workspace_id: uuid.UUID, windows: Sequence[Window], given: Sequence[Sequence[Given]], clocks: Clocks
) -> list[list[Check]]:
    reaches = reach_of(workspace_id=workspace_id, windows=windows, given=given, clocks=clocks)
    events = [one for one in windows if one.series.definition.holds == "events"]
    figures = [one for one in windows if one.series.definition.holds != "events"]
    flows: dict[int, list[Point]] = {}
    if events:
        flows |= event_points(workspace_id=workspace_id, windows=events, clocks=clocks)
    if figures:
        flows |= figure_points(workspace_id=workspace_id, windows=figures, clocks=clocks, limit=_ALL)
    return [over_stock(reach, flows.get(reach.window.series.id, []), clocks)[1] for reach in reaches]


def _between(series: SeriesRef, given: Sequence[Given]) -> Window:
    """From the period of the first base to that of the last; of events, what lies between two as one
    stretch."""
    kind, zone = series.definition.period, series.definition.zone
    assert kind is not None
    own = dict.fromkeys(period_of(one.at, kind, zone) for one in given)
    periods: list[Period] = []
    for period in own:
        if periods and periods[-1].end < period.start:
            if series.definition.holds == "events":
                periods.append(Period(periods[-1].end, period.start, kind, zone))
            else:
                periods += periods_between(periods[-1].end, period.start, kind, zone)
        periods.append(period)
    return Window(series, tuple(periods), periods[0].start, periods[-1].end)
