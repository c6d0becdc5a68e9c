"""Figures over a stock that were told otherwise: one period changes those after it, up to the next base."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_readings import kpi, record
from tests.kpis.test_restated import correct, points
from tests.kpis.test_stock import base, churn


@pytest.fixture
def lost(tenant: Tenant) -> Tenant:
    """Four months of a hundred customers, counted again in April."""
    churn(tenant)
    kpi(tenant, "kept", "derived", expression="1 - churn", period="month", direction="up")
    base(tenant, "2026-01-01T00:00:00Z", 100)
    for month in range(1, 5):
        record(tenant, "churn", period=f"2026-{month:02}", flows={"joined": 20, "lost": 20})
    base(tenant, "2026-04-01T00:00:00Z", 200)
    return tenant


def told(tenant: Tenant, key: str = "churn") -> list[tuple[Any, Any]]:
    return [(one["value"], one["restated"] and one["restated"]["was"]) for one in points(tenant, key)]


def test_what_was_told_of_january_is_told_again_up_to_the_next_base(lost: Tenant) -> None:
    assert told(lost) == [(0.2, None), (0.2, None), (0.2, None), (0.1, None)]
    made = correct(lost, "churn", period="2026-01", flows={"joined": 45, "lost": 20}, reason="the web shop")
    assert told(lost) == [(0.2, None), (0.16, 0.2), (0.16, 0.2), (0.1, None)]
    [february] = points(lost, "churn")[1:2]
    said = {"was": 0.2, "n": 100, "at": made["recorded_at"], "why": "correction", "reason": "the web shop"}
    assert february["restated"] == said
    assert lost.client.call("GET", february["explain"]).json()["restated"] == {**said, "reading": None}
    assert told(lost, "kept") == [(0.8, None), (0.84, 0.8), (0.84, 0.8), (0.9, None)]
    before = f"known_at={quote(said['at'])}&limit=1&to=2026-02-15T00:00:00Z"
    assert points(lost, "churn", before)[0]["restated"] == said
    correct(lost, "churn", period="2026-01", flows={"joined": 20, "lost": 20})
    assert told(lost) == [(0.2, None), (0.2, None), (0.2, None), (0.1, None)]


def test_a_base_that_was_another_restates_what_stands_on_it(lost: Tenant) -> None:
    correct(lost, "churn", base=160, observed_at="2026-04-01T00:00:00Z")
    assert told(lost)[2:] == [(0.2, None), (0.125, 0.1)]


def test_the_map_says_it_of_a_stock_and_of_what_is_made_of_it(lost: Tenant) -> None:
    place = Place(lost)
    place.bind("churn", "form")
    place.bind("kept", "form", place=1)
    correct(lost, "churn", period="2026-04", flows={"joined": 20, "lost": 30}, reason="counted twice")
    entries = place.entries("form")
    assert [(one["value"], one["restated"]["was"]) for one in entries] == [(0.15, 0.1), (0.85, 0.9)]
    assert all("restated" in one["caveats"] for one in entries)
    drawn = place.client.call("GET", f"{place.path}/live", accept="image/svg+xml").content.decode()
    assert "(correction): it was 10.0" in drawn


def test_single_losses_that_come_late_and_how_many_statements_it_takes(tenant: Tenant) -> None:
    churn(tenant, holds="events")
    base(tenant, "2026-01-01T00:00:00Z", 100)
    for month in range(1, 4):
        when = f"2026-{month:02}-10T00:00:00Z"
        record(tenant, "churn", external_id=f"c{month}", observed_at=when, side="lost")
    assert [one["restated"] for one in points(tenant, "churn")] == [None] * 3
    counts = []
    for month in range(1, 4):
        record(tenant, "churn", external_id=f"c{month}", side="lost", retract=True)
        with CaptureQueriesContext(connection) as captured:
            points(tenant, "churn")
        counts.append(len(captured))
    assert len(set(counts)) == 1


def drifts(tenant: Tenant) -> list[tuple[Any, Any, Any]]:
    listed = tenant.client.call("GET", "/v1/findings?kind=drift").json()["results"]
    return [(one["state"], one["facts"]["drift"], one["facts"]["expected"]) for one in listed]


def test_a_count_that_base_and_flows_do_not_come_to_is_found_until_they_do(tenant: Tenant) -> None:
    churn(tenant)
    base(tenant, "2026-01-01T00:00:00Z", 100)
    record(tenant, "churn", period="2026-01", flows={"joined": 20, "lost": 8})
    assert drifts(tenant) == []
    base(tenant, "2026-02-01T00:00:00Z", 110)
    assert drifts(tenant) == [("open", -2, 112)]
    [found] = tenant.client.call("GET", "/v1/findings?kind=drift").json()["results"]
    assert (found["level"], found["severity"], found["facts"]["count"]) == ("differs", "info", 110)
    correct(tenant, "churn", period="2026-01", flows={"joined": 20, "lost": 10})
    assert drifts(tenant) == [("closed", -2, 112)]
    base(tenant, "2026-01-01T00:00:00Z", 90, labels={"plan": "free"})
    base(tenant, "2026-02-01T00:00:00Z", 95, labels={"plan": "free"})
    assert drifts(tenant) == [("closed", -2, 112)]  # nobody knows the flows
    record(tenant, "churn", period="2026-02", flows={"joined": 1, "lost": 0})
    base(tenant, "2026-03-01T00:00:00Z", 120)
    shown = tenant.client.call("GET", "/v1/kpis/churn").json()
    assert tenant.client.call("DELETE", "/v1/kpis/churn", etag=shown["etag"]).status_code == 204
    assert {state for state, _, _ in drifts(tenant)} == {"closed"}
