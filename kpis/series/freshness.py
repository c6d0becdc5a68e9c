"""How late the next figure is: an axis of its own beside the status.

fresh   the next figure is not due yet       late    it is overdue
stale   the one after it is overdue too      broken  the source fails, whatever the clock says

A period's figure is due when the period that follows it is over and settled, an instant's when the expected
interval has passed; both have some grace. Time alone changes this, so `next_change_at` tells when to look
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

import msgspec

from kpis.series.definition import Definition
from kpis.series.period import following, period_of

Freshness = Literal["fresh", "late", "stale", "broken"]

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S
GRACE_S: Mapping[str, int] = MappingProxyType(
    {
        "hour": _HOUR_S // 4,
        "day": 6 * _HOUR_S,
        "week": _DAY_S,
        "month": 3 * _DAY_S,
        "quarter": 7 * _DAY_S,
        "year": 14 * _DAY_S,
    }
)
_LEAST_GRACE_S = 60


class Feed(msgspec.Struct, frozen=True, gc=False):
    """What is known of where a series comes from.

    ok: False while its source fails. every_s: how often a reading of an instant is expected, None = whenever.
    grace_s: how late a figure may be without being late; None: by the period (`GRACE_S`), or half of every_s.
    """

    ok: bool = True
    every_s: int | None = None
    grace_s: int | None = None


class Due(msgspec.Struct, frozen=True, gc=False):
    """late_at, stale_at: instants at which a series that hears nothing more becomes so; None = never."""

    late_at: datetime | None
    stale_at: datetime | None


def due(definition: Definition, last: datetime | None, feed: Feed) -> Due:
    """Return when a series is late and stale whose last figure ends at, or is of, `last`."""
    if last is None:
        return Due(None, None)
    if definition.period is not None:
        next_one = period_of(last, definition.period, definition.zone)
        grace_s = GRACE_S[definition.period] if feed.grace_s is None else feed.grace_s
        wait = timedelta(seconds=definition.settle_s + grace_s)
        return Due(next_one.end + wait, following(next_one).end + wait)
    if feed.every_s is None:
        return Due(None, None)
    grace_s = max(_LEAST_GRACE_S, feed.every_s // 2) if feed.grace_s is None else feed.grace_s
    late_at = last + timedelta(seconds=feed.every_s + grace_s)
    return Due(late_at, late_at + timedelta(seconds=feed.every_s))


def freshness(when: Due, *, last: datetime | None, source_ok: bool, at: datetime) -> Freshness:
    """Return how fresh a series is at `at`; one that never had a figure is stale."""
    if not source_ok:
        return "broken"
    if last is None or (when.stale_at is not None and at >= when.stale_at):
        return "stale"
    return "late" if when.late_at is not None and at >= when.late_at else "fresh"


def next_change_at(when: Due, *, completes_at: datetime | None, at: datetime) -> datetime | None:
    """Return the first instant after `at` when time alone changes what is shown, None if it never does.

    completes_at: when the running period is over and settled, and its figure becomes the value.
    """
    coming = [
        moment for moment in (when.late_at, when.stale_at, completes_at) if moment is not None and moment > at
    ]
    return min(coming, default=None)
