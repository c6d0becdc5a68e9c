"""The feed of events loses its beginning; a reader who was away too long is told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.events import emit, place_events
from service.models import Event, Workspace
from service.retention import forget_events_of
from tests.conftest import Tenant

AT = datetime(2027, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _happened(tenant: Tenant, *days_ago: float) -> None:
    """One event for each, placed in this order."""
    for ago in days_ago:
        with tenant.enter():
            emit(workspace_id=tenant.workspace.id, type="t", data={"ago": ago}, at=AT - ago * DAY)
            place_events(workspace_id=tenant.workspace.id)


def _keep(tenant: Tenant, days: int) -> None:
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits={"event_days": days})


def _forget(tenant: Tenant, at: datetime) -> int:
    return forget_events_of(Workspace.objects.get(pk=tenant.workspace.id), at=at)


def _read(tenant: Tenant, after: str | None = None, size: int = 2) -> Any:
    query = f"?page_size={size}" + (f"&after={after}" if after else "")
    return tenant.client.call("GET", f"/v1/events{query}")


def test_events_end_across_a_years_edge_and_only_from_the_beginning(
    tenant: Tenant, stranger: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.retention.ROWS_AT_ONCE", 2)
    _keep(tenant, 365)
    _happened(tenant, 800, 700, 365.001, 364, 600, 1)
    _happened(stranger, 800)
    assert _forget(tenant, AT) == 3
    with tenant.enter():
        ago = [
            one.data["ago"] for one in Event.objects.filter(workspace=tenant.workspace).order_by("position")
        ]
    assert ago == [364, 600, 1]  # what comes after one that is kept stays, too
    assert _forget(tenant, AT) == 0
    assert _forget(tenant, AT + 2 * DAY) == 2
    assert len(_read(stranger).json()["results"]) == 1


def test_a_reader_who_missed_events_is_told_and_begins_again(tenant: Tenant) -> None:
    _happened(tenant, 9, 8, 7, 6, 5)
    first = _read(tenant).json()["cursor"]
    second = _read(tenant, first).json()["cursor"]
    _keep(tenant, 6)
    assert _forget(tenant, AT) == 3
    gone = _read(tenant, first)
    assert (gone.status_code, gone.json()["code"]) == (410, "events_gone")
    assert gone.json()["detail"].startswith("1 of them")
    assert [one["data"]["ago"] for one in _read(tenant, second).json()["results"]] == [5]
    assert [one["data"]["ago"] for one in _read(tenant).json()["results"]] == [6, 5]


def test_an_emptied_feed_goes_on_where_it_was(tenant: Tenant) -> None:
    _happened(tenant, 9, 8)
    beginning = _read(tenant, size=1).json()["cursor"]
    end = _read(tenant, beginning).json()["cursor"]
    _keep(tenant, 1)
    assert _forget(tenant, AT) == 2
    assert _read(tenant, beginning).status_code == 410
    assert _read(tenant, end).json() == {"results": [], "cursor": end}
    _happened(tenant, 0)
    assert [one["data"]["ago"] for one in _read(tenant, end).json()["results"]] == [0]
