"""What a sample proves: whether its interval lies beyond a line, reaches over it, or lies inside.

A line relative to an earlier figure of a sample is as unsure as that figure. So that a difference between two
noisy figures is not taken for one between a figure and a fact, both margins are joined as the root of the sum
of their squares (Zou and Donner 2008; of shares: Newcombe 1998, method 10).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import msgspec

from kpis.series.definition import Definition
from kpis.series.interval import TOLD, Interval, Level, interval
from kpis.series.point import Point
from kpis.series.reference import Case, line
from kpis.series.thresholds import BREACH, OK, WARN, Band, Rules, crosses_a_line, level_of


class Sample(msgspec.Struct, frozen=True, gc=False):
    """A figure and the lines that it is held against. case: where rules look back."""

    point: Point
    figure: Decimal
    lines: Rules
    definition: Definition
    case: Case | None = None


def beyond(sample: Sample, level: Level) -> int | None:
    """Return the worst line that all of the interval lies beyond; None where its spread is not known."""
    ends = interval(sample.definition, sample.point.sums, level)
    if ends is None or ends.low is None or ends.high is None:
        return None
    slack = None if sample.case is None else _slack(sample.case, sample.definition, level)
    if slack is None:
        return level_of(sample.lines, ends.low, ends.high)
    for named, by in ((BREACH, slack.breach), (WARN, slack.warn)):
        low, high = _widened(sample.figure, ends.low, ends.high, by)
        if level_of(sample.lines, low, high) >= named:
            return named
    return OK


def reaches(sample: Sample, margin: Decimal) -> int:
    """Return the worst line that the interval reaches over, moved inwards by the margin."""
    ends = interval(sample.definition, sample.point.sums)
    if ends is None or ends.low is None or ends.high is None:
        return BREACH
    return max(level_of(sample.lines, end, end, margin) for end in (ends.low, ends.high))


def certainty(case: Case, definition: Definition, ends: Interval) -> Literal["clear", "within_noise"] | None:
    """Say whether the interval of a figure leaves a doubt about the side of a line; None without one."""
    if case.point.value is None or ends.low is None or ends.high is None:
        return None
    low, high = ends.low, ends.high
    slacked = _slack(case, definition)
    if slacked is not None:
        wider = [_widened(case.point.value, low, high, by) for by in (slacked.warn, slacked.breach)]
        low, high = min(end for end, _ in wider), max(end for _, end in wider)
    return "within_noise" if crosses_a_line(case.rules, low, high) else "clear"


@dataclass(frozen=True, slots=True)
class _Slack:
    """How unsure lines are: how much worse low ones may lie lower, high ones higher, by level."""

    warn: Band
    breach: Band


def _slack(case: Case, definition: Definition, level: Level = TOLD) -> _Slack | None:
    """Return how unsure the lines are; None where no figure that they are relative to is a sample."""
    found: dict[tuple[str, str], Decimal] = {}
    for relation in case.rules.relations:
        reference = (case.references or {}).get(relation.to)
        if reference is None or reference.value is None:
            continue
        ends = interval(definition, reference.sums, level)
        if ends is None or ends.low is None or ends.high is None:
            continue
        end = ends.low if relation.side == "low" else ends.high
        found[relation.level, relation.side] = abs(line(relation, reference.value) - line(relation, end))
    if not found:
        return None
    warn, breach = (Band(found.get((name, "low")), found.get((name, "high"))) for name in ("warn", "breach"))
    return _Slack(warn, breach)


def _widened(figure: Decimal, low: Decimal, high: Decimal, by: Band) -> tuple[Decimal, Decimal]:
    """Return the ends of an interval as they are to be held against lines that are unsure by `by`."""
    down, up = float(figure - low), float(high - figure)
    return (
        figure - Decimal(f"{math.hypot(down, float(by.high or 0)):.6f}"),
        figure + Decimal(f"{math.hypot(up, float(by.low or 0)):.6f}"),
    )
