"""Rows of readings in and out of Postgres: texts that the server unpacks, no ORM rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

from kpis.actions.readings_check import Checked
from kpis.queries.sql import array, execute, fetch, fetch_meanwhile, statement
from kpis.series.exact import encode, plain
from kpis.series.intake import Observed
from kpis.series.intake_span import Span

_RECORD_EVENTS = statement("record_events")
_RECORD_FIGURES = statement("record_figures")
_KNOWN = statement("known_readings")
_SUPERSEDE = statement("supersede_readings")
_MICROSECOND = timedelta(microseconds=1)
RETRACTED = "00" * 16
"""The hash of what is taken back."""


class Row(msgspec.Struct, omit_defaults=True, gc=False):
    """A reading on its way to the server, by the columns that the statements unpack.

    place: where in the batch it stands. delivery: the number of the one that tells it. hash: of span and
    figure; a period's figure gets it only where it is judged, as what is new is told by its span alone.
    recorded_at: None where the statement takes the clock.
    """

    place: int
    series_id: int
    start_at: datetime | None
    end_at: datetime | None
    key: str
    delivery: int = 0
    hash: str = ""
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None
    counts: tuple[int, ...] | None = None
    reason: str | None = None
    retracted: bool = False
    suspect: bool = False
    recorded_at: datetime | None = None

    @property
    def identity(self) -> tuple[object, ...]:
        """What a later row must share to supersede this one."""
        return (self.series_id, self.key) if self.key else (self.series_id, self.start_at, self.end_at)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Start and end of a row whose span is known."""
        assert self.start_at is not None
        assert self.end_at is not None
        return self.start_at, self.end_at


class Known(msgspec.Struct, frozen=True, gc=False):
    """What was recorded last of an identity."""

    start_at: datetime
    end_at: datetime
    recorded_at: datetime
    retracted: bool
    hash: str


class Tellers(msgspec.Struct, frozen=True):
    """The feeds of deliveries, and what caused each, by their numbers: as the statements take them."""

    feeds: str
    causes: str

    @classmethod
    def of(cls, told: Iterable[tuple[uuid.UUID | None, uuid.UUID | None]]) -> Tellers:
        feeds, causes = zip(*told, strict=True)
        return cls(_array(feeds), _array(causes))


def _array(ids: Iterable[uuid.UUID | None]) -> str:
    return "{" + ",".join("NULL" if one is None else str(one) for one in ids) + "}"


def row_of(series_id: int, one: Checked) -> Row:
    """Return the row of an item; a span that only its key can tell stays None."""
    observed, span, key = one.observed, one.observed.span, one.observed.key
    return Row(
        one.index,
        series_id,
        span.start if span else None,
        span.end if span else None,
        key,
        one.address.delivery,
        RETRACTED if one.retracted else hash_of(observed) if key else "",
        observed.value,
        observed.numerator,
        observed.denominator,
        observed.n,
        observed.counts,
        one.reason,
        one.retracted,
    )


def hash_of(observed: Observed) -> str:
    """Return a hash of span and figure: the same for equal figures, however their digits were written."""
    span = observed.span
    numbers = (observed.value, observed.numerator, observed.denominator)
    ends = (span.start, span.end) if span else (None, None)
    return _hash(ends, numbers, observed.n, observed.counts)


def hashed(row: Row) -> Row:
    """Return the row with its hash, worked out where that was left until somebody asks."""
    if not row.hash:
        row.hash = _hash(row.span, (row.value, row.numerator, row.denominator), row.n, row.counts)
    return row


def _hash(
    span: tuple[datetime | None, datetime | None],
    numbers: tuple[Decimal | None, ...],
    n: int | None,
    counts: tuple[int, ...] | None,
) -> str:
    plainly = [None if number is None else plain(number) for number in numbers]
    return blake2b(encode((*span, *plainly, n, counts)), digest_size=16).hexdigest()


def record_new(
    *,
    workspace_id: uuid.UUID,
    rows: Sequence[Row],
    events: bool,
    tellers: Tellers,
    meanwhile: Callable[[], object] | None,
) -> tuple[datetime, set[int], bool]:
    """Insert what is not known yet; return when it was recorded, the places of what is known, and whether a
    binding can show any of the series. meanwhile: is done while the server inserts."""
    sql, values = (
        (_RECORD_EVENTS, _values(workspace_id, rows, tellers))
        if events
        else (_RECORD_FIGURES, _columns(workspace_id, rows, tellers))
    )
    answer = fetch(sql, values) if meanwhile is None else fetch_meanwhile(sql, values, meanwhile)
    [(recorded_at, known, bound)] = answer
    return recorded_at, set(known), bound


def known_of(*, workspace_id: uuid.UUID, rows: Sequence[Row]) -> tuple[datetime, dict[int, Known]]:
    """Return an instant later than all that is known of the rows' identities, and that by place."""
    ends = [] if any(row.key for row in rows) else [row.span[1] for row in rows]
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "rows": _json(rows),
        "since": min(ends, default=None),
        "until": max(ends, default=None),
    }
    found = fetch(_KNOWN, values)
    known = {place: _known(*row) for _, place, *row in found if place is not None}
    # The clock may have been set back; what comes later must still be recorded later.
    latest = max((held.recorded_at for held in known.values()), default=found[0][0])
    return max(found[0][0], latest + _MICROSECOND), known


def supersede(*, workspace_id: uuid.UUID, rows: Sequence[Row], tellers: Tellers) -> None:
    """Insert rows, in the order of their places, over what is known."""
    execute(_SUPERSEDE, _values(workspace_id, rows, tellers))


def _values(workspace_id: uuid.UUID, rows: Sequence[Row], tellers: Tellers) -> dict[str, Any]:
    return {
        "workspace": workspace_id,
        "rows": _json(rows),
        "feeds": tellers.feeds,
        "causes": tellers.causes,
    }


def _columns(workspace_id: uuid.UUID, rows: Sequence[Row], tellers: Tellers) -> dict[str, Any]:
    """Figures by their columns: most say nothing in most, and a text that is all columns takes the server
    twice as long to unpack."""
    ends = [row.span[1] for row in rows]
    counts = [row.counts for row in rows]
    reasons = [row.reason for row in rows]
    return {
        "workspace": workspace_id,
        "feeds": tellers.feeds,
        "causes": tellers.causes,
        "places": _array_of([row.place for row in rows]),
        "deliveries": _array_of([row.delivery for row in rows], 0),
        "series": _array_of([row.series_id for row in rows]),
        "starts": _array_of([row.start_at for row in rows]),
        "ends": _array_of(ends),
        "values": _array_of([row.value for row in rows]),
        "numerators": _array_of([row.numerator for row in rows]),
        "denominators": _array_of([row.denominator for row in rows]),
        "ns": _array_of([row.n for row in rows]),
        "counts": _array_of([None if some is None else array(some) for some in counts]),
        "reasons": None if _says_nothing(reasons, None) else reasons,
        "suspects": _array_of([row.suspect for row in rows], False),
        "since": min(ends),
        "until": max(ends),
    }


def _array_of(column: Sequence[object], nothing: object = None) -> str | None:
    """Return what holds no text but digits, instants and the like as the text of an array; None where it is
    all `nothing`."""
    if _says_nothing(column, nothing):
        return None
    return "{" + encode(column).decode()[1:-1] + "}"


def _says_nothing(column: Sequence[object], nothing: object) -> bool:
    return column[0] is nothing and column.count(nothing) == len(column)


def _json(rows: Sequence[Row]) -> str:
    return encode(rows).decode()


def _known(
    start_at: datetime,
    end_at: datetime,
    recorded_at: datetime,
    retracted: bool,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    n: int | None,
    counts: list[int] | None,
) -> Known:
    span = Span(start_at.astimezone(UTC), end_at.astimezone(UTC))
    figure = Observed(span, "", value, numerator, denominator, n, None if counts is None else tuple(counts))
    return Known(span.start, span.end, recorded_at, retracted, RETRACTED if retracted else hash_of(figure))
