"""The id of a reading: its identity and when it was recorded, as text for URLs. Opaque to clients."""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY_S = 24 * 60 * 60
_HEAD = struct.Struct(">qqqq")


class ReadingRef(msgspec.Struct, frozen=True, gc=False):
    """Where one row of `reading` stands; instants in UTC."""

    series_id: int
    start_at: datetime
    end_at: datetime
    recorded_at: datetime
    key: str


def reading_id(ref: ReadingRef) -> str:
    """Return the id of the row."""
    start, end, recorded = micros(ref.start_at), micros(ref.end_at), micros(ref.recorded_at)
    head = _HEAD.pack(ref.series_id, start, end, recorded)
    return urlsafe_b64encode(head + ref.key.encode()).decode().rstrip("=")


@lru_cache(maxsize=4096)
def micros(at: datetime) -> int:
    """Microseconds since 1970; by parts, as dividing one timedelta by another takes four times as long.

    Batches share their periods and the instant of recording.
    """
    since = at - _EPOCH
    return (since.days * _DAY_S + since.seconds) * 1_000_000 + since.microseconds


def parse_reading_id(text: str) -> ReadingRef | None:
    """Return what an id says, None for what is no id."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        series_id, *instants = _HEAD.unpack_from(raw)
        start_at, end_at, recorded_at = (_EPOCH + at * _MICROSECOND for at in instants)
        ref = ReadingRef(series_id, start_at, end_at, recorded_at, raw[_HEAD.size :].decode())
    except (ValueError, OverflowError, struct.error, binascii.Error):
        return None
    # Another text may decode to the same bytes; an id has one spelling. Postgres takes no NUL.
    return ref if reading_id(ref) == text and "\x00" not in ref.key else None
