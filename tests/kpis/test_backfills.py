"""Sources asked about the past: in windows, by workers that may be lost, until it is done or cancelled."""

from __future__ import annotations

import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpis.actions.backfills_work import work_due_backfills
from kpis.actions.findings_due import tend_due
from kpis.models.sources import Source
from service.due import claim_due
from tests.conftest import ApiClient, Tenant
from tests.kpis.live_maps import Place
from tests.kpis.peers import Peer
from tests.kpis.test_pulling import wait_until_asked
from tests.kpis.test_sources import kpi, make, peer, values
from tests.service.databases import ROOT
from tests.service.parallel import at_once

__all__ = ["kpi", "peer"]  # fixtures

PATH = "/v1/sources/feed/backfills"
ASKED = {"from": "2026-09-01T00:00:00Z", "to": "2026-09-25T00:00:00Z", "step": "P7D"}
WORK = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from kpis.actions.backfills_work import work_due_backfills
work_due_backfills(at=datetime.now(UTC) + timedelta(seconds=1))
"""


def window(peer: Peer, path: str = "figures") -> dict[str, str]:
    return {"url": f"{peer.base}/{path}?from={{start_date}}&to={{end_date}}"}


def prepare(tenant: Tenant, peer: Peer, **more: Any) -> dict[str, Any]:
    """A source that is not on, so that nothing but the backfill asks it."""
    return make(tenant, peer, config=window(peer), enabled=False, **more)


def begin(tenant: Tenant, **more: Any) -> dict[str, Any]:
    answer = tenant.client.call("POST", PATH, ASKED | more)
    assert answer.status_code == 202, answer.content
    assert answer["Location"].endswith(answer.json()["id"])
    return answer.json()


def shown(tenant: Tenant, made: dict[str, Any]) -> dict[str, Any]:
    return tenant.client.call("GET", f"{PATH}/{made['id']}").json()


def soon(**more: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1) + timedelta(**more)


def runs(tenant: Tenant) -> list[dict[str, Any]]:
    return tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]


def test_windows_are_worked_one_by_one(tenant: Tenant, peer: Peer, kpi: str) -> None:
    prepare(tenant, peer)
    made = begin(tenant)
    assert (made["state"], made["windows"]) == ("pending", {"done": 0, "total": 4})
    assert made["done_to"] == made["from"] == ASKED["from"]
    work_due_backfills(at=soon())
    told = shown(tenant, made)
    assert (told["state"], told["windows"]["done"], told["done_to"][:10]) == ("running", 1, "2026-09-08")
    while work_due_backfills(at=soon()):
        pass
    told = shown(tenant, made)
    assert (told["state"], told["windows"], told["done_to"]) == (
        "succeeded",
        {"done": 4, "total": 4},
        ASKED["to"],
    )
    assert (told["counts"], told["finished_at"] is None) == ({"created": 1, "duplicate": 3}, False)
    days = ["2026-09-01", "2026-09-08", "2026-09-15", "2026-09-22", "2026-09-25"]
    spans = itertools.pairwise(days)
    assert [asked["path"] for asked in peer.asked] == [f"/figures?from={a}&to={b}" for a, b in spans]
    assert values(tenant) == [40]
    assert {run["backfill"] for run in runs(tenant)} == {made["id"]}
    assert tenant.client.call("GET", PATH).json()["results"] == [told]


def test_a_worker_that_is_killed_costs_one_fetch(tenant: Tenant, peer: Peer, kpi: str) -> None:
    source = prepare(tenant, peer)
    made = begin(tenant)
    work_due_backfills(at=soon())
    with tenant.enter():
        Source.objects.filter(pk=source["id"]).update(config=window(peer, "slow"))
    peer.asked.clear()
    worker = subprocess.Popen([sys.executable, "-c", WORK], cwd=ROOT)
    try:
        wait_until_asked(peer)
    finally:
        worker.kill()
        worker.wait()
    with tenant.enter():
        Source.objects.filter(pk=source["id"]).update(config=window(peer))
    work_due_backfills(at=soon(minutes=1))  # the dead one still holds the lease
    assert shown(tenant, made)["windows"]["done"] == 1
    while work_due_backfills(at=soon(minutes=3)):
        pass
    assert shown(tenant, made)["state"] == "succeeded"
    slots = [run["slot_at"][:10] for run in runs(tenant)]
    assert sorted(slots) == ["2026-09-08", "2026-09-15", "2026-09-22", "2026-09-25"]


def test_a_cancelled_backfill_records_nothing_more(tenant: Tenant, peer: Peer, kpi: str) -> None:
    source = prepare(tenant, peer)
    made = begin(tenant)
    with tenant.enter():
        Source.objects.filter(pk=source["id"]).update(config=window(peer, "slow"))
    at = soon()

    def act(number: int) -> None:
        if number == 0:
            work_due_backfills(at=at)
            return
        wait_until_asked(peer)
        answer = ApiClient(tenant.secret).call("POST", f"{PATH}/{made['id']}/cancellations")
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
        peer.lets_go.set()

    at_once(2, act)
    assert (shown(tenant, made)["state"], values(tenant), runs(tenant)) == ("cancelled", [], [])
    again = tenant.client.call("POST", f"{PATH}/{made['id']}/cancellations")
    assert (again.status_code, again.json()["code"]) == (409, "backfill_finished")
    begin(tenant)


@pytest.mark.parametrize(("status", "tries"), [(401, 1), (500, 6)])
def test_what_fails_is_told_and_another_goes_on_from_there(
    tenant: Tenant, peer: Peer, kpi: str, status: int, tries: int
) -> None:
    prepare(tenant, peer)
    made = begin(tenant)
    work_due_backfills(at=soon())
    peer.status = status
    for number in range(8):
        work_due_backfills(at=soon(hours=number))
    told = shown(tenant, made)
    assert (told["state"], told["failures"]) == ("failed", tries)
    assert told["error"] == f"The source answered {status}."
    peer.status = 200
    rest = begin(tenant, **{"from": told["done_to"]})
    assert rest["windows"]["total"] == 3


def test_findings_wait_for_the_last_window(tenant: Tenant, peer: Peer) -> None:
    place = Place(tenant)
    place.kpi("visits", kind="count", period="week", direction="up", thresholds={"warn": 60, "breach": 50})
    place.bind("visits")
    week = datetime.now(UTC).date() - timedelta(days=7 + datetime.now(UTC).weekday())
    ends = week + timedelta(days=7)
    span = {"start": f"{week}T00:00:00+00:00", "end": f"{ends}T00:00:00+00:00"}
    peer.content = {"data": [{"v": 40, **span}]}
    prepare(tenant, peer)
    begin(tenant)

    def findings() -> list[str]:
        rows = tenant.client.call("GET", "/v1/findings").json()["results"]
        return [row["cause"] for row in rows]

    work_due_backfills(at=soon())
    tend_due(at=soon(), limit=1000)
    assert findings() == []
    while work_due_backfills(at=soon()):
        pass
    assert findings() == []
    tend_due(at=soon(), limit=1000)
    assert findings() == ["backfill"]


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"from": ASKED["to"]}, "/to", "empty_range"),
        ({"to": "2150-01-01T00:00:00Z"}, "/to", "in_the_future"),
        ({"from": "1990-01-01T00:00:00Z", "step": "PT1M"}, "/step", "too_many_windows"),
        ({"step": "PT5S"}, "/step", "invalid_duration"),
        ({"from": "yesterday"}, "/from", "offset"),
    ],
)
def test_what_cannot_be_asked_names_its_place(
    tenant: Tenant, peer: Peer, kpi: str, more: dict[str, Any], pointer: str, code: str
) -> None:
    prepare(tenant, peer)
    answer = tenant.client.call("POST", PATH, ASKED | more)
    assert answer.status_code == 400, answer.content
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]


def test_one_at_a_time_of_a_source_that_is_asked_about_time(tenant: Tenant, peer: Peer, kpi: str) -> None:
    prepare(tenant, peer)
    begin(tenant)
    answer = tenant.client.call("POST", PATH, ASKED)
    assert (answer.status_code, answer.json()["code"]) == (409, "backfill_running")
    make(tenant, peer, key="timeless", enabled=False)
    answer = tenant.client.call("POST", "/v1/sources/timeless/backfills", ASKED)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_window")


def test_an_archived_source_is_asked_no_more(tenant: Tenant, peer: Peer, kpi: str) -> None:
    source = prepare(tenant, peer)
    begin(tenant)
    tenant.client.call("DELETE", "/v1/sources/feed", etag=source["etag"])
    work_due_backfills(at=soon())
    assert peer.asked == []
    again = claim_due(kind="backfill", limit=1000, lease=timedelta(seconds=1), at=soon(hours=1))
    assert tenant.workspace.id not in {claim.workspace_id for claim in again}


def test_strangers_and_readers(tenant: Tenant, stranger: Tenant, peer: Peer, kpi: str) -> None:
    source = prepare(tenant, peer)
    made = begin(tenant)
    path = f"/v1/sources/{source['id']}/backfills"
    make(stranger, peer, enabled=False)
    for method, place in (
        ("GET", path),
        ("POST", path),
        ("GET", f"{path}/{made['id']}"),
        ("POST", f"{path}/{made['id']}/cancellations"),
        ("GET", f"{PATH}/{made['id']}"),  # of a source of the same key
    ):
        body = ASKED if (method, place) == ("POST", path) else None
        assert stranger.client.call(method, place, body).status_code == 404, place
    reader = tenant.key("kpis:read")
    assert reader.call("GET", path).status_code == 200
    assert reader.call("POST", path, ASKED).status_code == 403
    assert reader.call("POST", f"{path}/{made['id']}/cancellations").status_code == 403
