"""A base, and what joined and was lost since: the stock at the start of each period, and the figures over it.

    stock at an instant = the latest base + what joined - what was lost since
    churn               = lost / stock at the start        retention = (stock - lost) / stock
    net revenue         = (stock + grown - lost) / stock   (`kinds` has the formulae)

Who joins within a period is in no base of it, so a loss of theirs is told apart (`lost_new`) and weighs on
the stock only. Until a base is known there is no figure (`no_base`). A later base is believed, and its
difference to what was expected is its drift.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.exact import EXACT, ZERO
from kpis.series.point import Point, Revision, make_point
from kpis.series.sums import EMPTY, Sums

NO_BASE, ABOVE_BASE, EMPTY_BASE = "no_base", "above_base", "empty_base"


class Base(msgspec.Struct, frozen=True, gc=False):
    """How many there were at an instant. flown: the flows from the start of its period to it."""

    at: datetime
    count: Decimal
    flown: Sums = EMPTY


class Span(msgspec.Struct, frozen=True, gc=False):
    """What flowed in [start, end); None where nobody told. shown: it is to have a point."""

    start: datetime
    end: datetime
    flows: Sums | None
    observed_at: datetime | None = None
    shown: bool = True


class Check(msgspec.Struct, frozen=True, gc=False):
    """A base held against the one before it: what was expected, None where that was not known."""

    at: datetime
    count: Decimal
    expected: Decimal | None

    @property
    def drift(self) -> Decimal | None:
        return None if self.expected is None else EXACT.subtract(self.count, self.expected)


def walk(
    definition: Definition, spans: Sequence[Span], bases: Sequence[Base], *, revision: Revision
) -> tuple[list[Point], list[Check]]:
    """Return the points of the spans to be shown, and each base held against what was expected.

    spans: oldest first, each beginning where the one before ends. bases: by their instants; none before the
    first.
    """
    points: list[Point] = []
    checks: list[Check] = []
    stock: Decimal | None = None
    waiting = list(reversed(bases))
    for span in spans:
        mine: list[Base] = []
        while waiting and waiting[-1].at < span.end:
            mine.append(waiting.pop())
        start, stock, found = _through(definition, span, mine, stock)
        checks += found
        if span.shown and span.flows is not None:
            points.append(_point(definition, span, start, found, revision))
    for base in reversed(waiting):  # where the last span ends, or later
        checks.append(Check(base.at, base.count, stock if spans and base.at == spans[-1].end else None))
        stock = None
    return points, checks


def _through(
    definition: Definition, span: Span, bases: Sequence[Base], stock: Decimal | None
) -> tuple[Decimal | None, Decimal | None, list[Check]]:
    """Return the stock at the start of a span and at its end, and its bases with what was expected of
    them."""
    checks: list[Check] = []
    start, since = stock, ZERO  # the flows up to where `stock` was true
    for base in bases:
        flown = net(definition, base.flown)
        expected = None if stock is None else EXACT.add(stock, EXACT.subtract(flown, since))
        checks.append(Check(base.at, base.count, expected))
        stock, since = base.count, flown
        if base.at == span.start:
            start = stock
    if stock is None or span.flows is None:
        return start, None, checks
    return start, EXACT.add(stock, EXACT.subtract(net(definition, span.flows), since)), checks


def net(definition: Definition, flows: Sums) -> Decimal:
    """Return by how much flows change the stock."""
    joined, lost, third = (part or ZERO for part in (flows.denominator, flows.numerator, flows.total))
    change = EXACT.subtract(joined, lost)
    return EXACT.subtract(change, third) if definition.row.counted else EXACT.add(change, third)


def _point(
    definition: Definition, span: Span, start: Decimal | None, checks: Sequence[Check], revision: Revision
) -> Point:
    sums, reason = _over(definition, span.flows or EMPTY, start)
    drifts = [check.drift for check in checks if check.drift is not None]
    found = make_point(
        definition, sums, start=span.start, end=span.end, observed_at=span.observed_at, revision=revision
    )
    return msgspec.structs.replace(found, reason=reason, drift=drifts[-1] if drifts else None)


def _over(definition: Definition, flows: Sums, start: Decimal | None) -> tuple[Sums, str | None]:
    """Return the sides of the figure over the stock at the start, or why there is none."""
    if start is None:
        return EMPTY, NO_BASE
    lost, third = flows.numerator or ZERO, flows.total or ZERO
    row = definition.row
    if row.key == "kept_over_start":
        above = EXACT.subtract(start, lost)
    elif row.key == "net_over_start":
        above = EXACT.subtract(EXACT.add(start, third), lost)
    else:
        above = lost
    if lost > start:  # the base is too low, or flows are missing: a churn above 1 is no churn
        return EMPTY, ABOVE_BASE
    n = int(start) if row.counted else None
    return Sums(numerator=above, denominator=start, n=n), EMPTY_BASE if start == ZERO else None


def spans_of(
    periods: Sequence[tuple[datetime, datetime]],
    flows: Mapping[datetime, Point],
    *,
    shown_from: datetime,
    known: tuple[datetime, datetime] | None,
) -> list[Span]:
    """Return the flows of periods as spans.

    flows: by the start of their period. known: of events, from where to where something is known: between
    them what is not told did not happen. None: what is not told is not known. shown_from: where points begin.
    """
    spans: list[Span] = []
    for start, end in periods:
        told = flows.get(start)
        sums = told.sums if told is not None else None
        if sums is None and known is not None and start <= known[1] and end > known[0]:
            sums = Sums(numerator=ZERO, denominator=ZERO)
        seen = None if told is None else told.observed_at
        spans.append(Span(start, end, sums, seen, start >= shown_from))
    return spans
