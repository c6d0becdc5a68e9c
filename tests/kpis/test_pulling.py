"""Pulling when things go wrong: workers in parallel, lost or killed, sources that hang, defects of ours."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpis.actions import pulling
from kpis.actions.pulling import pull_due_sources
from kpis.actions.runs import OUR_FAULT
from kpis.models.sources import Source
from service.due import claim_due
from service.vault import new_key
from tests.conftest import ApiClient, Tenant
from tests.kpis.peers import Peer
from tests.kpis.test_sources import kpi, make, peer, pull, state, values
from tests.service.databases import ROOT
from tests.service.parallel import at_once

__all__ = ["kpi", "peer"]  # fixtures

# A worker's task, in a process of its own.
PULL = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from kpis.actions.pulling import pull_due_sources
pull_due_sources(at=datetime.now(UTC) + timedelta(seconds=1))
"""


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def wait_until_asked(peer: Peer) -> None:
    until = time.monotonic() + 30
    while not peer.asked:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_worker_that_lost_its_lease_records_nothing(tenant: Tenant, peer: Peer, kpi: str) -> None:
    make(tenant, peer)
    at = datetime.now(UTC) + timedelta(seconds=1)
    claimed = claim_due(kind="source", limit=1000, lease=timedelta(seconds=30), at=at)
    assert tenant.workspace.id in {claim.workspace_id for claim in claimed}
    pull(tenant, at)
    assert peer.asked == []
    pull(tenant, at + timedelta(seconds=31))
    assert (len(peer.asked), values(tenant)) == (1, [40])


def test_two_beats_and_six_workers_pull_a_slot_once(tenant: Tenant, peer: Peer, kpi: str) -> None:
    make(tenant, peer)
    at = soon()
    at_once(6, lambda _: [pull_due_sources(at=at) for _ in range(2)])
    assert (len(peer.asked), values(tenant)) == (1, [40])
    assert len(tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]) == 1


def test_a_worker_that_is_killed_loses_nothing(tenant: Tenant, peer: Peer, kpi: str) -> None:
    """kill -9 while the reply is awaited: another worker pulls when the lease has ended."""
    pull(tenant)
    made = make(tenant, peer, config={"url": f"{peer.base}/slow"})
    worker = subprocess.Popen([sys.executable, "-c", PULL], cwd=ROOT)
    try:
        wait_until_asked(peer)
    finally:
        worker.kill()
        worker.wait()
    with tenant.enter():
        Source.objects.filter(pk=made["id"]).update(config={"url": peer.url})
    pull(tenant, datetime.now(UTC) + timedelta(seconds=60))
    assert values(tenant) == []  # the dead one still holds the lease
    pull(tenant, datetime.now(UTC) + timedelta(minutes=3))
    assert values(tenant) == [40]
    runs = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    assert [(run["status"], run["counts"]) for run in runs] == [("succeeded", {"created": 1})]


def test_a_change_while_a_pull_is_under_way_makes_it_count_for_nothing(
    tenant: Tenant, peer: Peer, kpi: str
) -> None:
    made = make(tenant, peer, config={"url": f"{peer.base}/slow"})
    at = soon()

    def act(number: int) -> None:
        if number == 0:
            pull_due_sources(at=at)
            return
        wait_until_asked(peer)
        client = ApiClient(tenant.secret)
        client.call("PATCH", "/v1/sources/feed", {"config": {"url": peer.url}}, etag=made["etag"])
        peer.lets_go.set()

    at_once(2, act)
    assert (state(tenant)["state"], values(tenant)) == ("new", [])
    pull(tenant)
    assert (state(tenant)["state"], values(tenant)) == ("ok", [40])


def test_sources_that_hang_hold_up_nobody(
    tenant: Tenant, peer: Peer, kpi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(tenant)  # what other tests left
    monkeypatch.setattr(pulling, "SLICE_S", 2.0)
    # More than may be asked of one host at a time, so that some are not even begun.
    slow = {
        make(tenant, peer, key=f"slow-{number}", config={"url": f"{peer.base}/slow"})["id"]
        for number in range(10)
    }
    make(tenant, peer, key="quick", config={"url": peer.url.replace("127.0.0.1", "localhost")})
    pull_due_sources(at=soon())
    assert values(tenant) == [40]
    shown = {row["key"]: row["status"] for row in tenant.client.call("GET", "/v1/sources").json()["results"]}
    assert (shown["quick"]["state"], shown["slow-9"]["state"]) == ("ok", "new")
    # Given back: due as they were, and no attempt is counted.
    again = claim_due(kind="source", limit=100, lease=timedelta(seconds=1), at=soon())
    ours = [claim for claim in again if str(claim.row_id) in slow]
    assert [claim.attempts for claim in ours] == [1] * 10


def lose(times: int, at: datetime) -> datetime:
    """Claim what is due as workers do that are lost then; return an instant after the last lease."""
    for _ in range(times):
        claim_due(kind="source", limit=1000, lease=timedelta(seconds=30), at=at)
        at += timedelta(seconds=31)
    return at


def test_a_source_that_its_workers_are_lost_with_fails_in_the_end(
    tenant: Tenant, peer: Peer, kpi: str
) -> None:
    make(tenant, peer)
    at = lose(2, soon())
    pull(tenant, at)
    assert (len(peer.asked), state(tenant)["state"]) == (1, "ok")
    at = lose(4, at + timedelta(minutes=6))
    pull(tenant, at)
    assert (len(peer.asked), state(tenant)["state"]) == (1, "broken")
    assert "lost each time" in state(tenant)["last_error"]
    pull(tenant, at + timedelta(hours=1))
    assert (len(peer.asked), state(tenant)["state"]) == (2, "ok")


def test_a_defect_of_ours_is_a_failed_run_of_that_source_alone(
    tenant: Tenant, peer: Peer, kpi: str, settings: Any
) -> None:
    former = settings.VAULT_KEYS
    settings.VAULT_KEYS = [new_key()]
    sealed = make(tenant, peer, key="sealed", secret="s3cret")  # with a key that is lost then
    settings.VAULT_KEYS = former
    make(tenant, peer)
    try:
        pull(tenant)
        told = tenant.client.call("GET", "/v1/sources/sealed").json()["status"]
        assert (told["state"], told["last_error"]) == ("failing", OUR_FAULT)
        assert (state(tenant)["state"], values(tenant)) == ("ok", [40])
    finally:
        with tenant.enter():
            Source.objects.filter(pk=sealed["id"]).update(secret=None)  # rotate_secrets would stumble over it


def test_what_an_attacker_s_path_asks_for_ends_soon(tenant: Tenant, peer: Peer, kpi: str) -> None:
    nested: Any = [1]
    for _ in range(50):
        nested = [nested]
    peer.content = {**peer.content, "deep": nested}
    good = {"kpi": "visits", "items": "$.data[*]", "value": "$.v", "start": "$.start", "end": "$.end"}
    bomb = {**good, "items": "$.deep" + "[*,*]" * 45 + ".x"}
    make(tenant, peer, mappings=[good, bomb, good])
    began = time.monotonic()
    pull(tenant)
    assert time.monotonic() - began < 30
    assert values(tenant) == [40]
    (run,) = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    issues = [(issue["pointer"], issue["code"]) for issue in run["issues"]]
    assert issues == [("/mappings/1", "too_much_work")]
