"""The status of a series: a pure fold over its last 60 points, oldest first.

Each point is judged by the rules valid at its instant. Nothing is remembered between calls, so ingest, an
as-of read and a rebuild agree. What the fold carries from point to point is what hysteresis needs: the
level so far and how many points in a row were worse, or inside again.

A full count is judged by its figure. A sample is judged by its interval, and by more than one point, as of
two hundred healthy figures some lie beyond their interval whenever one looks: it gets worse when the whole
interval lies beyond a line twice in a row, or once at 99.9 %; it gets better when the figure is back inside
by the recovery margin twice in a row, or once with its whole interval (docs/decisions/0030). Rules that say
how many points they want (`consecutive`, `recover_after`) get just these.

Rules may look back: a window sums small figures again with those before, and lines may be relative to earlier
figures; see `reference`. Windows that share readings prove nothing twice: only one that begins after the last
that was counted counts. `certainty` says whether the interval of the last figure leaves a doubt about the
side of a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from kpis.series.definition import Definition
from kpis.series.interval import SURE, TOLD, Interval, interval
from kpis.series.point import Point
from kpis.series.proof import Sample, beyond, certainty, reaches
from kpis.series.reference import NO_BASELINES, Baselines, Case, Course
from kpis.series.thresholds import (
    BREACH,
    NO_MARGIN,
    OK,
    WARN,
    Rules,
    RulesSpan,
    level_of,
    usual_run,
    valid_at,
)

WINDOW = 60
Status = Literal["ok", "warn", "breach", "insufficient", "missing", "unjudged"]
_NAMES: tuple[Status, Status, Status] = ("ok", "warn", "breach")


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """How a series stands at its last point.

    status: ok | warn | breach | insufficient (too few observations) | missing (no point, or one without a
    figure) | unjudged (no thresholds). certainty: clear | within_noise for samples, else None. since: end
    of the point from which it has stood so, no earlier than the first of the 60. reason: why it is not
    plainly ok: below_warn, above_warn, below_breach, above_breach, recovering (back inside the line but not
    by the margin, or not for long enough), within_noise (beyond a line, but the interval is not),
    not_yet_consecutive, below_min_n, n_unknown, no_reading, no_figure (or the point's own: no_base,
    above_base, empty_base), no_thresholds; where a line is relative to a figure: no_baseline,
    no_figure_before, reference_below_min_n, reference_not_positive. value, interval: of the last point. case:
    how it was judged, with its window and its lines; rules: those valid then, as they were laid down.
    periods: how many the judged figure is made of.
    """

    status: Status
    certainty: Literal["clear", "within_noise"] | None = None
    since: datetime | None = None
    reason: str | None = None
    value: Decimal | None = None
    point: Point | None = None
    interval: Interval | None = None
    rules: Rules | None = None
    case: Case | None = None
    periods: int = 1


class _Carried(msgspec.Struct, frozen=True, gc=False):
    """The level so far, and the rules that judged the last point.

    warn_run, breach_run: points in a row at least so bad; ok_run, eased_run: in a row inside the warn and the
    breach line by the margin. counted_until: end of the last figure of several periods that counted in a run.
    """

    level: int = OK
    warn_run: int = 0
    breach_run: int = 0
    ok_run: int = 0
    eased_run: int = 0
    rules: Rules | None = None
    counted_until: datetime | None = None


def judge(
    points: Sequence[Point],
    rules_history: Sequence[RulesSpan],
    definition: Definition,
    baselines: Baselines = NO_BASELINES,
) -> Judgement:
    """Return the status of complete points, oldest first: the last 60, back to a definition break.

    Of older points only those count that rules look back to.
    """
    whole = since_break(points)
    recent = whole[-WINDOW:]
    if not recent:
        return Judgement("missing", reason="no_reading")
    if not rules_history:
        return _unjudged(recent, definition)
    looking_back = any(span.rules is not None and span.rules.looks_back for span in rules_history)
    course = Course(whole, definition, baselines) if looking_back else None
    carried, since, reason = _Carried(), None, None
    status: Status | None = None
    case: Case | None = None
    for place, point in enumerate(recent, len(whole) - len(recent)):
        rules = valid_at(rules_history, point.end)
        before = status
        case = course.case(place, rules) if course and rules is not None and rules.looks_back else None
        carried, status, reason = _next(carried, point, rules, definition, case)
        if status != before:
            since = point.end
    assert status is not None
    last = recent[-1]
    ends = None if last.value is None else interval(definition, last.sums)
    if rules is not None and case is None:
        case = Case(last, rules)
    sure, periods = None, 1
    if case is not None:
        judged_ends = ends
        if course is not None and case.point is not last:
            judged_ends, periods = interval(definition, case.point.sums), course.periods(case.point)
        if judged_ends is not None and judged_ends.low is not None and status in _NAMES:
            sure = certainty(case, definition, judged_ends)
    return Judgement(status, sure, since, reason, last.value, last, ends, rules, case, periods)


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
    carried: _Carried, point: Point, rules: Rules | None, definition: Definition, case: Case | None
) -> tuple[_Carried, Status, str | None]:
    """Points that cannot be judged leave what is carried as it is; without rules it begins anew."""
    lines = rules
    if case is not None:
        point, lines = case.point, case.rules
    figure = point.value
    if figure is None:
        return carried, "missing", point.reason or "no_figure"
    if rules is None or lines is None or not rules.judges:
        return _Carried(), "unjudged", "no_thresholds"
    least = definition.min_n if rules.min_n is None else rules.min_n
    if least and (point.n is None or point.n < least):
        return carried, "insufficient", "n_unknown" if point.n is None else "below_min_n"
    if case is not None and case.lacking:
        return carried, "insufficient", case.lacking
    seen = level_of(lines, figure, figure)
    if seen == OK and carried.level == OK:
        return (
            _Carried(rules=rules) if carried.warn_run or carried.rules is not rules else carried,
            "ok",
            None,
        )
    return _turned(carried, rules, Sample(point, figure, lines, definition, case), seen)


def _turned(
    carried: _Carried, rules: Rules, sample: Sample, seen: int
) -> tuple[_Carried, Status, str | None]:
    """Take in a figure that is beyond a line, or comes from there."""
    same_rules = carried.rules is rules or carried.rules == rules
    if not same_rules:  # old runs and the old lines' margin mean nothing under new lines
        carried = _Carried(carried.level)
    point, figure, lines, was = sample.point, sample.figure, sample.lines, carried.level
    by_interval = sample.definition.sampled and rules.judge_by != "point"
    # Runs matter only for getting worse, so a level that is as bad already needs no interval.
    proven = seen
    if by_interval and seen > was:
        told = beyond(sample, TOLD)
        proven = seen if told is None else told
    # Of figures of several periods one that shares readings with the last that counted does not count.
    counted = carried.counted_until
    anew = counted is None or (point.start or point.end) >= counted
    warn_run = carried.warn_run + (anew or not carried.warn_run) if proven >= WARN else 0
    breach_run = carried.breach_run + (anew or not carried.breach_run) if proven >= BREACH else 0
    needed = rules.consecutive or usual_run(by_interval)
    level = BREACH if breach_run >= needed else WARN if warn_run >= needed else OK
    if by_interval and rules.consecutive is None and level < proven > was:
        level = max(level, beyond(sample, SURE) or OK)
    ok_run = eased_run = 0
    if was:
        margin = rules.recovery if same_rules else NO_MARGIN
        inside = level_of(lines, figure, figure, margin)
        ok_run = carried.ok_run + (anew or not carried.ok_run) if inside == OK else 0
        eased_run = carried.eased_run + (anew or not carried.eased_run) if inside <= WARN else 0
        needed = (rules.recover_after or usual_run(by_interval)) if same_rules else 1
        kept = min(was, OK if ok_run >= needed else WARN if eased_run >= needed else BREACH)
        if by_interval and rules.recover_after is None and inside < kept:
            kept = min(kept, reaches(sample, margin))
        level = max(level, kept)
    if anew:
        counted = None if sample.case is None else point.end
    return (
        _Carried(level, warn_run, breach_run, ok_run, eased_run, rules, counted),
        _NAMES[level],
        _reason(lines, figure, level, seen, proven),
    )


def _reason(lines: Rules, figure: Decimal, level: int, seen: int, proven: int) -> str | None:
    if level == OK:
        if seen == OK:
            return None
        return "within_noise" if proven == OK else "not_yet_consecutive"
    if seen < level:
        return "recovering"
    band = lines.breach if level == BREACH else lines.warn
    below = band is not None and band.low is not None and figure < band.low
    return f"{'below' if below else 'above'}_{_NAMES[level]}"
