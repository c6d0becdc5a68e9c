"""The one door for readings: by hand, in batches, from sources and from webhooks; of many feeds at once.

1. Each item is checked by its KPI's definition; what is wrong is refused with pointers, the rest goes on.
2. Series are found or made, then locked in the order of their ids; only then is the clock read, so
   `recorded_at` only grows per series.
3. What is new is inserted by one statement; what is known is judged item by item: a duplicate, a conflict, a
   correction, a retraction. Nothing is ever changed: a later row of the same identity supersedes.
4. Days of events are marked dirty for the rollups, and what is bound to the series is worked out anew.
"""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Literal

import msgspec

from kpis.actions.findings_drift import settle_drift
from kpis.actions.findings_totals import settle_totals
from kpis.actions.readings_batch import Batch
from kpis.actions.readings_feed import Delivery, Feed, OnConflict
from kpis.actions.readings_restated import mark_restated
from kpis.actions.readings_store import Known, Row
from kpis.actions.readings_told import causes_of, days_of
from kpis.actions.rollups_dirty import mark_dirty
from kpis.actions.states import refresh_bindings
from kpis.series.definition import Definition
from kpis.series.finding import Cause
from kpis.series.reading_id import ReadingRef, reading_id
from kpis.series.reading_in import ReadingIn
from service.errors import Issue

__all__ = ["Delivery", "Feed", "OnConflict", "Outcome", "Status", "record_deliveries", "record_readings"]

Status = Literal["created", "duplicate", "corrected", "retracted", "refused"]


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of the item at `index`. ref: of the reading, None when refused; issues: why it was."""

    index: int
    status: Status
    ref: ReadingRef | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def id(self) -> str | None:
        """The reading's id, written when somebody asks: feeds do not."""
        return None if self.ref is None else reading_id(self.ref)


def record_readings(
    *,
    workspace_id: uuid.UUID,
    items: Sequence[ReadingIn],
    feed: Feed,
    on_conflict: OnConflict,
    at: datetime,
) -> list[Outcome]:
    """Record what can be recorded of `items`; return one outcome per item, in their order.

    Runs in the caller's transaction, once in it (it locks). on_conflict: whether another figure for what is
    known is refused, or corrects it. Refusals raise nothing; a caller that wants all or nothing rolls back.
    """
    deliveries = [Delivery(items, feed)]
    [outcomes] = record_deliveries(
        workspace_id=workspace_id, deliveries=deliveries, on_conflict=on_conflict, at=at
    )
    return outcomes


def record_deliveries(
    *,
    workspace_id: uuid.UUID,
    deliveries: Sequence[Delivery],
    on_conflict: OnConflict,
    at: datetime,
) -> list[list[Outcome]]:
    """Record deliveries as if one came after the other; return the outcomes of each, by its items' order.

    As `record_readings`, but for many feeds, runs and messages: each reading remembers its own feed and
    cause, and the number of statements follows neither from the deliveries nor from their items. Only
    deliveries that speak of one thing's sides or flows, or of figures that may not jump, wait for each other.
    What is bound is worked out once, as it is after the last: findings tell of the net change.
    """
    if not any(one.items for one in deliveries):
        return [[] for _ in deliveries]
    batch = Batch(workspace_id, deliveries, correct=on_conflict == "correct", at=at)
    batch.record()
    changed = [one for one in batch.judged if one.status not in ("duplicate", "refused")]
    if batch.created or changed:
        days = days_of(batch.created, changed, batch.cases, batch.items)
        mark_dirty(workspace_id=workspace_id, days=days, at=at)
        mark_restated(
            batch.created,
            changed,
            batch.cases,
            batch.items,
            workspace_id=workspace_id,
            deliveries=deliveries,
        )
        if any(one.total is not None or one.stocked for one in batch.definitions):
            cause: Cause = "reading" if all(one.status == "created" for one in changed) else "correction"
            places = [*(row.place for row in batch.created), *(one.place for one in changed)]
            if totals := _told_of(places, batch, deliveries, lambda one: one.total is not None):
                settle_totals(workspace_id=workspace_id, told=totals, cause=cause, at=at)
            if stocks := _told_of(places, batch, deliveries, lambda one: one.stocked):
                settle_drift(workspace_id=workspace_id, told=stocks, cause=cause, at=at)
        if batch.bound:
            told = batch.told(changed)
            causes = causes_of(batch.created, changed, batch.cases, deliveries)
            refresh_bindings(
                workspace_id=workspace_id, series_ids=told.keys(), told=told, cause=causes, at=at
            )
    return _outcomes(batch, deliveries)


def _told_of(
    places: Iterable[int],
    batch: Batch,
    deliveries: Sequence[Delivery],
    is_looked_at: Callable[[Definition], bool],
) -> dict[uuid.UUID, set[str]]:
    """The label sets of such KPIs; what is loaded piece by piece is looked at after its last."""
    told: dict[uuid.UUID, set[str]] = defaultdict(set)
    for place in places:
        address = batch.items[place].address
        kpi = address.taker.kpi
        if is_looked_at(kpi.definition) and not deliveries[address.delivery].feed.backfill:
            told[kpi.kpi_id].add(address.labels)
    return told


def _outcomes(batch: Batch, deliveries: Sequence[Delivery]) -> list[list[Outcome]]:
    """What was added to the items is nobody's outcome."""
    firsts = [0, *accumulate(len(one.items) for one in deliveries)]
    outcomes: dict[int, Outcome] = {}
    for row in batch.created:
        outcomes[row.place] = Outcome(row.place - firsts[row.delivery], "created", _ref(row, row))
    for verdict in batch.judged:
        row = batch.cases[verdict.place].row
        ref = None if verdict.now is None else _ref(row, verdict.now)
        issues = () if verdict.issue is None else (verdict.issue,)
        outcomes[row.place] = Outcome(row.place - firsts[row.delivery], verdict.status, ref, issues)
    for index, wrong in batch.refused.items():
        first = firsts[bisect_right(firsts, index) - 1]
        outcomes[index] = Outcome(index - first, "refused", issues=wrong)
    return [[outcomes[index] for index in range(*span)] for span in pairwise(firsts)]


def _ref(row: Row, now: Row | Known) -> ReadingRef:
    assert now.start_at is not None
    assert now.end_at is not None
    assert now.recorded_at is not None
    return ReadingRef(row.series_id, now.start_at, now.end_at, now.recorded_at, row.key)
