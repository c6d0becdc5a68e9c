"""Lines that a figure must not cross, and which of them were valid at an instant.

Rules are bitemporal and insert-only: a span says from when to when it is valid, and when it was recorded.
Of the spans valid at an instant the one recorded last counts; a binding's spans come before its KPI's. A
caller that asks what was known at K passes only the spans recorded by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from kpis.series.period import Period

OK, WARN, BREACH = 0, 1, 2
NO_MARGIN = Decimal(0)


@dataclass(frozen=True, slots=True)
class Band:
    """Where a figure is fine: at or above `low` and at or below `high`; None = no line on that side."""

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """How a line was laid down, where it is no plain number: `by` times, or plus, what `to` says.

    to: target | baseline | before. level, side: which line it is.
    """

    level: Literal["warn", "breach"]
    side: Literal["low", "high"]
    to: Literal["target", "baseline", "before"]
    times: bool
    by: Decimal


@dataclass(frozen=True, slots=True)
class Before:
    """Which earlier figure a line is relative to: so many periods, or years, back."""

    periods: int = 1
    years: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """A figure of few observations is summed again with those before it, until there are `until_n`.

    most: periods at most, its own included.
    """

    until_n: int
    most: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Checked thresholds in the KPI's unit, lines relative to the target worked out. See `parse_rules`.

    direction: up | down | range | none, inherited or their own. warn, breach: beyond these the figure is so
    judged; a side whose line is relative to a figure (`open`) is None until a point is judged.
    recovery: how far inside a line the figure must come before its status gets better.
    consecutive, recover_after: points in a row that must be worse, or inside again, before the status turns;
    None = as `status` says. min_n, judge_by: None = the KPI's own. baseline: a figure, or the period whose
    figure it is. window: None = each point stands for itself.
    """

    direction: str
    target: Decimal | Band | None = None
    warn: Band | None = None
    breach: Band | None = None
    recovery: Decimal = NO_MARGIN
    consecutive: int | None = None
    recover_after: int | None = None
    min_n: int | None = None
    judge_by: Literal["interval", "point"] | None = None
    baseline: Decimal | Period | None = None
    before: Before = Before()
    window: Window | None = None
    relations: tuple[Relation, ...] = ()
    open: bool = False

    @property
    def judges(self) -> bool:
        """Whether there is any line; a target alone judges nothing."""
        return self.warn is not None or self.breach is not None

    @property
    def looks_back(self) -> bool:
        """Whether a point cannot be judged without those before it."""
        return self.open or self.window is not None


@dataclass(frozen=True, slots=True)
class RulesSpan:
    """Rules over a time: valid in [valid_from, valid_to), None = without that end.

    rules None: from then on there are none. of_binding: set at the binding, before the KPI's own;
    inherits: the binding goes back to what its KPI says.
    """

    rules: Rules | None
    recorded_at: datetime
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    of_binding: bool = False
    inherits: bool = False


def valid_at(history: Sequence[RulesSpan], instant: datetime) -> Rules | None:
    """Return the rules valid at `instant`: the binding's, else the KPI's, the last recorded of each."""
    own: RulesSpan | None = None
    inherited: RulesSpan | None = None
    for span in history:
        if (span.valid_from is not None and instant < span.valid_from) or (
            span.valid_to is not None and instant >= span.valid_to
        ):
            continue
        if span.of_binding:
            if own is None or span.recorded_at >= own.recorded_at:
                own = span
        elif inherited is None or span.recorded_at >= inherited.recorded_at:
            inherited = span
    if own is not None and not own.inherits:
        return own.rules
    return None if inherited is None else inherited.rules


def usual_run(by_interval: bool) -> int:
    """Return the points in a row that turn a status where rules do not say: of a sample one is no proof."""
    return 2 if by_interval else 1


def level_of(rules: Rules, low: Decimal, high: Decimal, margin: Decimal = NO_MARGIN) -> int:
    """Return the worst level whose line all of [low, high] lies beyond; `margin` moves lines inwards."""
    if _beyond(rules.breach, low, high, margin):
        return BREACH
    return WARN if _beyond(rules.warn, low, high, margin) else OK


def crosses_a_line(rules: Rules, low: Decimal, high: Decimal) -> bool:
    """Say whether some line parts [low, high], so that it cannot tell on which side the truth lies."""
    for band in (rules.warn, rules.breach):
        if band is None:
            continue
        if band.low is not None and low < band.low <= high:
            return True
        if band.high is not None and low <= band.high < high:
            return True
    return False


def _beyond(band: Band | None, low: Decimal, high: Decimal, margin: Decimal) -> bool:
    if band is None:
        return False
    if band.low is not None and high < (band.low + margin if margin else band.low):
        return True
    return band.high is not None and low > (band.high - margin if margin else band.high)
