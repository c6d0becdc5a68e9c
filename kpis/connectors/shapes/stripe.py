"""Stripe's subscriptions as churn by month: who paid at its start, and who of them was lost in it. Pure.

A subscription begins when it is first paid for: at the end of its trial, else at `start_date`. One that ended
in its trial, or whose first payment never came (incomplete, incomplete_expired), never began. It ends at
`ended_at`: cancelling at the end of a period is a loss then, not when it was asked for. Pauses end nothing. A
customer is lost when the last of its subscriptions ends and it has none at the end of the month.
Source: API reference, the Subscription object (status, start_date, trial_end, ended_at).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kpis.connectors.base import PullFailed, Window, written

NEVER_BEGAN = ("incomplete", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class _Life:
    customer: str
    began: int
    ended: int | None

    def lives_at(self, epoch: int) -> bool:
        return self.began < epoch and (self.ended is None or self.ended >= epoch)


def months(documents: Sequence[Any], window: Window) -> list[Any]:
    """Return one item per month (UTC) that is complete at the end of the window and overlaps it.

    {"start", "end", "subscriptions_at_start", "subscriptions_lost", "customers_at_start", "customers_lost"}
    """
    lives = [life for document in documents for life in _lives(document)]
    return [_month(lives, start, end) for start, end in _spans(window)]


def _month(lives: Sequence[_Life], start: datetime, end: datetime) -> dict[str, Any]:
    since, until = int(start.timestamp()), int(end.timestamp())
    there = [life for life in lives if life.lives_at(since)]
    lost = [life for life in there if not life.lives_at(until)]
    customers = {life.customer for life in there}
    staying = {life.customer for life in lives if life.lives_at(until)}
    return {
        "start": written(start),
        "end": written(end),
        "subscriptions_at_start": len(there),
        "subscriptions_lost": len(lost),
        "customers_at_start": len(customers),
        "customers_lost": len(customers - staying),
    }


def _lives(document: Any) -> Iterator[_Life]:
    listed = document.get("data") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise PullFailed("These are no subscriptions of Stripe: `data` is missing.", permanent=True)
    for row in listed:
        try:
            if row["status"] in NEVER_BEGAN:
                continue
            ended = row.get("ended_at")
            began = max(int(row["start_date"]), int(row.get("trial_end") or 0))
            customer = row["customer"]
            id = customer["id"] if isinstance(customer, dict) else customer
        except (KeyError, TypeError, ValueError):
            raise PullFailed("These are no subscriptions of Stripe.", permanent=True) from None
        if ended is None or int(ended) > began:
            yield _Life(str(id), began, None if ended is None else int(ended))


def _spans(window: Window) -> Iterator[tuple[datetime, datetime]]:
    first = window.start.astimezone(UTC)
    start = datetime(first.year, first.month, 1, tzinfo=UTC)
    while (
        end := datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)
    ) <= window.end:
        yield start, end
        start = end
