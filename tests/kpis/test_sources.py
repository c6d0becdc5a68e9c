"""Sources: pulled when due, recorded once, broken when they fail; secrets never shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from kpis.actions.pulling import pull_due_sources
from tests.conftest import Tenant
from tests.kpis.connectors.replica import Answer, Asked, replica
from tests.kpis.peers import Peer, running_peer

WEEK = {"start": "2026-10-05T00:00:00+00:00", "end": "2026-10-12T00:00:00+00:00"}


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer() as peer:
        peer.content = {"data": [{"v": 40, **WEEK}]}
        yield peer


@pytest.fixture
def kpi(tenant: Tenant) -> str:
    made = tenant.client.call(
        "POST", "/v1/kpis", {"key": "visits", "name": "Visits", "kind": "count", "period": "week"}
    )
    assert made.status_code == 201, made.content
    return "visits"


def body(peer: Peer, **more: Any) -> dict[str, Any]:
    return body_of(peer.url, **more)


def body_of(url: str, **more: Any) -> dict[str, Any]:
    mapping = {"kpi": "visits", "items": "$.data[*]", "value": "$.v", "start": "$.start", "end": "$.end"}
    return {
        "key": "feed",
        "name": "Feed",
        "type": "http_json",
        "config": {"url": url},
        "mappings": [mapping],
        "schedule": {"every": "PT5M"},
        **more,
    }


def make(tenant: Tenant, peer: Peer, **more: Any) -> dict[str, Any]:
    made = tenant.client.call("POST", "/v1/sources", body(peer, **more))
    assert made.status_code == 201, made.content
    return made.json()


def pull(tenant: Tenant, at: datetime | None = None) -> None:
    """Pull until nothing of ours is due (other tests' sources may be, too)."""
    at = at or datetime.now(UTC) + timedelta(seconds=1)
    while pull_due_sources(at=at):
        pass


def state(tenant: Tenant) -> dict[str, Any]:
    return tenant.client.call("GET", "/v1/sources/feed").json()["status"]


def values(tenant: Tenant) -> list[float]:
    points = tenant.client.call("GET", "/v1/kpis/visits/points").json()["points"]
    return [point["value"] for point in points if point["value"] is not None]


def test_a_due_source_is_pulled_and_recorded(tenant: Tenant, peer: Peer, kpi: str) -> None:
    make(tenant, peer)
    pull(tenant)
    assert values(tenant) == [40]
    assert state(tenant)["state"] == "ok"
    (run,) = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    assert (run["status"], run["counts"]) == ("succeeded", {"created": 1})


def test_pulling_again_changes_nothing_and_a_new_figure_corrects(
    tenant: Tenant, peer: Peer, kpi: str
) -> None:
    make(tenant, peer)
    pull(tenant)
    peer.content = {"data": [{"v": 40, **WEEK}]}
    pull(tenant, datetime.now(UTC) + timedelta(minutes=6))
    peer.content = {"data": [{"v": 41, **WEEK}]}
    pull(tenant, datetime.now(UTC) + timedelta(minutes=12))
    assert values(tenant) == [41]
    runs = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    assert [run["counts"] for run in runs] == [{"created": 1}, {"duplicate": 1}, {"corrected": 1}]


def test_null_stays_null(tenant: Tenant, peer: Peer, kpi: str) -> None:
    peer.content = {"data": [{"v": None, **WEEK}]}
    make(tenant, peer)
    pull(tenant)
    assert values(tenant) == []
    (run,) = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    assert run["counts"] == {"nulls": 1}


def test_a_secret_is_sent_and_never_shown(tenant: Tenant, peer: Peer, kpi: str) -> None:
    made = make(tenant, peer, secret="s3cret")
    assert made["secret_set"] is True
    pull(tenant)
    assert peer.asked[0]["Authorization"] == "Bearer s3cret"
    for path in ("/v1/sources/feed", "/v1/sources", "/v1/sources/feed/runs"):
        assert b"s3cret" not in tenant.client.call("GET", path).content


@pytest.mark.parametrize(
    ("status", "content"), [(500, {}), (200, b"not json"), (200, b'{"a": 1, "a": 2}'), (302, {})]
)
def test_failures_are_told_and_tried_again_later(
    tenant: Tenant, peer: Peer, kpi: str, status: int, content: Any
) -> None:
    peer.status, peer.content = status, content
    make(tenant, peer)
    at = datetime.now(UTC)
    for number in range(3):
        pull(tenant, at + timedelta(hours=number))
    told = state(tenant)
    assert (told["state"], told["failures"]) == ("broken", 3)
    assert told["last_error"]
    peer.status, peer.content = 200, {"data": [{"v": 40, **WEEK}]}
    pull(tenant, at + timedelta(hours=5))
    assert state(tenant)["state"] == "ok"
    assert values(tenant) == [40]


def test_what_will_not_heal_by_itself_is_broken_at_once(tenant: Tenant, peer: Peer, kpi: str) -> None:
    peer.status = 401
    make(tenant, peer)
    pull(tenant)
    assert (state(tenant)["state"], state(tenant)["last_error"]) == ("broken", "The source answered 401.")


def test_retry_after_is_honoured(tenant: Tenant, peer: Peer, kpi: str) -> None:
    peer.status, peer.headers = 429, {"Retry-After": "7200"}
    make(tenant, peer)
    at = datetime.now(UTC) + timedelta(seconds=1)
    pull(tenant, at)
    asked = len(peer.asked)
    pull(tenant, at + timedelta(hours=1))
    assert len(peer.asked) == asked
    pull(tenant, at + timedelta(hours=2, minutes=1))
    assert len(peer.asked) > asked


def test_an_item_that_does_not_fit_is_named_and_the_rest_goes_on(
    tenant: Tenant, peer: Peer, kpi: str
) -> None:
    later = {"start": "2026-10-12T00:00:00+00:00", "end": "2026-10-19T00:00:00+00:00"}
    peer.content = {"data": [{"v": "many", **WEEK}, {"v": 7, **later}, {"v": -1, **WEEK}]}
    make(tenant, peer)
    shown = tenant.client.call("POST", "/v1/sources/feed/test").json()
    assert values(tenant) == []
    pull(tenant)
    (run,) = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    assert run["counts"] == {"created": 1, "refused": 1, "unfit": 1}
    assert {issue["pointer"] for issue in run["issues"]} == {"/mappings/0/items/0", "/readings/1/value"}
    assert shown["issues"] == run["issues"]


def test_a_preview_stores_nothing(tenant: Tenant, peer: Peer, kpi: str) -> None:
    make(tenant, peer)
    shown = tenant.client.call("POST", "/v1/sources/feed/test").json()
    assert [reading["value"] for reading in shown["readings"]] == [40]
    assert values(tenant) == []
    peer.status = 503
    assert tenant.client.call("POST", "/v1/sources/feed/test").json()["error"] == "The source answered 503."


def test_a_preview_holds_no_transaction_while_it_waits(tenant: Tenant, kpi: str) -> None:
    """What the database says of our connections at the moment in which the source is asked."""
    states: list[list[str]] = []

    def answers(asked: Asked) -> Answer:
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            rows = other.execute(
                "SELECT state FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND pid = ANY(%s)", [ours]
            )
            states.append([state for (state,) in rows])
        return Answer({"data": [{"v": 40, **WEEK}]})

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ours = [cursor.fetchone()[0]]
    with replica(answers) as source:
        made = tenant.client.call("POST", "/v1/sources", {**body_of(source.base), "enabled": False})
        assert made.status_code == 201, made.content
        shown = tenant.client.call("POST", "/v1/sources/feed/test", key="k1").json()
    assert ([reading["value"] for reading in shown["readings"]], states) == ([40], [["idle"]])
    assert tenant.client.call("POST", "/v1/sources/feed/test", key="no key").status_code == 400
    assert (shown["documents"], json.loads(shown["sample"])) == (1, [{"data": [{"v": 40, **WEEK}]}])


def test_a_stranger_sees_no_source(tenant: Tenant, stranger: Tenant, peer: Peer, kpi: str) -> None:
    made = make(tenant, peer)
    for ref in ("feed", made["id"]):
        for method, path in (
            ("GET", f"/v1/sources/{ref}"),
            ("GET", f"/v1/sources/{ref}/runs"),
            ("POST", f"/v1/sources/{ref}/runs"),
            ("POST", f"/v1/sources/{ref}/test"),
            ("DELETE", f"/v1/sources/{ref}"),
        ):
            assert stranger.client.call(method, path, etag="*").status_code == 404, (method, path)


def test_changes_are_guarded_and_an_archived_source_is_not_pulled(
    tenant: Tenant, peer: Peer, kpi: str
) -> None:
    made = make(tenant, peer)
    path = "/v1/sources/feed"
    assert tenant.client.call("PATCH", path, {"name": "New"}).status_code == 428
    changed = tenant.client.call("PATCH", path, {"name": "New"}, etag=made["etag"])
    assert (changed.status_code, changed.json()["name"]) == (200, "New")
    assert tenant.client.call("DELETE", path, etag=made["etag"]).status_code == 412
    assert tenant.client.call("DELETE", path, etag=changed["ETag"]).status_code == 204
    asked = len(peer.asked)
    pull(tenant)
    assert len(peer.asked) == asked
    assert tenant.client.call("GET", "/v1/sources").json()["results"] == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"config": {"url": "ftp://x/y"}}, "/config/url"),
        ({"config": {"url": "http://u:p@x/y"}}, "/config/url"),
        ({"config": {"url": "http://x/y", "verify": False}}, "/config/verify"),
        ({"schedule": {"every": 1}}, "/schedule"),
        ({"schedule": {"cron": "nonsense"}}, "/schedule"),
        ({"mappings": []}, "/mappings"),
        ({"mappings": [{"kpi": "visits", "value": "v", "observed_at": "$.t"}]}, "/mappings/0/value"),
        ({"mappings": [{"kpi": "visits", "value": "$.v"}]}, "/mappings/0"),
        ({"mappings": [{"kpi": "visits", "value": "$.v", "end": "$.e", "eval": "1"}]}, "/mappings/0/eval"),
        ({"type": "telepathy"}, "/type"),
    ],
)
def test_bad_settings_name_their_place(
    tenant: Tenant, peer: Peer, change: dict[str, Any], pointer: str
) -> None:
    answer = tenant.client.call("POST", "/v1/sources", body(peer, **change))
    assert answer.status_code == 400
    assert pointer in [issue["pointer"] for issue in answer.json()["errors"]], answer.json()


MAPPING = {"kpi": "v", "value": "$.v", "end": "$.e"}
NINE = {f"l{number}": {"const": "x"} for number in range(9)}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"config": {"url": "http://169.254.169.254/"}}, "/config/url"),
        ({"config": {"url": "https://[::ffff:10.0.0.1]/"}}, "/config/url"),
        ({"config": {"url": "http://[bad"}}, "/config/url"),
        ({"config": {"url": "https://example.com", "headers": {"Host": "inside"}}}, "/config"),
        ({"config": {"url": "https://example.com", "headers": {"A": "x\r\nB: y"}}}, "/config"),
        ({"config": {"url": "https://example.com", "secret_header": "A B"}, "secret": "s"}, "/secret"),
        ({"secret": "two\nlines"}, "/secret"),
        ({"mappings": [{**MAPPING, "zone": "Mars"}]}, "/mappings/0/zone"),
        ({"mappings": [{**MAPPING, "scale": "nan"}]}, "/mappings/0/scale"),
        ({"mappings": [{**MAPPING, "value_map": {"a": "b"}}]}, "/mappings/0/value_map/a"),
        ({"mappings": [{**MAPPING, "when": [{"path": "$.a", "equals": {}}]}]}, "/mappings/0/when/0"),
        (
            {"mappings": [{**MAPPING, "labels": {f"l{n}": {"const": "x"} for n in range(9)}}]},
            "/mappings/0/labels",
        ),
        ({"mappings": [{**MAPPING, "items": "$[?@.a == 1e999]"}]}, "/mappings/0/items"),
    ],
)
def test_what_no_pull_could_use_is_refused_at_once(
    tenant: Tenant, peer: Peer, change: dict[str, Any], pointer: str
) -> None:
    answer = tenant.client.call("POST", "/v1/sources", body(peer, **change))
    assert answer.status_code == 400
    assert pointer in [issue["pointer"] for issue in answer.json()["errors"]], answer.json()


def test_a_secret_is_taken_out_by_null_and_kept_when_it_is_not_named(
    tenant: Tenant, peer: Peer, kpi: str
) -> None:
    made = make(tenant, peer, secret="s3cret")
    renamed = tenant.client.call("PATCH", "/v1/sources/feed", {"name": "New"}, etag=made["etag"])
    assert renamed.json()["secret_set"] is True
    bare = tenant.client.call("PATCH", "/v1/sources/feed", {"secret": None}, etag=renamed["ETag"])
    assert bare.json()["secret_set"] is False
    pull(tenant)
    assert "Authorization" not in peer.asked[0]


def test_status_is_read_anew_though_the_version_stands(tenant: Tenant, peer: Peer, kpi: str) -> None:
    made = make(tenant, peer)
    pull(tenant)
    answer = tenant.client.call("GET", "/v1/sources/feed", If_None_Match=made["etag"])
    assert (answer.status_code, answer["ETag"], answer.json()["status"]["state"]) == (200, made["etag"], "ok")


def test_a_pull_by_hand(tenant: Tenant, peer: Peer, kpi: str) -> None:
    made = make(tenant, peer)
    pull(tenant)
    answer = tenant.client.call("POST", "/v1/sources/feed/runs")
    assert (answer.status_code, answer["Location"][-5:], answer["Retry-After"]) == (202, "/runs", "1")
    pull(tenant, datetime.now(UTC) + timedelta(seconds=1))
    assert len(peer.asked) == 2
    off = tenant.client.call("PATCH", "/v1/sources/feed", {"enabled": False}, etag=made["etag"])
    assert off.json()["status"]["state"] == "disabled"
    answer = tenant.client.call("POST", "/v1/sources/feed/runs")
    assert (answer.status_code, answer.json()["code"]) == (409, "source_disabled")


def test_a_broken_source_stays_broken_until_it_is_well(tenant: Tenant, peer: Peer, kpi: str) -> None:
    peer.status = 401
    make(tenant, peer)
    at = datetime.now(UTC) + timedelta(seconds=1)
    pull(tenant, at)
    peer.status = 500
    pull(tenant, at + timedelta(hours=1))
    assert (state(tenant)["state"], state(tenant)["failures"]) == ("broken", 2)
