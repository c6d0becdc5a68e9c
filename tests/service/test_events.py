"""The feed: events get positions after commit, readers never pass one by."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from django.db import connection

from service.events import emit, strip_events
from service.tenancy import workspace_transaction
from tests.conftest import Tenant

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def emit_one(tenant: Tenant, type: str = "thing.happened") -> None:
    with workspace_transaction(tenant.workspace.id):
        emit(workspace_id=tenant.workspace.id, type=type, data={"n": 1}, at=NOW)


def read(tenant: Tenant, after: str | None = None, size: int = 100) -> dict:
    query = f"?page_size={size}" + (f"&after={after}" if after else "")
    return tenant.client.call("GET", f"/v1/events{query}").json()


def test_pages_lead_through_the_feed_in_order(tenant: Tenant) -> None:
    for number in range(5):
        emit_one(tenant, f"thing.{number}")
    seen, cursor = [], None
    for _ in range(4):
        page = read(tenant, cursor, size=2)
        seen += [event["type"] for event in page["results"]]
        cursor = page["cursor"]
    assert seen == [f"thing.{number}" for number in range(5)]


def test_an_event_that_commits_late_is_read_later_never_lost(tenant: Tenant) -> None:
    written, read_once = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with workspace_transaction(tenant.workspace.id):
                emit(workspace_id=tenant.workspace.id, type="thing.slow", data={}, at=NOW)
                written.set()
                assert read_once.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    emit_one(tenant, "thing.quick")
    first = read(tenant)
    assert [event["type"] for event in first["results"]] == ["thing.quick"]
    read_once.set()
    thread.join()
    assert [e["type"] for e in read(tenant, first["cursor"])["results"]] == ["thing.slow"]


def test_texts_are_stripped_where_they_are_quoted_and_nowhere_else(tenant: Tenant, stranger: Tenant) -> None:
    own = str(tenant.workspace.id)
    told = [
        {"own": own, "n": 1, "late": True, "said": 'then she said: "I will leave you"'},
        {"n": 2, "said": {"in": ["Late"]}},
        {"n": 3, "said": "Late at night"},
        {"n": 4},
    ]
    for who in (tenant, stranger):
        with workspace_transaction(who.workspace.id):
            for data in told:
                emit(workspace_id=who.workspace.id, type="x", data=data, at=NOW)
    with workspace_transaction(tenant.workspace.id):
        strip_events(workspace_id=tenant.workspace.id, texts=['"I will leave you"', "Late"])
    assert [one["data"] for one in read(tenant)["results"]] == [
        {"own": own, "n": 1, "late": True, "erased": True},
        {"n": 2, "erased": True},
        *told[2:],
    ]
    assert [one["data"] for one in read(stranger)["results"]] == told


def test_a_cursor_of_another_life_is_gone(tenant: Tenant, stranger: Tenant) -> None:
    emit_one(stranger)
    cursor = read(stranger)["cursor"]
    answer = tenant.client.call("GET", f"/v1/events?after={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (410, "feed_restored")
    assert tenant.client.call("GET", "/v1/events?after=nonsense").status_code == 400


def test_a_stranger_reads_none_of_ours(tenant: Tenant, stranger: Tenant) -> None:
    emit_one(tenant)
    assert read(stranger)["results"] == []
