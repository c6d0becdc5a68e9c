"""Rollups: sums per day of event series, so that a year of answers is read as 365 rows.

A write marks its days dirty in its own transaction (`rollups_dirty`). `rebuild_dirty` works out the sums of
dirty days that are over, under the locks of their series, and clears the marks. A read takes rollups of clean
days and the readings of dirty ones, so a late rebuild makes it slower, never wrong.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection

from kpis.actions.readings_series import lock_series
from kpis.actions.rollups_dirty import DUE_KIND
from kpis.queries.definitions import definition_of
from kpis.queries.points_plan import FOREVER, Clocks, SeriesRef, Window
from kpis.queries.points_sums import Part, load_parts
from kpis.queries.sql import statement
from kpis.series.exact import encode
from kpis.series.period import Period, period_of, periods_between
from kpis.series.sums import Sums, combine
from kpis.series.tally import write_tally
from service.due import Claim, LeaseLost, claim_due, finish
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
DAYS = 500
# A mark that was set while its appointment was being kept is found at the latest then.
HEARTBEAT = timedelta(hours=6)
_TAKE = statement("take_dirty")
_CLEAR = statement("clear_dirty")
_STORE = {size: statement("store_rollups").format(table=f"rollup_{size}") for size in ("hour", "day")}
_NEXT = "SELECT min(end_at) FROM dirty_day WHERE workspace_id = %s"


@dataclass(frozen=True, slots=True)
class _Day:
    series: SeriesRef
    start: datetime
    end: datetime


def rebuild_due(*, at: datetime, limit: int = 20) -> int:
    """Rebuild dirty days of up to `limit` workspaces whose turn it is; return how many had theirs."""
    claims = claim_due(kind=DUE_KIND, limit=limit, lease=LEASE, at=at)
    for claim in claims:
        _keep(claim, at)
    return len(claims)


def _keep(claim: Claim, at: datetime) -> None:
    try:
        with workspace_transaction(claim.workspace_id):
            rebuild_dirty(workspace_id=claim.workspace_id, limit=DAYS, at=at)
            finish(claim, next_due_at=_next(claim.workspace_id, at))
    except LeaseLost:
        log.info("lease of the rollups of %s ran out; whoever holds it now rebuilds", claim.workspace_id)


def _next(workspace_id: uuid.UUID, at: datetime) -> datetime:
    """Return when to look again: now if days are left, when the first dirty day is over, or some time."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [workspace_id])
        (ends_at,) = cursor.fetchone()
    return at + HEARTBEAT if ends_at is None else min(max(ends_at, at), at + HEARTBEAT)


def rebuild_dirty(*, workspace_id: uuid.UUID, limit: int, at: datetime) -> int:
    """Rebuild up to `limit` dirty days that are over at `at`; return how many there were.

    Runs in the caller's transaction, which then holds the locks of their series.
    """
    days = list(_dirty(workspace_id, limit, at))
    if not days:
        return 0
    lock_series(workspace_id=workspace_id, series_ids={day.series.id for day in days})
    rows = _rollups(workspace_id, days, at)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "series": [day.series.id for day in days],
        "starts": [day.start for day in days],
        "ends": [day.end for day in days],
    }
    with connection.cursor() as cursor:
        for size, found in rows.items():
            cursor.execute(_STORE[size], {**values, "rows": encode(found).decode()})
        cursor.execute(_CLEAR, values)
    return len(days)


def _dirty(workspace_id: uuid.UUID, limit: int, at: datetime) -> Iterator[_Day]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"workspace": workspace_id, "at": at, "limit": limit})
        rows = cursor.fetchall()
    for series_id, start, end, revision, text in rows:
        series = SeriesRef(series_id, revision, definition_of(text))
        yield _Day(series, start.astimezone(UTC), end.astimezone(UTC))


def _rollups(
    workspace_id: uuid.UUID, days: Sequence[_Day], at: datetime
) -> dict[str, list[dict[str, object]]]:
    """Return the rows of each table: hours only of KPIs by the hour, days of all."""
    windows = [_window(run) for run in _runs(days)]
    # By all that was recorded until forever, so that readings are read and no rollup is.
    parts = load_parts(workspace_id=workspace_id, windows=windows, clocks=Clocks(at, FOREVER))
    by_period: dict[tuple[int, Period], list[Part]] = defaultdict(list)
    for place, (window, told) in enumerate(zip(windows, parts, strict=True)):
        for part in told:
            by_period[place, window.periods[part.bucket - 1]].append(part)
    rows: dict[str, list[dict[str, object]]] = {"hour": [], "day": []}
    by_day: dict[tuple[int, Period], list[tuple[Sums, datetime]]] = defaultdict(list)
    for (place, period), found in by_period.items():
        series = windows[place].series
        sums = combine(part.sums for part in found)
        observed_at = max(part.observed_at for part in found)
        day = period
        if period.kind == "hour":
            rows["hour"].append(_row(series.id, period, sums, observed_at))
            day = period_of(period.start, "day", period.zone)
        by_day[place, day].append((sums, observed_at))
    for (place, day), hours in by_day.items():
        sums = combine(part for part, _ in hours)
        rows["day"].append(_row(windows[place].series.id, day, sums, max(seen for _, seen in hours)))
    return rows


def _runs(days: Sequence[_Day]) -> Iterator[list[_Day]]:
    """Split days, in order, where the series changes or a day lies between two."""
    for _, mine in groupby(days, key=lambda day: day.series.id):
        run: list[_Day] = []
        for day in mine:
            if run and run[-1].end != day.start:
                yield run
                run = []
            run.append(day)
        yield run


def _window(run: Sequence[_Day]) -> Window:
    series = run[0].series
    kind = "hour" if series.definition.period == "hour" else "day"
    periods = tuple(periods_between(run[0].start, run[-1].end, kind, series.definition.zone))
    return Window(series, periods, run[0].start, run[-1].end)


def _row(series_id: int, period: Period, sums: Sums, observed_at: datetime) -> dict[str, object]:
    columns = {field: getattr(sums, field) for field in _COLUMNS}
    return {
        "series_id": series_id,
        "start_at": period.start,
        "end_at": period.end,
        "observed_at": observed_at,
        **columns,
        "tally": write_tally(sums.tally),
    }


_COLUMNS = (
    "numerator",
    "denominator",
    "n",
    "counts",
    "total",
    "last",
    "last_at",
)
