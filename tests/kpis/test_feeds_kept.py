"""Runs of sources and messages of endpoints end; figures made of them, and what names them, stay right."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpis.actions.feeds_kept import Gone, forget_feeds_of
from kpis.models.inbound import InboundClaim, InboundEvent
from kpis.models.sources import SourceRun
from kpis.queries import feeds
from kpis.queries.feeds import MessageGone
from service.due import set_all_due
from service.errors import NotFound
from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.mail import PATH, TOLD, points, post, replay
from tests.kpis.test_inbound import process

AT = datetime(2027, 3, 1, tzinfo=UTC)
KEPT = {"inbound_body_days": 28, "inbound_event_days": 59, "source_run_days": 59}
BODIES, ROWS = datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def told(tenant: Tenant, mail: dict[str, Any]) -> dict[str, Any]:
    """Deliveries and opens, all read; bytes are kept four weeks, messages up to the year's edge."""
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits=KEPT)
    for message in TOLD:
        post(mail, **message)
    process()
    return mail


def _forget(tenant: Tenant, at: datetime) -> Gone:
    return forget_feeds_of(Workspace.objects.get(pk=tenant.workspace.id), at=at)


def _came(tenant: Tenant, **when: datetime) -> None:
    with tenant.enter():
        for message_id, at in when.items():
            assert InboundEvent.objects.filter(message_id=message_id).update(created_at=at) == 1


def _there(tenant: Tenant) -> dict[str, bool]:
    """Which messages are there, and whether their bytes are."""
    with tenant.enter():
        rows = InboundEvent.objects.values_list("message_id", "body", "body_gone_at")
        assert all(bool(body) == (gone is None) for _, body, gone in rows)
        return {message_id: bool(body) for message_id, body, _ in rows}


def test_bytes_go_first_and_messages_later_to_the_instant(tenant: Tenant, told: dict[str, Any]) -> None:
    _came(tenant, d2=ROWS - MOMENT, o3=ROWS, d1=BODIES - MOMENT, o1=BODIES, o2=AT)
    assert _forget(tenant, AT) == Gone(runs=0, bodies=3, messages=1)
    assert _there(tenant) == {"o3": False, "d1": False, "o1": True, "o2": True}
    assert _forget(tenant, AT) == Gone(runs=0, bodies=0, messages=0)
    assert _forget(tenant, AT + timedelta(days=366)) == Gone(runs=0, bodies=2, messages=4)
    with tenant.enter():
        assert not InboundClaim.objects.exists()
    assert points(tenant, "opens") == [("2026-09", 0.5, 2)]


def test_a_message_stays_while_a_younger_one_speaks_of_the_same_thing(
    tenant: Tenant, told: dict[str, Any]
) -> None:
    _came(tenant, d1=ROWS - timedelta(days=200), d2=ROWS - MOMENT, o3=ROWS - MOMENT, o1=ROWS - MOMENT, o2=AT)
    assert _forget(tenant, AT).messages == 2
    assert _there(tenant) == {"d1": False, "o1": False, "o2": True}
    answer = replay(tenant)
    assert (answer.json()["events"], answer.json()["gone"]) == (1, 2)
    assert points(tenant, "opens") == [("2026-09", 0.5, 2)]


def test_a_repeat_is_known_without_its_bytes_and_nothing_is_read_again_that_is_gone(
    tenant: Tenant, told: dict[str, Any]
) -> None:
    _came(tenant, **dict.fromkeys(("d1", "d2", "o1", "o2", "o3"), BODIES - MOMENT))
    assert _forget(tenant, AT).bodies == 5
    post(told, **{**TOLD[0], "m": "m9"})
    process()
    assert len(_there(tenant)) == 5
    rows = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    assert {row["body_gone_at"] for row in rows} == {"2027-03-01T00:00:00Z"}
    address = f"/v1/inbound-events/{rows[0]['id']}"
    assert tenant.client.call("GET", address).json()["body"] is None
    refused = tenant.client.call("POST", f"{address}/replays")
    assert (refused.status_code, refused.json()["code"]) == (410, "message_gone")
    dry = tenant.client.call("POST", f"{PATH}/replays", {"dry_run": True}).json()
    assert dry == {"events": 0, "gone": 5, "impact": []}
    tried = tenant.client.call("POST", f"{PATH}/trials", {}).json()
    assert tried == {"events": [], "gone": 5, "impact": []}
    assert replay(tenant).json() == {"events": 0, "gone": 5, "impact": None}
    assert points(tenant, "opens") == [("2026-09", 0.5, 2)]


def test_readings_keep_naming_their_message_whose_address_says_that_it_is_gone(
    tenant: Tenant, stranger: Tenant, told: dict[str, Any]
) -> None:
    def causes() -> set[str]:
        return {row["cause"] for row in tenant.client.call("GET", "/v1/readings?kpi=opens").json()["results"]}

    before = causes()
    _came(tenant, **dict.fromkeys(("d1", "d2", "o1", "o2", "o3"), ROWS - MOMENT))
    assert _forget(tenant, AT).messages == 5
    assert causes() == before
    one = uuid.UUID(before.pop())
    later = datetime.now(UTC) + timedelta(days=61)
    with tenant.enter():
        with pytest.raises(MessageGone, match="keeps messages from"):
            feeds.inbound_event(tenant.workspace.id, one, at=later)
        with pytest.raises(NotFound):
            feeds.inbound_event(tenant.workspace.id, uuid.uuid4(), at=later)
    of_2020 = f"/v1/inbound-events/{uuid.UUID(int=(1_577_836_800_000 << 80) | (7 << 76) | (2 << 62))}"
    for who in (tenant, stranger):
        assert who.client.call("GET", of_2020).status_code == 410
        assert who.client.call("GET", f"/v1/inbound-events/{one}").status_code == 404


def test_what_waits_to_be_read_stays_whole(tenant: Tenant, mail: dict[str, Any]) -> None:
    for message in TOLD[:3]:
        post(mail, **message)
    process()
    _came(tenant, d1=ROWS - MOMENT, d2=ROWS - MOMENT, o1=ROWS - MOMENT)
    with tenant.enter():
        InboundEvent.objects.filter(message_id="d1").update(state="received")
        (again,) = InboundEvent.objects.filter(message_id="d2").values_list("id", flat=True)
        set_all_due(workspace_id=tenant.workspace.id, kind="inbound", row_ids=[again], due_at=AT)
    assert _forget(tenant, AT + timedelta(days=2000)).messages == 1
    assert _there(tenant) == {"d1": True, "d2": True}


def test_no_limit_forgets_a_message_while_its_sender_may_repeat_it(
    tenant: Tenant, told: dict[str, Any]
) -> None:
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits={"inbound_event_days": 1})
    least = AT - timedelta(days=feeds.MESSAGE_DAYS_LEAST)
    _came(tenant, d1=least, d2=least - MOMENT, o1=AT, o2=AT, o3=AT)
    assert _forget(tenant, AT).messages == 1


def test_runs_end_but_for_the_last_of_each_source(
    tenant: Tenant, stranger: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpis.actions.feeds_kept.ROWS_AT_ONCE", 2)
    monkeypatch.setattr("service.retention.ROWS_AT_ONCE", 2)
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits=KEPT)
    edge = [ROWS - timedelta(days=300), *(ROWS - number * MOMENT for number in (3, 2, 1)), ROWS, AT]
    long_ago = [ROWS - timedelta(days=400), ROWS - timedelta(days=300)]
    for who in (tenant, stranger):
        assert (
            who.client.call("POST", "/v1/kpis", {"key": "k", "name": "K", "kind": "count"}).status_code == 201
        )
    ids = {}
    for key, days in (("busy", edge), ("quiet", long_ago)):
        ids[key] = _source(tenant, key)
        _ran(tenant, ids[key], days)
    other = _source(stranger, "other")
    _ran(stranger, other, [AT - timedelta(days=80), AT - timedelta(days=70)])
    assert _forget(tenant, AT).runs == 5
    assert _runs(tenant, ids["busy"]) == [ROWS, AT]
    assert _runs(tenant, ids["quiet"]) == [long_ago[-1]]
    assert len(_runs(stranger, other)) == 2


def _source(tenant: Tenant, key: str) -> uuid.UUID:
    body = {
        "key": key,
        "name": key,
        "type": "http_json",
        "enabled": False,
        "schedule": {"every": "PT1H"},
        "config": {"url": "https://figures.example/"},
        "mappings": [{"kpi": "k", "items": "$[*]", "value": "$.v", "period": "$.p"}],
    }
    answer = tenant.client.call("POST", "/v1/sources", body)
    assert answer.status_code == 201, answer.content
    return uuid.UUID(answer.json()["id"])


def _ran(tenant: Tenant, source: uuid.UUID, instants: list[datetime]) -> None:
    with tenant.enter():
        SourceRun.objects.bulk_create(
            SourceRun(
                workspace_id=tenant.workspace.id,
                source_id=source,
                slot_at=at,
                created_at=at,
                finished_at=at,
                status="failed",
            )
            for at in instants
        )


def _runs(tenant: Tenant, source: uuid.UUID) -> list[datetime]:
    with tenant.enter():
        return sorted(SourceRun.objects.filter(source_id=source).values_list("created_at", flat=True))
