"""The status of a series: a pure fold over its last 60 points, oldest first.

Each point is judged by the rules valid at its instant. Nothing is remembered between calls, so ingest, an
as-of read and a rebuild agree. What the fold carries from point to point is what hysteresis needs: the
level so far and how many points in a row were worse.

Samples are judged by their interval: a level gets worse only when the whole interval lies beyond the line, so
noise alone does not redden a map; it gets better as soon as the figure itself is back inside by the recovery
margin. `certainty` says whether the interval of the last point leaves a doubt about the side of a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from kpis.series.definition import Definition
from kpis.series.interval import Interval, interval
from kpis.series.point import Point
from kpis.series.thresholds import (
    BREACH,
    NO_MARGIN,
    OK,
    WARN,
    Rules,
    RulesSpan,
    crosses_a_line,
    level_of,
    valid_at,
)

WINDOW = 60
Status = Literal["ok", "warn", "breach", "insufficient", "missing", "unjudged"]
_NAMES: tuple[Status, Status, Status] = ("ok", "warn", "breach")


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a series stands at its last point.

    status: ok | warn | breach | insufficient (too few observations) | missing (no point, or one without a
    figure) | unjudged (no thresholds). certainty: clear | within_noise for samples, else None. since: end
    of the point from which it has stood so, no earlier than the first of the 60. reason: why it is not
    plainly ok: below_warn, above_warn, below_breach, above_breach, recovering (back inside the line but not
    by the margin), within_noise (beyond a line, but the interval is not), not_yet_consecutive, below_min_n,
    n_unknown, no_reading, no_figure, no_thresholds.
    """

    status: Status
    certainty: Literal["clear", "within_noise"] | None = None
    since: datetime | None = None
    reason: str | None = None
    value: Decimal | None = None
    point: Point | None = None
    interval: Interval | None = None
    rules: Rules | None = None


class _Carried(msgspec.Struct, frozen=True, gc=False):
    """The level so far, the points in a row that were at least so bad, and the rules that judged the last."""

    level: int = OK
    warn_run: int = 0
    breach_run: int = 0
    rules: Rules | None = None


def judge(points: Sequence[Point], rules_history: Sequence[RulesSpan], definition: Definition) -> Judgement:
    """Return the status of complete points, oldest first: the last 60, back to a definition break."""
    recent = since_break(points[-WINDOW:])
    if not recent:
        return Judgement("missing", reason="no_reading")
    if not rules_history:
        return _unjudged(recent, definition)
    carried, since, reason = _Carried(), None, None
    status: Status | None = None
    for point in recent:
        rules = valid_at(rules_history, point.end)
        before = status
        carried, status, reason = _next(carried, point, rules, definition)
        if status != before:
            since = point.end
    assert status is not None
    last = recent[-1]
    ends = None if last.value is None else interval(definition, last.sums)
    return Judgement(status, _certainty(status, ends, rules), since, reason, last.value, last, ends, rules)


def _unjudged(points: Sequence[Point], definition: Definition) -> Judgement:
    """What the fold comes to where there were never any rules: each point by itself says how it stands."""
    last = points[-1]
    first = last
    for point in reversed(points):
        if (point.value is None) != (last.value is None):
            break
        first = point
    if last.value is None:
        return Judgement("missing", since=first.end, reason="no_figure", point=last)
    ends = interval(definition, last.sums)
    return Judgement("unjudged", None, first.end, "no_thresholds", last.value, last, ends)


def since_break(points: Sequence[Point]) -> Sequence[Point]:
    """Return the points worked out by the same revision of the definition as the last one."""
    if not points:
        return points
    revision = points[-1].revision
    for index in range(len(points) - 1, -1, -1):
        if points[index].revision != revision:
            return points[index + 1 :]
    return points


def _next(
    carried: _Carried, point: Point, rules: Rules | None, definition: Definition
) -> tuple[_Carried, Status, str | None]:
    """Points that cannot be judged leave what is carried as it is; without rules it begins anew."""
    figure = point.value
    if figure is None:
        return carried, "missing", "no_figure"
    if rules is None or not rules.judges:
        return _Carried(), "unjudged", "no_thresholds"
    least = definition.min_n if rules.min_n is None else rules.min_n
    if least and (point.n is None or point.n < least):
        return carried, "insufficient", "n_unknown" if point.n is None else "below_min_n"
    seen = level_of(rules, figure, figure)
    if seen == OK and carried.level == OK:
        return (
            _Carried(rules=rules) if carried.warn_run or carried.rules is not rules else carried,
            "ok",
            None,
        )
    same_rules = carried.rules is rules or carried.rules == rules
    if not same_rules:  # old runs and the old lines' margin mean nothing under new lines
        carried = _Carried(carried.level)
    # Runs matter only for getting worse, so a level that is as bad already needs no interval.
    proven = seen if seen <= carried.level else _proven(rules, definition, point)
    warn_run = carried.warn_run + 1 if proven >= WARN else 0
    breach_run = carried.breach_run + 1 if proven >= BREACH else 0
    reached = BREACH if breach_run >= rules.consecutive else WARN if warn_run >= rules.consecutive else OK
    kept = min(carried.level, level_of(rules, figure, figure, rules.recovery if same_rules else NO_MARGIN))
    level = max(reached, kept)
    return (
        _Carried(level, warn_run, breach_run, rules),
        _NAMES[level],
        _reason(rules, figure, level, seen, proven),
    )


def _proven(rules: Rules, definition: Definition, point: Point) -> int:
    """The level by the interval where the sample has one, else by the figure, which is beyond a line."""
    assert point.value is not None
    ends = None if rules.judge == "point" else interval(definition, point.sums)
    if ends is None or ends.low is None or ends.high is None:
        return level_of(rules, point.value, point.value)
    return level_of(rules, ends.low, ends.high)


def _reason(rules: Rules, figure: Decimal, level: int, seen: int, proven: int) -> str | None:
    if level == OK:
        if seen == OK:
            return None
        return "within_noise" if proven == OK else "not_yet_consecutive"
    if seen < level:
        return "recovering"
    band = rules.breach if level == BREACH else rules.warn
    below = band is not None and band.low is not None and figure < band.low
    return f"{'below' if below else 'above'}_{_NAMES[level]}"


def _certainty(
    status: Status, ends: Interval | None, rules: Rules | None
) -> Literal["clear", "within_noise"] | None:
    if status not in _NAMES or rules is None or ends is None or ends.low is None or ends.high is None:
        return None
    return "within_noise" if crosses_a_line(rules, ends.low, ends.high) else "clear"
