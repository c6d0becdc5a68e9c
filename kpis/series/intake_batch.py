"""What one KPI takes of many items: a span that several name is worked out once, a plain count at a glance.

`observe` says the same of each item alone; a property holds one against the other.
"""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

from kpis.series.check import whole_bounds
from kpis.series.definition import Definition
from kpis.series.intake import Observed, observe
from kpis.series.intake_span import Span, check_bounds, in_utc, span_of
from kpis.series.reading_in import ReadingIn
from service.errors import Issue

_Named = tuple[str | None, datetime | None, datetime | None, datetime | None]


class Intake:
    """Takes items by one definition at one instant. Arguments and answers are those of `observe`."""

    def __init__(self, definition: Definition, *, at: datetime, history_from: datetime) -> None:
        self._definition, self._at, self._history_from = definition, at, history_from
        self._spans: dict[_Named, Span | None] = {}
        self._least, self._most = whole_bounds(definition)

    def observe(self, item: ReadingIn) -> Observed | list[Issue]:
        if self._is_plain(item):
            named = (item.period, item.start, item.end, item.observed_at)
            try:
                span = self._spans[named]
            except KeyError:
                span = self._remember(named, item)
            if span is not None:
                return Observed(span, "", Decimal(item.value))  # type: ignore[arg-type]
        return observe(self._definition, item, at=self._at, history_from=self._history_from)

    def _is_plain(self, item: ReadingIn) -> bool:
        """A whole number within the bounds, and nothing else that could be wrong."""
        value = item.value
        return (
            type(value) is int
            and self._least <= value <= self._most
            and item.n is None
            and item.numerator is None
            and item.denominator is None
            and item.distribution is None
            and item.answers is None
            and item.flows is None
            and item.base is None
            and item.side is None
            and item.unit is None
            and item.external_id is None
            and item.reason is None
            and not item.retract
        )

    def _remember(self, named: _Named, item: ReadingIn) -> Span | None:
        """The span of a figure that stands alone, in UTC; None where it is to be looked at more closely.

        Of two clock times that only `fold` tells apart a dict would find the other one, so those of zones
        are not remembered.
        """
        span = span_of(self._definition, item)
        if not isinstance(span, Span) or check_bounds(item, span, self._at, self._history_from):
            return None
        if not span.own and self._definition.period is not None:
            return None
        if any(at is not None and type(at.tzinfo) is not timezone for at in named[1:]):
            return None
        return self._spans.setdefault(named, in_utc(span))
