"""A reading sent alone goes a shorter way: what comes of it is what would in a batch."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from kpis.actions.readings import Feed
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import API, put
from tests.kpis.make_readings import kpi

ROWS = """
SELECT r.key, r.start_at, r.end_at, r.value, r.numerator, r.denominator, r.n, r.counts, r.retracted,
       r.feed_id, r.cause_id, r.reason, r.suspect, h.payload_hash, s.feed_id, s.told_at >= r.start_at
FROM reading r
JOIN series s ON s.workspace_id = r.workspace_id AND s.id = r.series_id
LEFT JOIN reading_key h
  ON h.workspace_id = r.workspace_id AND h.series_id = r.series_id AND h.external_id = r.key
WHERE r.workspace_id = %s AND s.kpi_id = %s
"""
SOURCE, OTHER = (Feed(id=uuid.UUID(int=n), cause=uuid.UUID(int=9), name="feed") for n in (1, 2))
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
KINDS: dict[str, dict[str, Any]] = {
    "count": {"kind": "visitors", "period": "day"},
    "rate": {"kind": "open_rate", "period": "day"},
    "answers": {"kind": "nps", "input": "answers"},
    "events": {"kind": "revenue", "currency": "EUR", "holds": "events"},
    "spread": {"kind": "csat", "period": "day"},
}


def _day(number: int, **values: Any) -> dict[str, Any]:
    return {"start": MARCH + timedelta(days=number), "end": MARCH + timedelta(days=number + 1), **values}


def _event(number: int, **values: Any) -> dict[str, Any]:
    return {"observed_at": MARCH + timedelta(hours=number), "external_id": f"e-{number % 3}", **values}


SENT: dict[str, list[dict[str, Any]]] = {
    "count": [
        _day(0, value=3, reason="by hand"),
        _day(0, value=3),
        _day(0, value=4),
        _day(1, value=Decimal("7.0")),
        _day(1, retract=True),
        _day(2, retract=True),
        _day(2, value=1, labels={"segment": "smb"}),
        _day(3, value=2, labels={"segment": "smb"}),
    ],
    "rate": [_day(n, numerator=n, denominator=10) for n in (0, 1, 0, 2)]
    + [_day(3, numerator=11, denominator=10)],
    "answers": [_event(n, value=n + 5, reason="told late") for n in range(6)],
    "events": [_event(n, value=Decimal("12.50")) for n in (0, 1, 0, 2, 3)],
    "spread": [_day(n, distribution={"5": 3, "1": n}) for n in (0, 1, 1, 2)],
}


def _later(sent: dict[str, Any], days: int) -> dict[str, Any]:
    moved = {name: at + timedelta(days=days) for name, at in sent.items() if isinstance(at, datetime)}
    key = {"external_id": f"{sent['external_id']}-{days}"} if "external_id" in sent else {}
    return sent | moved | key


def _rows(tenant: Tenant, kpi_id: str) -> list[tuple[Any, ...]]:
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute(ROWS, [tenant.workspace.id, kpi_id])
        return sorted(cursor.fetchall(), key=repr)


def _send(
    tenant: Tenant, key: str, sent: Iterable[dict[str, Any]], on_conflict: Any, feed: Feed
) -> list[Any]:
    outcomes = put(
        tenant, [ReadingIn(kpi=key, **values) for values in sent], on_conflict=on_conflict, feed=feed
    )
    return [(one.status, [issue.code for issue in one.issues]) for one in outcomes]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("on_conflict", ["refuse", "correct"])
def test_one_by_one_they_come_to_what_they_do_together(tenant: Tenant, kind: str, on_conflict: str) -> None:
    alone = kpi(tenant, "alone", **KINDS[kind])["id"]
    together = kpi(tenant, "together", **KINDS[kind])["id"]
    came: list[set[str]] = []
    # It is fed by hand, then adopted; after that it is another feed's, which hands may but correct.
    for feed, day in ((API, 0), (SOURCE, 10), (OTHER, 20), (API, 30)):
        sent = [_later(one, day) for one in SENT[kind]]
        one_by_one = [_send(tenant, "alone", [one], on_conflict, feed)[0] for one in sent]
        assert one_by_one == _send(tenant, "together", sent, on_conflict, feed)
        came.append({status for status, _ in one_by_one})
    assert _rows(tenant, alone) == _rows(tenant, together)
    assert ["created" in statuses for statuses in came] == [True, True, False, False]
