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
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from kpis.actions.findings_totals import settle_totals
from kpis.actions.readings_batch import Batch
from kpis.actions.readings_feed import Delivery, Feed, OnConflict
from kpis.actions.readings_judge import Verdict
from kpis.actions.readings_restated import mark_restated
from kpis.actions.readings_store import Row
from kpis.actions.readings_told import causes_of, days_of, told_of
from kpis.actions.rollups_dirty import mark_dirty
from kpis.actions.states import refresh_bindings
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
    changed = [verdict for verdict in batch.verdicts if verdict.status not in ("duplicate", "refused")]
    if changed:
        days = days_of(changed, batch.cases, batch.items)
        mark_dirty(workspace_id=workspace_id, days=days, at=at)
        mark_restated(changed, batch.cases, batch.items, workspace_id=workspace_id, deliveries=deliveries)
        if totals := _totals_told(changed, batch, deliveries):
            cause: Cause = "reading" if all(one.status == "created" for one in changed) else "correction"
            settle_totals(workspace_id=workspace_id, told=totals, cause=cause, at=at)
        if batch.bound:
            told = told_of(changed, batch.cases, batch.items, batch.held)
            causes = causes_of(changed, batch.cases, deliveries)
            refresh_bindings(
                workspace_id=workspace_id, series_ids=told.keys(), told=told, cause=causes, at=at
            )
    return _outcomes(batch, deliveries)


def _totals_told(
    changed: Sequence[Verdict], batch: Batch, deliveries: Sequence[Delivery]
) -> dict[uuid.UUID, set[str]]:
    """The label sets of KPIs that have totals; what is loaded piece by piece is looked at after its last."""
    told: dict[uuid.UUID, set[str]] = defaultdict(set)
    for verdict in changed:
        address = batch.items[verdict.place].address
        kpi = address.taker.kpi
        if kpi.definition.total is not None and not deliveries[address.delivery].feed.backfill:
            told[kpi.kpi_id].add(address.labels)
    return told


def _outcomes(batch: Batch, deliveries: Sequence[Delivery]) -> list[list[Outcome]]:
    verdicts: Mapping[int, Verdict] = {verdict.place: verdict for verdict in batch.verdicts}
    told: list[list[Outcome]] = []
    first = 0
    for one in deliveries:
        told.append(
            [
                _outcome(place - first, verdicts[place], batch.cases[place].row)
                if place in verdicts
                else Outcome(place - first, "refused", issues=batch.refused[place])
                for place in range(first, first + len(one.items))
            ]
        )
        first += len(one.items)
    return told


def _outcome(index: int, verdict: Verdict, row: Row) -> Outcome:
    now = verdict.now
    if now is None:
        return Outcome(index, "refused", issues=(verdict.issue,) if verdict.issue else ())
    ref = ReadingRef(row.series_id, now.start_at, now.end_at, now.recorded_at, row.key)
    return Outcome(index, verdict.status, ref)
