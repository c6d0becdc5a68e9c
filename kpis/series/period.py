"""Calendar periods in a zone, half-open. Weeks are ISO weeks (Monday); a day may have 23, 24 or 25 hours.

Text: `2026`, `2026-Q3`, `2026-10`, `2026-W42`, `2026-10-31`, `2026-10-31T14`. An hour that a clock change
repeats is told apart by its offset: `2026-10-25T02+01:00`; without one the first of the two is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

_HOUR = timedelta(hours=1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_YEARS = range(1900, 3000)
_TEXT = re.compile(
    r"(?P<year>\d{4})"
    r"(?:-Q(?P<quarter>[1-4])|-W(?P<week>\d{2})"
    r"|-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:T(?P<hour>\d{2})(?P<offset>[+-]\d{2}:\d{2})?)?)?)?",
    re.ASCII,
)


class NotAPeriod(ValueError):
    """The text names no period; the message says why and what would."""


class Period(msgspec.Struct, frozen=True, gc=False):
    """A half-open calendar period [start, end), both in UTC, of `kind` as it lies in `zone`."""

    start: datetime
    end: datetime
    kind: str
    zone: str

    @property
    def label(self) -> str:
        """The text that `parse_period` reads back as this period."""
        return _label(self)


def parse_period(text: str, zone: str) -> Period:
    """Return the period that `text` names in `zone`. Raises NotAPeriod."""
    found = _TEXT.fullmatch(text)
    if not found:
        raise NotAPeriod(
            f"{text!r} is no period: write 2026, 2026-Q3, 2026-10, 2026-W42, 2026-10-31 or 2026-10-31T14."
        )
    parts = {name: int(digits) for name, digits in found.groupdict().items() if digits and name != "offset"}
    year = parts["year"]
    if year not in _YEARS:
        raise NotAPeriod(f"{text!r}: the year must be {_YEARS.start} to {_YEARS.stop - 1}.")
    try:
        if "hour" in parts:
            return _parse_hour(parts, found["offset"], zone)
        if "day" in parts:
            period = _of_day(date(year, parts["month"], parts["day"]), "day", zone)
        elif "month" in parts:
            period = _of_day(date(year, parts["month"], 1), "month", zone)
        elif "week" in parts:
            period = _of_day(date.fromisocalendar(year, parts["week"], 1), "week", zone)
        elif "quarter" in parts:
            period = _of_day(date(year, parts["quarter"] * 3 - 2, 1), "quarter", zone)
        else:
            period = _of_day(date(year, 1, 1), "year", zone)
    except NotAPeriod:
        raise
    except ValueError as error:
        raise NotAPeriod(f"{text!r} is no period: {error}.") from error
    if period.start == period.end:
        raise NotAPeriod(f"{text!r} does not exist in {zone}: its clocks skipped it.")
    return period


def period_of(instant: datetime, kind: str, zone: str) -> Period:
    """Return the period of `kind` in `zone` that holds the aware `instant`."""
    if kind == "hour":
        return _hour_of(instant, zone)
    return _of_day(instant.astimezone(_zone(zone)).date(), kind, zone)


def following(period: Period) -> Period:
    """Return the period that begins where this one ends."""
    return period_of(period.end, period.kind, period.zone)


def preceding(period: Period) -> Period:
    """Return the period that ends where this one begins."""
    return period_of(period.start - timedelta(microseconds=1), period.kind, period.zone)


def periods_back(period: Period, count: int) -> Period:
    """Return the period of the same kind that lies `count` before this one; hours as they passed."""
    if period.kind == "hour":
        return _hour_of(period.start - count * _HOUR, period.zone)
    first = _first_day(period)
    if period.kind in ("day", "week"):
        back = first - timedelta(days=count * (7 if period.kind == "week" else 1))
    else:
        back = _months_back(first, count * _MONTHS[period.kind])
    return _of_day(back, period.kind, period.zone)


def years_back(period: Period, years: int) -> Period:
    """Return the period of the same name `years` before: the same month, date or ISO week.

    29 February goes to the 28th and a 53rd week to the 52nd where the year has none. Not of hours.
    """
    first = _first_day(period)
    if period.kind == "day":
        last = 28 if (first.month, first.day) == (2, 29) else first.day
        return _of_day(first.replace(year=first.year - years, day=last), "day", period.zone)
    if period.kind == "week":
        year, week, _ = first.isocalendar()
        weeks = date(year - years, 12, 28).isocalendar().week  # always in the last week of its year
        return _of_day(date.fromisocalendar(year - years, min(week, weeks), 1), "week", period.zone)
    return _of_day(_months_back(first, 12 * years), period.kind, period.zone)


def _first_day(period: Period) -> date:
    return period.start.astimezone(_zone(period.zone)).date()


def _months_back(first: date, months: int) -> date:
    whole = first.year * 12 + first.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)


def periods_between(start: datetime, end: datetime, kind: str, zone: str) -> Iterator[Period]:
    """Yield, oldest first, the periods that share an instant with [start, end)."""
    if start >= end:
        return
    period = period_of(start, kind, zone)
    while period.start < end:
        yield period
        period = following(period)


def is_complete(end: datetime, settle_s: int, at: datetime) -> bool:
    """Say whether a period that ends at `end` is over and its late figures are in at `at`."""
    return end + timedelta(seconds=settle_s) <= at


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _of_day(day: date, kind: str, zone: str) -> Period:
    if kind == "day":
        first, after = day, day + timedelta(days=1)
    elif kind == "week":
        first = day - timedelta(days=day.weekday())
        after = first + timedelta(days=7)
    else:
        months = _MONTHS[kind]
        begun = (day.month - 1) // months * months
        first = date(day.year, begun + 1, 1)
        over = begun + months
        after = date(day.year + over // 12, over % 12 + 1, 1)
    return Period(_midnight(first, zone), _midnight(after, zone), kind, zone)


def _midnight(day: date, zone: str) -> datetime:
    """Where the clocks skip midnight, its instant by the old offset is just the instant of the change."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone(zone)).astimezone(UTC)


def _hour_of(instant: datetime, zone: str) -> Period:
    """An hour of the local clock; at a change by half an hour (Lord Howe) it lasts 30 or 90 minutes."""
    tz = _zone(zone)
    start = instant.astimezone(tz).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    end = start + _HOUR
    local = end.astimezone(tz)
    if local.minute or local.second:
        struck = local.replace(minute=0, second=0).astimezone(UTC)
        into = timedelta(minutes=local.minute, seconds=local.second)
        end = struck if struck > start else end - into + _HOUR
    return Period(start, end, "hour", zone)


def _parse_hour(parts: dict[str, int], offset: str | None, zone: str) -> Period:
    wall = datetime(parts["year"], parts["month"], parts["day"], parts["hour"], tzinfo=_zone(zone))
    if wall.astimezone(UTC).astimezone(wall.tzinfo).hour != wall.hour:
        raise NotAPeriod(f"Hour {wall:%Y-%m-%dT%H} does not exist in {zone}: its clocks skipped it.")
    for instant in (wall, wall.replace(fold=1)):
        if offset is None or instant.isoformat()[-6:] == offset:
            return _hour_of(instant, zone)
    raise NotAPeriod(f"Hour {wall:%Y-%m-%dT%H} has no offset {offset} in {zone}.")


@lru_cache(maxsize=4096)
def _label(period: Period) -> str:
    local = period.start.astimezone(_zone(period.zone))
    if period.kind == "hour":
        repeated = local.fold or local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset()
        return f"{local:%Y-%m-%dT%H}" + (local.isoformat()[-6:] if repeated else "")
    # A period whose first midnight was skipped begins later that day, or (a skipped day) the day after.
    if period.kind == "day":
        return f"{local:%Y-%m-%d}"
    if period.kind == "week":
        year, week, _ = local.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if period.kind == "month":
        return f"{local:%Y-%m}"
    return f"{local.year:04d}-Q{(local.month + 2) // 3}" if period.kind == "quarter" else f"{local.year:04d}"
