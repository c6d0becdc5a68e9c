"""Sources with more pages than one pull reads: each pull goes on where the last one ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kpis.actions.backfills_work import work_due_backfills
from kpis.actions.pulling import pull_due_sources
from kpis.actions.sources import DUE_KIND
from kpis.connectors import PullFailed
from kpis.connectors.http_json import paging as paging_module
from kpis.connectors.mapping import MAX_ITEMS, extract_parts
from kpis.models.sources import SourceStretch
from service.due import set_due
from tests.conftest import Tenant
from tests.kpis.connectors.replica import WINDOW, Answer, Asked, Replica, fetched, replica
from tests.kpis.connectors.test_source_presets import NOW, by_delighted, by_stripe, install, points

BY_CURSOR = {"by": "cursor", "cursor": "$.cursor", "parameter": "c"}


def listed(last: int) -> Any:
    """Pages 0 to `last`, each with its own number as its item."""

    def answers(asked: Asked) -> Answer:
        number = int(asked.query.get("c", 0))
        return Answer({"items": [number], "cursor": str(number + 1) if number < last else None})

    return answers


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging_module, "PAGES_OF_A_PULL", 2)


def read_all(config: dict[str, Any]) -> list[list[int]]:
    window, pulls = WINDOW, []
    while True:
        found, documents = fetched("http_json", config, window=window)
        pulls.append([item for page in documents for item in page["items"]])
        if found.onward is None:
            return pulls
        window = replace(WINDOW, onward=found.onward)


def test_pulls_share_the_pages_among_them(few: None) -> None:
    with replica(listed(4)) as peer:
        assert read_all({"url": peer.base, "paging": BY_CURSOR}) == [[0, 1], [2, 3], [4]]
        assert len(peer.asked) == 5


def test_the_bound_of_pages_is_of_the_question(few: None) -> None:
    with replica(listed(99)) as peer:
        assert read_all({"url": peer.base, "paging": {**BY_CURSOR, "max_pages": 3}}) == [[0, 1], [2]]


def test_a_circle_is_seen_by_the_pull_that_comes_round(few: None) -> None:
    def answers(asked: Asked) -> Answer:
        return Answer({"items": [], "cursor": str((int(asked.query.get("c", 0)) + 1) % 5)})

    with replica(answers) as peer, pytest.raises(PullFailed, match="lead back"):
        read_all({"url": f"{peer.base}/?c=0", "paging": BY_CURSOR})
    assert len(peer.asked) <= 7


def test_a_pull_ends_before_the_bytes_that_it_may_hold() -> None:
    def answers(asked: Asked) -> Answer:
        number = int(asked.query.get("c", 0))
        return Answer(
            {"items": [number], "cursor": str(number + 1), "more": number < 3, "x": "x" * 4_000_000}
        )

    with replica(answers) as peer:
        pulls = read_all({"url": peer.base, "paging": {**BY_CURSOR, "more": "$.more"}})
    assert pulls == [[0, 1], [2, 3]]


def test_a_pull_ends_before_the_items_that_it_may_map() -> None:
    mapping = {"kpi": "x", "items": "$[*]", "value": "$"}
    third = MAX_ITEMS // 3

    def mapped(*sizes: int, may_end: bool = True) -> tuple[int, int | None, list[str]]:
        found, unread = extract_parts([mapping], ([[1] * size] for size in sizes), may_end=may_end)
        return len(found.items), unread, [issue.code for issue in found.issues]

    assert mapped(third, third, third) == (3 * third, None, [])
    assert mapped(third, third, third, 9) == (3 * third, 3, [])
    assert mapped(third, third + 9, third) == (2 * third + 9, 2, [])
    assert mapped(MAX_ITEMS + 1, 1) == (MAX_ITEMS, 1, ["too_many_items"])
    assert mapped(third, 3 * third, may_end=False) == (MAX_ITEMS, None, ["too_many_items"])


def runs(tenant: Tenant) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    return told


def stretches(tenant: Tenant) -> list[tuple[int, int]]:
    with tenant.enter():
        return list(SourceStretch.objects.order_by("number").values_list("number", "pages"))


def test_churn_of_more_subscriptions_than_one_pull_reads(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pull is a run; one that fails goes on where it was; the figures come with the last."""
    monkeypatch.setattr(paging_module, "PAGES_OF_A_PULL", 1)
    here: list[Replica] = []
    down = {"sub_2"}

    def answers(asked: Asked) -> Answer:
        if (cursor := asked.query.get("starting_after", "")) in down:
            down.remove(cursor)
            return Answer({"error": {"message": "on our side"}}, 500)
        return by_stripe(asked, here[0])

    with replica(answers) as peer:
        here.append(peer)
        made = install(tenant, "stripe-subscriptions", peer.base)
        down.add(rows_after_two_pages())
        pull_due_sources(at=NOW)
        assert stretches(tenant) == [(1, 1)]
        assert tenant.client.call("GET", "/v1/kpis/stripe-customer-churn/points").json()["points"] == []
        pull_due_sources(at=NOW + timedelta(seconds=1))
        assert stretches(tenant) == [(1, 1), (2, 2)]
        looked = tenant.client.call("POST", "/v1/sources/feed/test").json()
        assert ([issue["code"] for issue in looked["issues"]], looked["readings"]) == (["goes_on"], [])
        while len(runs(tenant)) < 4:
            pull_due_sources(at=NOW + timedelta(minutes=len(runs(tenant))))
        asked = [one.query.get("starting_after") for one in peer.asked]
    assert asked[2] is None, "the look began at the beginning"
    assert asked[3] == asked[4], "the page that failed was asked for again, and no other"
    assert [run["status"] for run in runs(tenant)] == ["succeeded", "succeeded", "failed", "succeeded"]
    assert [[issue["code"] for issue in run["issues"]] for run in runs(tenant)] == [["goes_on"]] * 2 + [
        [],
        [],
    ]
    assert points(tenant, "stripe-customer-churn")[1:] == (0.2, 5)
    assert points(tenant, "stripe-subscription-churn")[1:] == (0.4, 5)
    assert stretches(tenant) == []
    assert made["status"]["state"] != "broken"


def rows_after_two_pages() -> str:
    first = by_stripe(Asked("GET", "/", {}, {}, b""), Replica(lambda asked: Answer(None))).body
    second = by_stripe(
        Asked("GET", "/", {"starting_after": first["data"][-1]["id"]}, {}, b""),
        Replica(lambda asked: Answer(None)),
    ).body
    return str(second["data"][-1]["id"])


def test_answers_count_as_their_pages_come_and_a_change_begins_anew(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging_module, "PAGES_OF_A_PULL", 1)
    with replica(lambda asked: by_delighted(asked, peer)) as peer:
        made = install(tenant, "delighted-nps", peer.base)
        pull_due_sources(at=NOW)
        assert points(tenant, "delighted-nps")[1:] == (100, 99)
        assert stretches(tenant) == [(1, 1)]
        changed = tenant.client.call("PATCH", "/v1/sources/feed", {"name": "Other"}, etag=made["etag"])
        assert (changed.status_code, stretches(tenant)) == (200, [])
        with tenant.enter():
            set_due(workspace_id=tenant.workspace.id, kind=DUE_KIND, row_id=made["id"], due_at=NOW)
        for seconds in range(3):
            pull_due_sources(at=NOW + timedelta(seconds=seconds))
    assert [asked.query["page"] for asked in peer.asked] == ["1", "1", "2"]
    assert points(tenant, "delighted-nps")[1:] == (98, 100)


def test_a_window_of_a_backfill_goes_on_before_the_next(tenant: Tenant, few: None) -> None:
    with replica(listed(2)) as peer:
        kpi = {"key": "v", "name": "V", "kind": "nps", "holds": "events", "input": "answers"}
        assert tenant.client.call("POST", "/v1/kpis", kpi).status_code == 201
        source = {
            "key": "feed",
            "name": "F",
            "type": "http_json",
            "enabled": False,
            "schedule": {"every": "P1D"},
            "config": {"url": peer.base + "/?from={start}", "paging": BY_CURSOR},
            "mappings": [
                {"kpi": "v", "items": "$.items[*]", "value": "$", "observed_at": "$", "cast": "epoch"}
                | {"external_id": "$"}
            ],
        }
        made = tenant.client.call("POST", "/v1/sources", source)
        assert made.status_code == 201, made.content
        asked = {"from": "2026-09-01T00:00:00Z", "to": "2026-09-15T00:00:00Z", "step": "P7D"}
        begun = tenant.client.call("POST", "/v1/sources/feed/backfills", asked).json()
        done = []
        for seconds in range(4):
            work_due_backfills(at=NOW + timedelta(days=30, seconds=seconds))
            told = tenant.client.call("GET", f"/v1/sources/feed/backfills/{begun['id']}").json()
            done.append((told["windows"]["done"], told["state"]))
        again = tenant.client.call("POST", "/v1/sources/feed/backfills", asked).json()
        work_due_backfills(at=NOW + timedelta(days=30, seconds=9))
        assert stretches(tenant) == [(1, 2)]
        ended = tenant.client.call("POST", f"/v1/sources/feed/backfills/{again['id']}/cancellations")
        assert ended.status_code == 202
    assert done == [(0, "running"), (1, "running"), (1, "running"), (2, "succeeded")]
    assert [len(asked.query["from"]) > 0 for asked in peer.asked] == [True] * 8
    assert stretches(tenant) == []
