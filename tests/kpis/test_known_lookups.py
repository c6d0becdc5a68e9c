"""Telling again what was told looks up just that, however much else the workspace was ever told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from kpis.actions import readings_store
from kpis.queries.sql import fetch
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import AT, put
from tests.kpis.make_readings import kpi

MANY = 60
DAY = timedelta(days=1)


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows of readings and of their keys were read, a number for each look at what is known."""
    read: list[int] = []

    def explained(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        if sql is readings_store._KNOWN:
            with connection.cursor() as cursor:  # else so few rows are read at one stroke
                cursor.execute("SET LOCAL enable_seqscan = off")
            [[[told]]] = fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
            read.append(sum(_rows(told["Plan"])))
        return fetch(sql, values)

    monkeypatch.setattr(readings_store, "fetch", explained)
    return read


def _rows(node: Mapping[str, Any]) -> Iterator[int]:
    if str(node.get("Relation Name", "")).startswith("reading"):
        left_out = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        yield round((node["Actual Rows"] + left_out) * node["Actual Loops"])
    for inner in node.get("Plans", ()):
        yield from _rows(inner)


def _figure(ago: int) -> ReadingIn:
    end = AT.replace(hour=0) - ago * DAY
    return ReadingIn(kpi="visits", value=7, start=end - DAY, end=end)


def _event(ago: int) -> ReadingIn:
    return ReadingIn(kpi="sold", value=7, external_id=f"e{ago}", observed_at=AT - ago * DAY)


def test_what_is_told_again_is_looked_up_by_its_key(tenant: Tenant, rows_read: list[int]) -> None:
    kpi(tenant, "visits", "visitors", period="day")
    kpi(tenant, "sold", "count", holds="events", period="day")
    for told in (_figure, _event):
        put(tenant, [told(ago) for ago in range(MANY)])
    assert rows_read == []
    again = put(tenant, [_figure(3), _figure(30), _figure(50)])
    again += put(tenant, [_event(3), _event(30), _event(50)])
    assert {one.status for one in again} == {"duplicate"}
    figures, events = rows_read
    assert 0 < figures <= 3
    assert 0 < events <= 2 * 3
