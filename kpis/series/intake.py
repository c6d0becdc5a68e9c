"""From what was sent to what is recorded: the span of time, the checks, the canonical figure.

A figure of a KPI with a period speaks of one calendar period in the KPI's zone: the KPI's own, or a shorter
one that lies inside it and can be summed into it. A reading of a KPI without a period, and every event, is an
instant. Nothing else is taken, so no two spans overlap by halves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import msgspec

from kpis.series.check import canonical, check_reading
from kpis.series.definition import Definition
from kpis.series.labels import is_text
from kpis.series.method import PERIODS
from kpis.series.period import NotAPeriod, Period, parse_period, period_of
from kpis.series.reading import Reading
from kpis.series.reading_in import Number, ReadingIn
from kpis.series.sums import of_reading
from service.errors import Issue

AHEAD = timedelta(minutes=5)
MOST_KEY, MOST_REASON = 255, 500
_NUMBERS = ("value", "numerator", "denominator", "n")


class Span(msgspec.Struct, frozen=True, gc=False):
    """[start, end) of a period, or an instant twice; both aware."""

    start: datetime
    end: datetime


class Observed(msgspec.Struct, frozen=True, gc=False):
    """A checked reading in the columns of its row. key: the external id of an event, '' for a figure.

    span: None only for an event that is taken back by its id alone.
    """

    span: Span | None
    key: str
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None
    counts: tuple[int, ...] | None = None


def observe(
    definition: Definition, item: ReadingIn, *, at: datetime, history_from: datetime
) -> Observed | list[Issue]:
    """Return what is to be recorded of `item`; or everything that is wrong with it, pointers relative to it.

    at: now; nothing may begin more than `AHEAD` later, nor before `history_from`.
    """
    issues = _check_texts(definition, item)
    span = _span(definition, item)
    if isinstance(span, list):
        return issues + span
    if span is not None:
        issues += _check_bounds(item, span, at, history_from)
    if item.retract:
        issues += _check_bare(item)
        return issues or Observed(_utc(span), item.external_id or "")
    issues += _check_types(item)
    if issues or span is None:
        return issues
    reading = _reading(item, span)
    issues = check_reading(definition, reading)
    if item.unit is not None and item.value is None:
        issues.append(Issue("/unit", "not_taken", "A unit goes with a value."))
    if issues:
        return issues
    reading = canonical(definition, reading)
    return _check_summable(definition, reading) or _observed(definition, item, reading)


def _check_texts(definition: Definition, item: ReadingIn) -> list[Issue]:
    issues: list[Issue] = []
    if definition.holds == "events":
        if item.external_id is None:
            issues.append(Issue("/external_id", "required", "Events are told apart by an external id."))
        elif not is_text(item.external_id, MOST_KEY):
            detail = f"1 to {MOST_KEY} characters, none of them a control character."
            issues.append(Issue("/external_id", "external_id", detail))
    elif item.external_id is not None:
        detail = "A figure is told apart by its period or instant; only events have an external id."
        issues.append(Issue("/external_id", "not_taken", detail))
    if item.reason is not None and not is_text(item.reason, MOST_REASON):
        detail = f"1 to {MOST_REASON} characters, none of them a control character."
        issues.append(Issue("/reason", "reason", detail))
    return issues


def _check_bare(item: ReadingIn) -> list[Issue]:
    given = [name for name in (*_NUMBERS, "distribution", "unit") if getattr(item, name) is not None]
    return [Issue(f"/{name}", "not_taken", "What is taken back has no figure.") for name in given]


def _check_types(item: ReadingIn) -> list[Issue]:
    wrong = [f"/{name}" for name in _NUMBERS if not _is_number(getattr(item, name))]
    if item.distribution is not None:
        counts = item.distribution.items()
        wrong += [f"/distribution/{step}" for step, count in counts if not _is_number(count)]
    return [Issue(where, "type", "Must be a number.") for where in wrong]


def _is_number(given: object) -> bool:
    return given is None or type(given) is int or isinstance(given, Decimal)


def _span(definition: Definition, item: ReadingIn) -> Span | list[Issue] | None:
    ways = [
        name
        for name, there in (
            ("observed_at", item.observed_at is not None),
            ("period", item.period is not None),
            ("start", item.start is not None or item.end is not None),
        )
        if there
    ]
    if len(ways) > 1:
        return [Issue(f"/{ways[1]}", "ambiguous", "Send one of period, start and end, or observed_at.")]
    way = ways[0] if ways else None
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
    if own is None or period.kind == own:
        return None
    if PERIODS.index(period.kind) > PERIODS.index(own):
        detail = f"A {period.kind} is longer than the KPI's {own}; figures cannot be split."
        return Issue(where, "period_too_long", detail)
    if period.end > period_of(period.start, own, definition.zone).end:
        return Issue(where, "period_across", f"{period.label} belongs to two of the KPI's {own}s.")
    return None


def _naive(name: str) -> Issue:
    return Issue(f"/{name}", "offset", "An instant needs an offset, such as Z or +01:00.")


def _check_bounds(item: ReadingIn, span: Span, at: datetime, history_from: datetime) -> list[Issue]:
    where = "/observed_at" if item.observed_at else "/period" if item.period else "/start"
    if span.start > at + AHEAD:
        return [Issue(where, "in_future", "This lies ahead; clocks may differ by at most five minutes.")]
    if span.start < history_from:
        detail = f"The workspace's history begins at {history_from.isoformat()}."
        return [Issue(where, "before_history", detail)]
    return []


def _check_summable(definition: Definition, reading: Reading) -> list[Issue]:
    """What is one of many of its period must bring parts; a bare figure can only stand alone."""
    if definition.holds == "figures":
        own = definition.period
        if own is None or reading.start is None:
            return []
        whole = period_of(reading.start, own, definition.zone)
        if (whole.start, whole.end) == (reading.start, reading.end):
            return []
    if of_reading(definition, reading).bares:
        what = "event" if definition.holds == "events" else "shorter period"
        detail = (
            f"A figure without its parts cannot be summed with others: of an {what} send the parts (or n)."
        )
        return [Issue("/value", "no_parts", detail.replace("an shorter", "a shorter"))]
    return []


def _reading(item: ReadingIn, span: Span) -> Reading:
    return Reading(
        end=span.end,
        start=span.start if span.start != span.end else None,
        value=_decimal(item.value),
        numerator=_decimal(item.numerator),
        denominator=_decimal(item.denominator),
        n=item.n,
        distribution=item.distribution,
        unit=item.unit,
    )


def _decimal(number: Number | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _observed(definition: Definition, item: ReadingIn, reading: Reading) -> Observed:
    counts = None
    n = None if reading.n is None else int(reading.n)
    if reading.distribution is not None:
        counts = tuple(int(reading.distribution.get(str(step), 0)) for step in definition.steps)
        n = sum(counts)
    return Observed(
        _utc(Span(reading.start or reading.end, reading.end)),
        item.external_id or "",
        reading.value,
        reading.numerator,
        reading.denominator,
        n,
        counts,
    )


def _utc(span: Span | None) -> Span | None:
    return None if span is None else Span(span.start.astimezone(UTC), span.end.astimezone(UTC))
