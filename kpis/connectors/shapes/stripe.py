"""Stripe's subscriptions as churn by month: who paid at its start, and who of them was lost in it. Pure.

A subscription begins when it is first paid for: at the end of its trial, else at `start_date`. One that ended
in its trial, or whose first payment never came (incomplete, incomplete_expired), never began. It ends at
`ended_at`: cancelling at the end of a period is a loss then, not when it was asked for. Pauses end nothing. A
customer is lost when the last of its subscriptions ends and it has none at the end of the month.
Source: API reference, the Subscription object (status, start_date, trial_end, ended_at).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from kpis.connectors.base import PullFailed, Window, written

NEVER_BEGAN = ("incomplete", "incomplete_expired")


Life = Sequence[Any]
"""[customer, began, ended]: two epochs, the last None while it lives. All that is kept of a subscription."""


def months(lives: Iterable[Life], window: Window) -> list[Any]:
    """Return one item per month (UTC) that is complete at the end of the window and overlaps it.

    {"start", "end", "subscriptions_at_start", "subscriptions_lost", "customers_at_start", "customers_lost"}
    """
    known = list(lives)
    return [_month(known, start, end) for start, end in _spans(window)]


def _lives_at(life: Life, epoch: int) -> bool:
    _, began, ended = life
    return bool(began < epoch and (ended is None or ended >= epoch))


def _month(lives: Sequence[Life], start: datetime, end: datetime) -> dict[str, Any]:
    since, until = int(start.timestamp()), int(end.timestamp())
    there = [life for life in lives if _lives_at(life, since)]
    lost = [life for life in there if not _lives_at(life, until)]
    customers = {customer for customer, _, _ in there}
    staying = {life[0] for life in lives if _lives_at(life, until)}
    return {
        "start": written(start),
        "end": written(end),
        "subscriptions_at_start": len(there),
        "subscriptions_lost": len(lost),
        "customers_at_start": len(customers),
        "customers_lost": len(customers - staying),
    }


def lives(page: Any, lookup: None, window: Window) -> list[Life]:
    """Return those of the page that began and had not ended when the window's first month began."""
    listed = page.get("data") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise PullFailed("These are no subscriptions of Stripe: `data` is missing.", permanent=True)
    earliest = int(_first_of(window).timestamp())
    found: list[Life] = []
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
        if ended is None or int(ended) > max(began, earliest - 1):
            found.append([str(id), began, None if ended is None else int(ended)])
    return found


def _first_of(window: Window) -> datetime:
    first = window.start.astimezone(UTC)
    return datetime(first.year, first.month, 1, tzinfo=UTC)


def _spans(window: Window) -> Iterator[tuple[datetime, datetime]]:
    start = _first_of(window)
    while (
        end := datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)
    ) <= window.end:
        yield start, end
        start = end
