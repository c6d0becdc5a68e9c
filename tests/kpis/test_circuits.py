"""Sources that fail again and again, slots that were missed, and whose turn it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

import pytest

from kpis.actions import pulling
from kpis.actions.pulling import pull_slices
from service.due import Claim, claim_due, set_all_due
from service.ids import new_id
from service.workspaces import create_workspace
from tests.conftest import Tenant
from tests.kpis.peers import Peer
from tests.kpis.test_sources import kpi, make, peer, pull, state, values
from tests.service.parallel import at_once

__all__ = ["kpi", "peer"]  # fixtures


def test_a_circuit_opens_waits_longer_and_closes(tenant: Tenant, peer: Peer, kpi: str) -> None:
    peer.status = 500
    make(tenant, peer)
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert state(tenant)["circuit"] == {"state": "closed", "since": None, "next_try_at": None}
    for _ in range(3):
        pull(tenant, at)
        at += timedelta(minutes=1)
    told = state(tenant)
    assert (told["state"], told["circuit"]["state"], told["failures"]) == ("broken", "open", 3)
    assert told["circuit"]["since"] == told["last_run_at"]
    assert told["circuit"]["next_try_at"] == told["next_run_at"]
    # An open circuit waits four minutes, ±20 %, after the third failure, eight after the fourth.
    asked = len(peer.asked)
    pull(tenant, at + timedelta(minutes=2))
    assert len(peer.asked) == asked
    pull(tenant, at + timedelta(minutes=5))
    assert (len(peer.asked), state(tenant)["failures"]) == (asked + 1, 4)
    pull(tenant, at + timedelta(minutes=11))
    assert len(peer.asked) == asked + 1
    peer.status = 200
    pull(tenant, at + timedelta(minutes=16))
    assert (state(tenant)["state"], state(tenant)["circuit"]["state"], values(tenant)) == (
        "ok",
        "closed",
        [40],
    )


def test_a_circuit_is_closed_by_hand(tenant: Tenant, stranger: Tenant, peer: Peer, kpi: str) -> None:
    peer.status = 401
    made = make(tenant, peer)
    pull(tenant)
    assert state(tenant)["circuit"]["state"] == "open"
    path = f"/v1/sources/{made['id']}/circuit-closures"
    assert stranger.client.call("POST", path).status_code == 404
    assert tenant.key("kpis:read").call("POST", path).status_code == 403
    answer = tenant.client.call("POST", path)
    assert (answer.status_code, answer.json()["status"]["circuit"]["state"]) == (202, "closed")
    # Its figures are broken until it is well.
    assert (state(tenant)["failures"], state(tenant)["state"]) == (0, "broken")
    peer.status = 200
    pull(tenant)
    assert (state(tenant)["state"], values(tenant)) == ("ok", [40])


def test_a_circuit_that_is_tried_is_half_open(tenant: Tenant, peer: Peer, kpi: str) -> None:
    peer.status = 401
    make(tenant, peer)
    pull(tenant)
    assert state(tenant)["circuit"]["state"] == "open"
    tenant.client.call("POST", "/v1/sources/feed/runs")
    assert state(tenant)["circuit"]["state"] == "half_open"


def slots(tenant: Tenant) -> list[datetime]:
    runs = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    return sorted(datetime.fromisoformat(run["slot_at"]) for run in runs)


@pytest.mark.parametrize(("catch_up", "pulls"), [("latest", 1), ("all", 12)])
def test_after_half_a_day_down_a_slot_is_pulled_once_or_each_is(
    tenant: Tenant, peer: Peer, kpi: str, catch_up: str, pulls: int
) -> None:
    config = {"url": peer.url + "?until={end}"}
    make(tenant, peer, catch_up=catch_up, config=config, schedule={"every": "PT1H"})
    at = datetime.now(UTC) + timedelta(seconds=1)
    pull(tenant, at)
    pull(tenant, at + timedelta(hours=12))
    assert len(peer.asked) == 1 + pulls
    assert len({asked["path"] for asked in peer.asked}) == 1 + pulls
    if catch_up == "all":
        gaps = {later - former for former, later in zip(slots(tenant)[1:], slots(tenant)[2:], strict=False)}
        assert gaps == {timedelta(hours=1)}
    # What was missed for longer than a day is not caught up with.
    pull(tenant, at + timedelta(days=30))
    assert len(peer.asked) == 1 + pulls + (1 if catch_up == "latest" else 24)


def test_two_beats_and_three_workers_never_pull_a_slot_twice(tenant: Tenant, peer: Peer, kpi: str) -> None:
    """Ten slots of three sources: each beat wakes whoever is free, more often than there is work."""
    for number in range(3):
        make(tenant, peer, key=f"feed-{number}")
    begins = datetime.now(UTC) + timedelta(seconds=1)
    for slot in range(10):
        at = begins + timedelta(minutes=5 * slot)
        at_once(5, lambda _, at=at: pull(tenant, at))
    assert len(peer.asked) == 30
    for number in range(3):
        runs = tenant.client.call("GET", f"/v1/sources/feed-{number}/runs").json()["results"]
        assert len({run["slot_at"] for run in runs}) == len(runs) == 10


def test_one_workspace_s_load_leaves_another_its_share_of_each_slice(
    tenant: Tenant, stranger: Tenant
) -> None:
    """Decision 0039: with W workspaces due, each slice takes a Wth of itself from each."""
    at = datetime.now(UTC)
    crowd = [new_id() for _ in range(500)]
    few = [new_id() for _ in range(30)]
    set_all_due(workspace_id=tenant.workspace.id, kind="turns", row_ids=crowd, due_at=at - timedelta(hours=1))
    set_all_due(workspace_id=stranger.workspace.id, kind="turns", row_ids=few, due_at=at)
    shares = []
    for _ in range(3):
        taken = claim_due(kind="turns", limit=pulling.SLICE, lease=timedelta(minutes=2), at=at)
        shares.append(sum(claim.workspace_id == stranger.workspace.id for claim in taken))
    assert shares == [pulling.SLICE // 2, len(few) - pulling.SLICE // 2, 0]


@pytest.mark.parametrize("queues", [[400, 1], [120, 120, 7], [300, *range(1, 25)], [60] * 9])
@pytest.mark.usefixtures("tenant")
def test_a_row_is_claimed_within_its_number_of_slices(queues: list[int]) -> None:
    """Decision 0039: with W workspaces, the kth row of one is in the first ceil(k / floor(S / W)) slices."""
    at, kind = datetime.now(UTC), f"t{new_id().hex[-20:]}"
    homes = [create_workspace(name="a home", at=at).id for _ in queues]
    for number, (home, length) in enumerate(zip(homes, queues, strict=True)):
        # The longest queue is the oldest, too.
        set_all_due(
            workspace_id=home,
            kind=kind,
            row_ids=[new_id() for _ in range(length)],
            due_at=at - timedelta(hours=len(queues) - number),
        )
    claimed = dict.fromkeys(homes, 0)
    for slices in range(1, 1 + ceil(sum(queues) / pulling.SLICE)):
        for claim in claim_due(kind=kind, limit=pulling.SLICE, lease=timedelta(minutes=2), at=at):
            claimed[claim.workspace_id] += 1
        for home, length in zip(homes, queues, strict=True):
            assert claimed[home] >= min(length, slices * (pulling.SLICE // len(queues)))
    assert list(claimed.values()) == queues


@pytest.mark.usefixtures("tenant")
def test_more_workspaces_than_places_have_their_turn_in_each_round() -> None:
    """Decision 0047: the kth row of one of W workspaces is in the first k * ceil(W / S) slices."""
    at, kind = datetime.now(UTC), f"t{new_id().hex[-20:]}"
    crowded, few = [12] * 60, [3] * 60
    queues = crowded + few
    homes = [create_workspace(name="a home", at=at).id for _ in queues]
    for home, length in zip(homes, queues, strict=True):
        # All that the crowded have is older than what the others have.
        since = at - timedelta(hours=length)
        set_all_due(workspace_id=home, kind=kind, row_ids=[new_id() for _ in range(length)], due_at=since)
    claimed = dict.fromkeys(homes, 0)
    round_of = ceil(len(queues) / pulling.SLICE)
    for slices in range(1, 1 + ceil(sum(queues) / pulling.SLICE)):
        for claim in claim_due(kind=kind, limit=pulling.SLICE, lease=timedelta(minutes=2), at=at):
            claimed[claim.workspace_id] += 1
        for home, length in zip(homes, queues, strict=True):
            assert claimed[home] >= min(length, slices // round_of)
    assert list(claimed.values()) == queues


def test_slices_go_on_while_sources_hang(
    tenant: Tenant, stranger: Tenant, peer: Peer, kpi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four slices fit into the places of a process, whatever the first one's sources do."""
    kind = f"t{new_id().hex[-20:]}"  # what other tests left becomes due at any time
    monkeypatch.setattr(pulling, "DUE_KIND", kind)
    monkeypatch.setattr(pulling, "SLICE", 4)
    monkeypatch.setattr(pulling, "PLACES", 16)
    slow = {"config": {"url": f"{peer.base}/slow"}}
    crowd = [make(tenant, peer, key=f"slow-{number}", **slow)["id"] for number in range(12)]
    stranger.client.call(
        "POST", "/v1/kpis", {"key": "visits", "name": "V", "kind": "count", "period": "week"}
    )
    few = [make(stranger, peer, key=f"quick-{number}")["id"] for number in range(4)]
    at = datetime.now(UTC) + timedelta(seconds=1)
    for whose, ids in ((tenant, crowd), (stranger, few)):
        set_all_due(workspace_id=whose.workspace.id, kind=kind, row_ids=[UUID(i) for i in ids], due_at=at)
    hands: list[list[UUID]] = []

    def claim(**values: Any) -> list[Claim]:
        claims = claim_due(**values)
        hands.append([claim.workspace_id for claim in claims])
        if len(hands) == 4:
            peer.lets_go.set()  # only now has one of the slow an answer
        return claims

    monkeypatch.setattr(pulling, "claim_due", claim)
    pulling._Pulling(lambda: at, lambda: len(hands) < 4).work()
    assert [(len(hand), hand.count(stranger.workspace.id)) for hand in hands] == [
        (4, 2),
        (4, 2),
        (4, 0),
        (4, 0),
    ]
    rows = stranger.client.call("GET", "/v1/sources").json()["results"]
    assert {row["status"]["state"] for row in rows} == {"ok"}


def test_one_message_pulls_slice_after_slice(
    tenant: Tenant, peer: Peer, kpi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(tenant)  # what other tests left
    monkeypatch.setattr(pulling, "SLICE", 2)
    monkeypatch.setattr(pulling, "SLICES_S", 1000.0)
    for number in range(5):
        make(tenant, peer, key=f"feed-{number}")
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert pull_slices(clock=lambda: at) is False
    assert len(peer.asked) == 5


def test_a_pause_that_a_host_asks_for_holds_for_its_other_sources(
    tenant: Tenant, stranger: Tenant, peer: Peer, kpi: str
) -> None:
    pull(tenant)  # what other tests left
    peer.status, peer.headers = 429, {"Retry-After": "600"}
    at = datetime.now(UTC) + timedelta(seconds=1)
    make(tenant, peer)
    pull(tenant, at)
    make(tenant, peer, key="next-door", config={"url": f"{peer.base}/other"})
    pull(tenant, at + timedelta(minutes=5))
    assert len(peer.asked) == 1
    shown = tenant.client.call("GET", "/v1/sources/next-door").json()["status"]
    assert (shown["state"], shown["failures"]) == ("new", 0)
    assert abs(datetime.fromisoformat(shown["next_run_at"]) - at - timedelta(minutes=10)) < timedelta(
        minutes=1
    )
    # Another customer's limit is another one.
    stranger.client.call(
        "POST", "/v1/kpis", {"key": "visits", "name": "V", "kind": "count", "period": "week"}
    )
    make(stranger, peer)
    pull(tenant, at + timedelta(minutes=5))
    assert len(peer.asked) == 2
    peer.status, peer.headers = 200, {}
    pull(tenant, at + timedelta(minutes=13))
    assert {
        tenant.client.call("GET", f"/v1/sources/{key}").json()["status"]["state"]
        for key in ("feed", "next-door")
    } == {"ok"}
    runs = tenant.client.call("GET", "/v1/sources/next-door/runs").json()["results"]
    assert [run["status"] for run in runs] == ["succeeded"]
