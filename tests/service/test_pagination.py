"""Pages: nothing twice, nothing lost, whatever is written meanwhile; forged cursors are refused."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from service.credentials import issue_credential
from tests.conftest import Tenant

KEYS = "/v1/api-keys"
NO_FILTERS = hashlib.sha256(b"{}").hexdigest()[:12]


def make(tenant: Tenant, name: str, at: datetime) -> None:
    issue_credential(workspace_id=tenant.workspace.id, kind="api_key", name=name, scopes=[], at=at)


def walk(tenant: Tenant, path: str | None, direction: str = "next") -> list[str]:
    seen: list[str] = []
    while path:
        page = tenant.client.call("GET", path).json()
        names = [row["name"] for row in page["results"]]
        seen = seen + names if direction == "next" else names + seen
        path = page[direction]
    return seen


def test_what_was_there_comes_once_while_rows_are_inserted(tenant: Tenant) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    there = [f"old {number:02}" for number in range(25)]
    for number, name in enumerate(there):
        make(tenant, name, past + timedelta(microseconds=number // 5))  # five of each instant
    stop = threading.Event()

    def write() -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                # Before, among and after the rows that are being read.
                make(tenant, f"new {number}", past + timedelta(microseconds=number % 8 - 1))
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = [walk(tenant, f"{KEYS}?page_size=3") for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    for names in seen:
        assert len(names) == len(set(names)) > len(there)
        assert [name for name in names if name.startswith("old")] == there


def test_pages_lead_back_to_where_one_came_from(tenant: Tenant) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    for number in range(7):
        make(tenant, f"key {number}", past)
    first = tenant.client.call("GET", f"{KEYS}?page_size=3")
    assert first.json()["previous"] is None
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    second = tenant.client.call("GET", first.json()["next"])
    assert second["Link"].count("rel=") == 2
    third = tenant.client.call("GET", second.json()["next"]).json()
    assert third["next"] is None
    assert walk(tenant, third["previous"], "previous") == [f"key {number}" for number in range(6)]


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


AT, ROW = "2026-01-01T00:00:00+00:00", "01a201e5-fb45-71c5-97f6-0f087c43b3a7"


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "AAAA",
        "a" * 513,
        forged(),
        forged("next", AT, ROW),
        forged("sideways", AT, ROW, NO_FILTERS),
        forged("next", "yesterday", ROW, NO_FILTERS),
        forged("next", 7, ROW, NO_FILTERS),
        forged("next", "0001-01-01T00:00:00+14:00", ROW, NO_FILTERS),
        forged("next", AT, "7", NO_FILTERS),
        forged("next", AT, None, NO_FILTERS),
        forged("next", AT, ROW, "of another list"),
        base64.urlsafe_b64encode(b"[" * 300).decode(),
    ],
)
def test_forged_cursors_are_refused(tenant: Tenant, cursor: str) -> None:
    answer = tenant.client.call("GET", f"{KEYS}?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cursor")


def test_an_odd_offset_is_an_instant_like_any_other(tenant: Tenant) -> None:
    cursor = forged("next", "2026-01-01T00:00:00+05:30:15.123456", ROW, NO_FILTERS)
    assert tenant.client.call("GET", f"{KEYS}?cursor={cursor}").status_code == 200


@pytest.mark.parametrize("size", ["0", "101", "-1", "x", "1e2", "9" * 30])
def test_page_sizes_out_of_bounds_are_refused(tenant: Tenant, size: str) -> None:
    assert tenant.client.call("GET", f"{KEYS}?page_size={size}").status_code == 400
