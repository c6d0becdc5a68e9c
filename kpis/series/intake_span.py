"""The span of time that a reading is of, in the KPI's zone.

A figure of a KPI with a period speaks of one calendar period: the KPI's own, or a shorter one that lies
inside it (where several share time, the longer one counts). A reading of a KPI without a period, and every
event, is an instant. Nothing else is taken.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

from kpis.series.definition import Definition
from kpis.series.method import PERIODS
from kpis.series.period import NotAPeriod, Period, parse_period, period_of
from kpis.series.reading_in import ReadingIn
from service.errors import Issue

AHEAD = timedelta(minutes=5)


class Span(msgspec.Struct, frozen=True, gc=False):
    """[start, end) of a period, or an instant twice; both aware. own: it is one of the KPI's own periods."""

    start: datetime
    end: datetime
    own: bool = False


def in_utc(span: Span) -> Span:
    """Return the same span with both ends in UTC."""
    if span.start.tzinfo is UTC and span.end.tzinfo is UTC:
        return span
    return Span(span.start.astimezone(UTC), span.end.astimezone(UTC), span.own)


def span_of(definition: Definition, item: ReadingIn) -> Span | list[Issue] | None:
    """Return the span that an item names, or what is wrong with it; None for an event known by its id."""
    spanned = item.start is not None or item.end is not None
    if (item.observed_at is not None) + (item.period is not None) + spanned > 1:
        second = "period" if item.observed_at is not None and item.period is not None else "start"
        return [Issue(f"/{second}", "ambiguous", "Send one of period, start and end, or observed_at.")]
    way = "start" if spanned else "period" if item.period is not None else None
    if item.observed_at is not None:
        way = "observed_at"
    if way is None and item.retract and definition.holds == "events":
        return None
    if definition.holds == "events" or definition.period is None:
        return _instant(item, way, "An event" if definition.holds == "events" else "A reading of this KPI")
    if way == "observed_at" and definition.row.form == "last":
        return _instant(item, way, "")
    return _calendar(definition, item, way)


def _instant(item: ReadingIn, way: str | None, what: str) -> Span | list[Issue]:
    if way == "observed_at" and item.observed_at is not None:
        return (
            Span(item.observed_at, item.observed_at) if item.observed_at.tzinfo else [_naive("observed_at")]
        )
    if way is None:
        return [Issue("/observed_at", "required", f"{what} is of an instant: send observed_at.")]
    return [Issue(f"/{way}", "not_taken", f"{what} is of an instant: send observed_at instead.")]


def _calendar(definition: Definition, item: ReadingIn, way: str | None) -> Span | list[Issue]:
    """The calendar period that the item names, which is the KPI's or lies inside one of the KPI's."""
    if way is None or way == "observed_at":
        code = "required" if way is None else "not_taken"
        detail = f"This KPI is a figure per {definition.period}: send period, or start and end."
        return [Issue(f"/{way or 'period'}", code, detail)]
    if item.period is not None:
        try:
            period = _parsed(item.period, definition.zone)
        except NotAPeriod as error:
            return [Issue("/period", "period", str(error))]
    else:
        found = _between(definition, item)
        if isinstance(found, list):
            return found
        period = found
    if period.kind == definition.period:
        return Span(period.start, period.end, own=True)
    issue = _check_inside(definition, period, f"/{way}")
    return [issue] if issue else Span(period.start, period.end)


@lru_cache(maxsize=4096)
def _parsed(text: str, zone: str) -> Period:
    return parse_period(text, zone)


def _between(definition: Definition, item: ReadingIn) -> Period | list[Issue]:
    start, end = item.start, item.end
    if start is None or end is None:
        missing = "start" if start is None else "end"
        return [Issue(f"/{missing}", "required", "A period has a start and an end, which is exclusive.")]
    naive = [_naive(name) for name, given in (("start", start), ("end", end)) if given.tzinfo is None]
    if naive:
        return naive
    if start >= end:
        return [Issue("/end", "order", "The end lies after the start; it is exclusive.")]
    try:
        period = _spanned(start.astimezone(UTC), end.astimezone(UTC), definition.period, definition.zone)
    except (OverflowError, ValueError):
        return [Issue("/start", "out_of_range", "There is no such period.")]
    if period is not None:
        return period
    detail = f"From start to end is no hour, day, week, month, quarter or year in {definition.zone}."
    return [Issue("/end", "no_period", detail)]


@lru_cache(maxsize=4096)
def _spanned(start: datetime, end: datetime, own: str | None, zone: str) -> Period | None:
    """The period from start to end, in UTC: as a rule one of `own`, the same for all series of a batch."""
    for kind in (own, *reversed(PERIODS)):
        if kind is not None:
            period = period_of(start, kind, zone)
            if period.start == start and period.end == end:
                return period
    return None


def _check_inside(definition: Definition, period: Period, where: str) -> Issue | None:
    own = definition.period
    if own is None:
        return None
    if PERIODS.index(period.kind) > PERIODS.index(own):
        detail = f"A {period.kind} is longer than the KPI's {own}; figures cannot be split."
        return Issue(where, "period_too_long", detail)
    if period.end > period_of(period.start, own, definition.zone).end:
        return Issue(where, "period_across", f"{period.label} belongs to two of the KPI's {own}s.")
    return None


def _naive(name: str) -> Issue:
    return Issue(f"/{name}", "offset", "An instant needs an offset, such as Z or +01:00.")


def check_bounds(item: ReadingIn, span: Span, at: datetime, history_from: datetime) -> list[Issue]:
    """Return what is wrong with when the span begins: not `AHEAD` of now, nor before the history."""
    where = "/observed_at" if item.observed_at else "/period" if item.period else "/start"
    if span.start > at + AHEAD:
        return [Issue(where, "in_future", "This lies ahead; clocks may differ by at most five minutes.")]
    if span.start < history_from:
        detail = f"The workspace's history begins at {history_from.isoformat()}."
        return [Issue(where, "before_history", detail)]
    return []
