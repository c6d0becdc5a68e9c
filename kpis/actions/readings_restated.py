"""Marks of settled figures that a batch told otherwise: rare, and nothing where all is new."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from kpis.actions.readings_check import Checked
from kpis.actions.readings_feed import Delivery
from kpis.actions.readings_judge import Case, Verdict
from kpis.actions.readings_store import Row
from kpis.queries.sql import execute, statement
from kpis.series.definition import Definition
from kpis.series.exact import encode
from kpis.series.freshness import GRACE_S
from kpis.series.period import Period, period_of

_MARK = statement("mark_restatements")


class _Mark(msgspec.Struct):
    """late: nothing told before was changed; it counts where the bucket was spoken of when it settled."""

    series_id: int
    start_at: datetime
    end_at: datetime
    since: datetime
    recorded_at: datetime
    why: str
    reason: str | None
    late: bool
    bucket_start: datetime
    bucket_end: datetime
    settled_at: datetime


def mark_restated(
    created: Sequence[Row],
    changed: Sequence[Verdict],
    cases: Mapping[int, Case],
    checked: Mapping[int, Checked],
    *,
    workspace_id: uuid.UUID,
    deliveries: Sequence[Delivery],
) -> None:
    """Mark what a batch changed of settled figures. One statement, if it did. The series are locked."""
    marks: dict[tuple[object, ...], _Mark] = {}
    for row in created:
        one = checked[row.place]
        definition = one.address.taker.kpi.definition
        if one.based or not _is_first(one, definition):
            why = deliveries[row.delivery].feed.again or "late_data"
            assert row.recorded_at is not None
            _add(marks, _mark(definition, row, *row.span, row.recorded_at, why, True))
    for verdict in changed:
        case, one = cases[verdict.place], checked[verdict.place]
        definition = one.address.taker.kpi.definition
        if verdict.now is None:
            continue
        if verdict.status == "created" and not one.based and _is_first(one, definition):
            continue
        why = _why(verdict, case, deliveries[case.row.delivery].feed.again)
        spans = [(verdict.now.start_at, verdict.now.end_at)]
        if verdict.moved_from is not None:
            spans.append((verdict.moved_from, verdict.moved_from))
        for start, end in spans:
            late = verdict.status == "created"
            _add(marks, _mark(definition, case.row, start, end, verdict.now.recorded_at, why, late))
    if marks:
        rows = encode(list(marks.values())).decode()
        values: dict[str, Any] = {"workspace": workspace_id, "rows": rows}
        execute(_MARK, values)


def _is_first(one: Checked, definition: Definition) -> bool:
    """Whether nothing was told of the figure before: a new reading is all that it is made of."""
    own = one.observed.span is not None and one.observed.span.own
    return definition.holds == "figures" and (own or definition.period is None)


def _why(verdict: Verdict, case: Case, again: str) -> str:
    if verdict.status == "created" or case.follows:
        return again or "late_data"
    return again or ("retraction" if verdict.status == "retracted" else "correction")


def _mark(
    definition: Definition,
    row: Row,
    start: datetime,
    end: datetime,
    recorded_at: datetime,
    why: str,
    late: bool,
) -> _Mark | None:
    """None of what has not settled yet."""
    grace_s = GRACE_S.get(definition.period or "", 0) if late else 0  # what comes in time is not late
    wait = timedelta(seconds=definition.settle_s + grace_s)
    if recorded_at - end <= wait:  # as nearly all does: no calendar need be asked
        return None
    bucket = _bucket(definition, start, end)
    settled_at = bucket.end + wait
    if recorded_at <= settled_at:
        return None
    return _Mark(
        row.series_id,
        start,
        end,
        recorded_at,
        recorded_at,
        why,
        row.reason,
        late,
        bucket.start,
        bucket.end,
        settled_at,
    )


def _bucket(definition: Definition, start: datetime, end: datetime) -> Period:
    if definition.period is None:
        return Period(start, end, "", definition.zone)
    return period_of(start, definition.period, definition.zone)


def _add(marks: dict[tuple[object, ...], _Mark], mark: _Mark | None) -> None:
    """Of one bucket a batch makes one mark: of what changed what was told, and of what came late."""
    if mark is None:
        return
    key = (mark.series_id, mark.bucket_start, mark.bucket_end, mark.late)
    held = marks.get(key)
    if held is None:
        marks[key] = mark
        return
    held.start_at, held.end_at = min(held.start_at, mark.start_at), max(held.end_at, mark.end_at)
    held.since = min(held.since, mark.since)
    if mark.recorded_at >= held.recorded_at:
        held.recorded_at, held.why = mark.recorded_at, mark.why
        held.reason = mark.reason or held.reason
