"""Many messages in one transaction: the same numbers as one by one, and one that fails is dead alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpis.actions import inbound, inbound_groups
from kpis.actions.inbound import process_due_events
from kpis.actions.inbound_leases import OUR_FAULT
from kpis.actions.inbound_replays import replay_events
from kpis.actions.receiving import DUE_KIND
from kpis.models.inbound import InboundClaim, InboundEndpoint, InboundEvent
from service.models import Due
from tests.conftest import Tenant
from tests.kpis.mail import (
    ANSWER,
    DELIVERED,
    NPS,
    OPENED,
    OPENS,
    change,
    make,
    points,
    post,
    states,
)
from tests.kpis.test_inbound import process


@pytest.fixture
def mail(tenant: Tenant) -> dict[str, Any]:
    Due.objects.filter(kind=DUE_KIND).delete()  # what others left is none of what is counted here
    for kpi in (OPENS, NPS):
        assert tenant.client.call("POST", "/v1/kpis", kpi).status_code == 201
    return make(tenant, DELIVERED, OPENED, {**ANSWER, "when": [{"path": "$.score", "exists": True}]})


def answer(number: int, person: int, score: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"a{number}",
        "m": f"r{person}",
        "score": score,
        "at": f"2026-10-05T10:00:{number:02}Z",
    } | more


TOLD = [
    *(answer(number, number % 3, number % 11) for number in range(9)),
    {"id": "o1", "e": "open", "m": "m1", "at": "2026-10-02T13:00:00Z"},
    {"id": "o2", "e": "open", "m": "m2", "at": "2026-10-02T13:00:00Z"},
    {"id": "d1", "e": "delivered", "m": "m1", "at": "2026-09-30T12:00:00Z"},
    {"id": "d1again", "e": "delivered", "m": "m1", "at": "2026-10-01T12:00:00Z"},
    {"id": "d3", "e": "delivered", "m": "m3", "at": "2026-09-30T12:00:00Z"},
]


@pytest.mark.parametrize("together", [1, 3, 50])
def test_however_many_are_read_together_the_numbers_are_the_same(
    tenant: Tenant, mail: dict[str, Any], monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(inbound_groups, "MOST_TOGETHER", together)
    for message in TOLD:
        post(mail, **message)
    process()
    # The last answers of r0, r1, r2 are 6, 7 and 8.
    assert points(tenant, "nps") == [("2026-10", pytest.approx(-33.3333333), 3)]
    assert points(tenant, "opens") == [("2026-09", 0.5, 2)]
    waiting = {id for id, state in states(tenant).items() if state == "unmatched"}
    assert (waiting, set(states(tenant).values())) == ({"o2"}, {"unmatched", "processed"})
    tenant.client.call("POST", "/v1/inbound-endpoints/mail/replays", {})
    process()
    assert points(tenant, "opens") == [("2026-09", 0.5, 2)]
    read = tenant.client.call("GET", "/v1/kpis/opens/points?from=2026-01-01T00:00:00Z").json()
    assert read["unmatched"] == 1
    with tenant.enter():
        assert InboundClaim.objects.count() == len(TOLD)


def test_a_group_is_bounded_by_bytes(tenant: Tenant, mail: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(inbound_groups, "MOST_BYTES", 350)
    for number in range(4):
        post(mail, **answer(number, number, 10, padding="x" * 60))
    sizes: list[int] = []
    opened = inbound.open_group

    def seen(group: Any) -> Any:
        sizes.append(len(group.claims))
        return opened(group)

    monkeypatch.setattr(inbound, "open_group", seen)
    process()
    assert sizes == [2, 2]


def test_one_that_cannot_be_read_is_dead_alone(tenant: Tenant, mail: dict[str, Any]) -> None:
    bad = {**ANSWER, "when": [{"path": "$.bad", "equals": True}], "zone": "Mars"}
    with tenant.enter():  # a rule that no validation would let through
        InboundEndpoint.objects.filter(pk=mail["id"]).update(rules=[bad, ANSWER])
    for number in range(5):
        post(mail, **answer(number, number, 10, bad=number == 2))
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert process_due_events(at=at) == 5
    assert points(tenant, "nps") == [("2026-10", 100, 4)]
    assert states(tenant)["a2"] == "failed"
    for _ in range(7):
        at += timedelta(hours=2)
        assert process_due_events(at=at) == 1
    rows = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    (dead,) = [row for row in rows if row["state"] != "processed"]
    assert (dead["message_id"], dead["state"], dead["attempts"]) == ("a2", "dead", 8)
    assert dead["error"] == OUR_FAULT
    assert process_due_events(at=at + timedelta(days=1)) == 0


def test_a_lease_that_is_lost_costs_its_message_alone(
    tenant: Tenant, mail: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        post(mail, **answer(number, number, 10))
    at = datetime.now(UTC) + timedelta(seconds=1)
    opened = inbound.open_group
    replayed: list[Any] = []

    def replay_meanwhile(group: Any) -> Any:
        if not replayed:
            replayed.append(group.claims[1].row_id)
            with tenant.enter():
                replay_events(events=InboundEvent.objects.filter(id=replayed[0]), at=at)
        return opened(group)

    monkeypatch.setattr(inbound, "open_group", replay_meanwhile)
    assert process_due_events(at=at) == 3
    assert sorted(states(tenant).values()) == ["processed", "processed", "received"]
    assert process_due_events(at=at) == 1
    assert points(tenant, "nps") == [("2026-10", 100, 3)]


def test_what_rules_take_no_more_moves_the_first_instant(tenant: Tenant, mail: dict[str, Any]) -> None:
    """The delivery that was told first is read no more: the later one stands, in its own month."""
    for message in TOLD[9:]:
        post(mail, **message)
    process()
    change(tenant, {**DELIVERED, "when": [{"path": "$.id", "one_of": ["d1again", "d3"]}]}, OPENED)
    tenant.client.call("POST", "/v1/inbound-endpoints/mail/replays", {})
    process()
    assert points(tenant, "opens") == [("2026-09", 0, 1), ("2026-10", 1, 1)]
