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

OK, WARN, BREACH = 0, 1, 2
NO_MARGIN = Decimal(0)


@dataclass(frozen=True, slots=True)
class Band:
    """Where a figure is fine: at or above `low` and at or below `high`; None = no line on that side."""

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Checked thresholds in the KPI's unit, lines relative to the target worked out. See `parse_rules`.

    direction: up | down | range | none, inherited or their own. warn, breach: beyond these the figure is so
    judged. recovery: how far inside a line the figure must come before its status gets better.
    consecutive: points in a row that must be worse before the status is. min_n, judge: None = the KPI's own.
    """

    direction: str
    target: Decimal | Band | None = None
    warn: Band | None = None
    breach: Band | None = None
    recovery: Decimal = NO_MARGIN
    consecutive: int = 1
    min_n: int | None = None
    judge: Literal["interval", "point"] | None = None

    @property
    def judges(self) -> bool:
        """Whether there is any line; a target alone judges nothing."""
        return self.warn is not None or self.breach is not None


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
