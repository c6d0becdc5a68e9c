"""What one binding shows on the live map: the one function that ingest, sweeps and as-of reads all use.

Value, status and trend of a period KPI are those of the last complete period; the running one stands apart
and is never judged. Nothing in an entry changes with time alone, save at the instants that `next_change_at`
names: ages are worked out by the reader from `observed_at`.

Numbers are Decimals in plain form; `exact.encode` writes them as JSON numbers with exactly these digits.
Instants are ISO 8601 in UTC, with Z: as text, or (`spark`, the most of them) as datetimes in UTC, which it
writes the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kpis.series.definition import Definition
from kpis.series.freshness import Due, Feed, Freshness, due, freshness, next_change_at
from kpis.series.live_parts import (
    band_json,
    interval_json,
    iso,
    judged_json,
    lines_json,
    period_json,
    response_json,
    restated_json,
    suspects_json,
)
from kpis.series.live_young import first_instant, running, split, turns
from kpis.series.point import Point, sure_points
from kpis.series.reference import NO_BASELINES, Baselines, Case
from kpis.series.response import NOBODY, Responses
from kpis.series.restated import Restated
from kpis.series.status import Judgement, judge
from kpis.series.thresholds import Band, Rules, RulesSpan, valid_at
from kpis.series.trend import SPARK, Trend, definition_break, spark, target_gap, trend
from kpis.series.value import emotion


class Shown(msgspec.Struct, frozen=True, gc=False):
    """Who is shown: ids as text, the KPI's key and name, and the binding's label selector."""

    binding: str
    kpi: str
    key: str | None
    name: str
    labels: Mapping[str, str]


class LiveState(msgspec.Struct, frozen=True, gc=False):
    """entry: what is shown, for `exact.encode`. judgement, freshness: the same for whoever acts on a change.

    next_change_at: when time alone will change the entry next; None if it never will. has_rules: something
    says how to judge it, whether it has a figure or not.
    """

    entry: dict[str, object]
    judgement: Judgement
    freshness: Freshness
    next_change_at: datetime | None
    has_rules: bool


def live_entry(
    *,
    shown: Shown,
    definition: Definition,
    points: Sequence[Point],
    rules_history: Sequence[RulesSpan],
    feed: Feed,
    at: datetime,
    caveats: Sequence[str] = (),
    baselines: Baselines = NO_BASELINES,
) -> dict[str, object]:
    """Return the entry of `live_state`."""
    state = live_state(
        shown=shown,
        definition=definition,
        points=points,
        rules_history=rules_history,
        feed=feed,
        at=at,
        caveats=caveats,
        baselines=baselines,
    )
    return state.entry


def live_state(
    *,
    shown: Shown,
    definition: Definition,
    points: Sequence[Point],
    rules_history: Sequence[RulesSpan],
    feed: Feed,
    at: datetime,
    caveats: Sequence[str] = (),
    baselines: Baselines = NO_BASELINES,
    restated: Restated | None = None,
    answered: Responses = NOBODY,
) -> LiveState:
    """Return what a binding shows at `at`.

    points: oldest first, at least the last 60 complete ones, those before that rules look back to, and all
    younger ones; ends ascend. Older points change nothing. rules_history: the KPI's and the binding's spans.
    definition: of the last point. caveats: codes of the caller's, after those of the kind.
    baselines: the figures of the periods that rules name. restated: what the last complete figure was.
    answered: of a survey, by the span of a point, how many of those asked.
    """
    complete, young = split(points, definition, at)
    sure = sure_points(definition, complete)
    judgement = judge(sure, rules_history, definition, baselines)
    last = judgement.point
    heard = complete[-1].end if complete else first_instant(young)
    when = due(definition, heard, feed) if feed.ok else Due(None, None)
    fresh = freshness(when, last=heard, source_ok=feed.ok, at=at)
    rules = valid_at(rules_history, at) if last is None else judgement.rules
    suspects = suspects_json(complete[-SPARK:], definition)
    settling = ("settling",) if any(point.end <= at for point in young) else ()
    response = None if last is None else response_json(answered.get((last.start, last.end)))
    before = restated if last is not None and last is sure[-1] else None
    entry = {
        **_identity(shown, definition),
        **_figure(judgement, definition),
        **judged_json(judgement, definition),
        "response": response,
        "restated": None if before is None else restated_json(before),
        "freshness": fresh,
        "fresh_until": iso(when.late_at) if when.late_at else None,
        **_course(sure, complete, rules, judgement.case, definition),
        "suspects": suspects,
        "running": running(young, definition, at),
        "emotion": emotion(definition, judgement.value),
        "caveats": [*definition.caveats, *settling, *_of_figure(suspects, before, response), *caveats],
    }
    ahead = [moment for point in young for moment in turns(point, definition) if moment > at]
    change_at = next_change_at(when, completes_at=min(ahead, default=None), at=at)
    return LiveState(entry, judgement, fresh, change_at, rules is not None and rules.judges)


def last_settled(points: Sequence[Point], definition: Definition, at: datetime) -> Point | None:
    """Return the point that is judged, and shown as the value; None where there is none."""
    sure = sure_points(definition, split(points, definition, at)[0])
    return sure[-1] if sure else None


def _of_figure(suspects: object, restated: object, response: object) -> tuple[str, ...]:
    found = (("suspect", suspects), ("restated", restated), ("nonresponse", response))
    return tuple(code for code, there in found if there)


def _identity(shown: Shown, definition: Definition) -> dict[str, object]:
    return {
        "binding": shown.binding,
        "kpi": shown.kpi,
        "key": shown.key,
        "name": shown.name,
        "labels": dict(sorted(shown.labels.items())),
        "kind": definition.kind,
        "method": definition.method,
        "unit": definition.unit,
        "currency": definition.currency,
    }


def _figure(judgement: Judgement, definition: Definition) -> dict[str, object]:
    """Value and status of the last complete point."""
    last = judgement.point
    return {
        "value": judgement.value,
        "n": last.n if last else None,
        "feeds": last.feeds if last and last.feeds else None,
        "interval": interval_json(judgement.interval),
        "period": period_json(last, definition) if last else None,
        "observed_at": iso(last.observed_at or last.end) if last else None,
        "drift": last.drift if last else None,
        "status": judgement.status,
        "certainty": judgement.certainty,
        "reason": judgement.reason,
        "since": iso(judgement.since) if judgement.since else None,
    }


def _course(
    sure: Sequence[Point],
    complete: Sequence[Point],
    rules: Rules | None,
    case: Case | None,
    definition: Definition,
) -> dict[str, object]:
    """Against the target and over time; what is not judged is a gap of the line."""
    direction = definition.direction if rules is None else rules.direction
    target = None if rules is None else rules.target
    change = trend(sure, direction, target)
    drawn = spark(complete, definition)
    if sure is not complete:
        ends = {point.end for point in sure}
        drawn = [(end, shown if end in ends else None) for end, shown in drawn]
    where = definition_break([point for point in sure if point.end >= drawn[0][0]]) if drawn else None
    return {
        "direction": direction,
        "target": band_json(target) if isinstance(target, Band) else target,
        "thresholds": lines_json(rules if case is None or case.lacking else case.rules),
        "target_gap": target_gap(sure[-1].value, target) if sure else None,
        "trend": None if change is None else _trend(change),
        "spark": drawn,
        "definition_break": iso(where) if where else None,
    }


def _trend(change: Trend) -> dict[str, object]:
    return {"previous": change.previous, "delta": change.delta, "verdict": change.verdict}
