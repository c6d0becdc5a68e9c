"""When work that repeats is next due. Pure: instants come in, instants go out.

    {"every": "PT5M"}   {"every": 300}                     a fixed grid of whole seconds since the epoch
    {"cron": "0 7 * * 1-5", "zone": "Europe/London"}       five fields, in a time zone (UTC if absent)

The next slot follows from the schedule and the instant alone, never from when the last run ended: slots do
not drift, a second scheduler computes the same one, and whatever was missed runs once. Each `every` grid is
shifted by an offset that its identity decides, so that a thousand five-minute sources do not come together.
Across a change of clocks cron does as Debian's: what falls into the gap runs at its end, what is there twice
runs once, and patterns that start with `*` follow real time.
"""

from __future__ import annotations

import hashlib
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice

from cronsim import CronSim, CronSimError

from service.errors import Issue, ValidationProblem

MAX_INTERVAL_S = 366 * 86_400
_DURATION = re.compile(
    r"P(?:(?P<weeks>[0-9]{1,4})W)?(?:(?P<days>[0-9]{1,4})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,6})M)?(?:(?P<seconds>[0-9]{1,9})S)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Where gaps of a cron pattern are measured from: a Thursday, with a leap year within reach.
_SAMPLE_START = datetime(2026, 1, 1, tzinfo=UTC)
_SAMPLE_YEARS = timedelta(days=5 * 366)
_SAMPLE_SLOTS = 2_000


@dataclass(frozen=True, slots=True)
class Every:
    """Slots `interval_s` apart, the first `offset_s` after the epoch."""

    interval_s: int
    offset_s: int = 0

    def next_after(self, instant: datetime) -> datetime:
        """Return the first slot later than `instant` (aware), in UTC."""
        since = instant - _EPOCH - timedelta(seconds=self.offset_s)
        interval = timedelta(seconds=self.interval_s)
        return _EPOCH + timedelta(seconds=self.offset_s) + (since // interval + 1) * interval


@dataclass(frozen=True, slots=True)
class Cron:
    """Slots of a five-field cron expression on the clocks of `zone` (an IANA name)."""

    expression: str
    zone: str = "UTC"

    def next_after(self, instant: datetime) -> datetime:
        """Return the first slot later than `instant` (aware), in UTC. Raises LookupError if there is none."""
        local = instant.astimezone(zoneinfo.ZoneInfo(self.zone))
        # In the hour that clocks repeat, cronsim may name the earlier of two: never go back.
        for slot in CronSim(self.expression, local):
            if slot.astimezone(UTC) > instant:
                return slot.astimezone(UTC)
        raise LookupError(f"{self.expression!r} has no slot in the fifty years after {instant}")


Schedule = Every | Cron


def parse_schedule(spec: object, *, minimum_s: int, identity: object = "", pointer: str = "") -> Schedule:
    """Return the schedule that a JSON value writes.

    `minimum_s`: the shortest distance of two slots that is allowed. `identity`: what decides the offset of an
    `every` grid (the id of the row; its text must be stable). `pointer`: the JSON Pointer of `spec`.
    Raises ValidationProblem with pointers below `pointer`.
    """
    found, issues = _parse(spec, minimum_s, str(identity))
    if found is None:
        raise ValidationProblem(issue.under(pointer) for issue in issues)
    return found


def _parse(spec: object, minimum_s: int, identity: str) -> tuple[Schedule | None, list[Issue]]:
    if not isinstance(spec, dict):
        return None, [Issue("", "invalid_type", 'Must be an object: {"every": …} or {"cron": …, "zone": …}.')]
    issues = [
        Issue(f"/{key}", "unknown_field", "Is not a field of a schedule.")
        for key in spec
        if key not in ("every", "cron", "zone")
    ]
    if ("every" in spec) == ("cron" in spec):
        issues.append(Issue("", "invalid_schedule", "Must have either `every` or `cron`."))
    if "every" in spec and "zone" in spec:
        issues.append(Issue("/zone", "invalid_schedule", "Only a cron schedule has a zone."))
    if issues:
        return None, issues
    if "every" in spec:
        return _parse_every(spec["every"], minimum_s, identity)
    return _parse_cron(spec["cron"], spec.get("zone", "UTC"), minimum_s)


def _parse_every(value: object, minimum_s: int, identity: str) -> tuple[Every | None, list[Issue]]:
    interval_s = value if isinstance(value, int) and not isinstance(value, bool) else duration_s(value)
    if interval_s is None:
        detail = "Must be whole seconds, or a duration like PT5M, PT1H30M, P1D (no months, no years)."
        return None, [Issue("/every", "invalid_duration", detail)]
    if not minimum_s <= interval_s <= MAX_INTERVAL_S or interval_s < 1:
        detail = f"Must be {max(minimum_s, 1)} to {MAX_INTERVAL_S} seconds."
        return None, [Issue("/every", "out_of_range", detail)]
    digest = hashlib.sha256(identity.encode()).digest()
    return Every(interval_s, int.from_bytes(digest[:8], "big") % interval_s if identity else 0), []


def _parse_cron(expression: object, zone: object, minimum_s: int) -> tuple[Cron | None, list[Issue]]:
    issues = []
    if not isinstance(zone, str) or zone not in zones():
        issues.append(Issue("/zone", "unknown_zone", "Must be an IANA time zone like Europe/London."))
    if (fault := _cron_fault(expression, minimum_s)) is not None:
        issues.append(fault)
    return (None, issues) if issues else (Cron(str(expression), str(zone)), [])


def _cron_fault(expression: object, minimum_s: int) -> Issue | None:
    # A hundred characters say more than any timetable; the library would read a megabyte, too.
    if not isinstance(expression, str) or len(expression) > 100 or len(expression.split()) != 5:
        return Issue("/cron", "invalid_cron", "Must have five fields: minute hour day month weekday.")
    try:
        slots = _sample(expression)
        first = next(slots, None)
    except CronSimError as error:
        return Issue("/cron", "invalid_cron", f"{error}.")
    if first is None:
        return Issue("/cron", "invalid_cron", "There is no such day in the next years.")
    for second in slots if minimum_s > 60 else ():
        if (second - first).total_seconds() < minimum_s:
            return Issue("/cron", "out_of_range", f"Slots must be at least {minimum_s} seconds apart.")
        first = second
    return None


def _sample(expression: str) -> Iterator[datetime]:
    """Yield slots of a few years: enough for every distance that a pattern can have."""
    for slot in islice(CronSim(expression, _SAMPLE_START), _SAMPLE_SLOTS):
        if slot - _SAMPLE_START > _SAMPLE_YEARS:
            return
        yield slot


def duration_s(value: object) -> int | None:
    """Return the seconds that a duration like PT5M, PT1H30M or P1D writes, None for what is none."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        return None
    parts = {unit: int(amount) for unit, amount in match.groupdict().items() if amount}
    return int(timedelta(**parts).total_seconds())


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Return the names of all IANA time zones, read from the disk once."""
    return frozenset(zoneinfo.available_timezones())
