"""A future-state map, or a revision made elsewhere, merged into the draft over HTTP."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, names, path, publish

Json = dict[str, Any]


def edit(tenant: Tenant, shown: Json, change: Any) -> Json:
    draft = draft_of(tenant, shown)
    change(draft)
    answer = tenant.client.call("PUT", path(shown, "draft"), draft, etag="*")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def merge(tenant: Tenant, shown: Json, status: int = 201, query: str = "", **body: Any) -> Json:
    where = path(shown, "merges") + query
    body = {name.rstrip("_"): value for name, value in body.items()}
    answer = tenant.client.call("POST", where, body, etag=draft_of(tenant, shown)["etag"])
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def touchpoint(draft: Json, key: str) -> Json:
    return next(t for s in draft["stages"] for t in s.get("touchpoints", ()) if t.get("key") == key)


@pytest.fixture
def maps(tenant: Tenant) -> tuple[Json, Json]:
    """A current map and a copy of it that shows the future."""
    current = make_map(tenant, key="current")
    publish(tenant, current)
    answer = tenant.client.call(
        "POST", path(current, "copies"), {"name": "2030", "state": "future", "key": "f"}
    )
    return current, answer.json()


def draw_future(tenant: Tenant, future: Json) -> None:
    def change(draft: Json) -> None:
        touchpoint(draft, "adverts")["name"] = "Asks an agent"
        draft["stages"][0]["touchpoints"].append({"name": "Virtual tour", "key": "tour"})
        draft["stages"][1]["touchpoints"].append(draft["stages"][0]["touchpoints"].pop(1))
        draft["transitions"] = [{"from": "adverts", "to": "tour"}]

    edit(tenant, future, change)


def test_a_future_state_comes_true(tenant: Tenant, maps: tuple[Json, Json]) -> None:
    current, future = maps
    draw_future(tenant, future)
    publish(tenant, future)
    edit(tenant, current, lambda draft: touchpoint(draft, "sign").update(owner="Notary"))
    before = draft_of(tenant, current)
    done = merge(tenant, current, from_="f", message="2030 is here")
    assert done["conflicts"] == []
    assert (done["base"]["journey_map"], done["base"]["version"]) == (current["id"], 1)
    assert {(c["verb"], c["name"]) for c in done["changes"]} == {
        ("renamed", "Asks an agent"),
        ("added", "Virtual tour"),
        ("moved", "Visits"),
        ("added", ""),
    }
    draft = draft_of(tenant, current)
    assert done["draft_etag"] == draft["etag"]
    assert (draft["name"], "state" in draft) == (before["name"], False)
    assert names(draft) == [["Search", "Asks an agent", "Virtual tour"], ["Contract", "Signs", "Visits"]]
    assert touchpoint(draft, "sign")["owner"] == "Notary"
    assert touchpoint(draft, "visit")["id"] == touchpoint(before, "visit")["id"]
    assert draft["transitions"] == [
        {"from": touchpoint(before, "adverts")["id"], "to": touchpoint(draft, "tour")["id"]}
    ]
    publish(tenant, current)
    [row] = tenant.client.call("GET", path(current, "merges")).json()["results"]
    assert (row["source_map"], row["source_version"], row["message"]) == (future["id"], 1, "2030 is here")
    assert row["id"] == done["id"]
    event = [
        e for e in tenant.client.call("GET", "/v1/events").json()["results"] if e["type"] == "map.merged"
    ]
    assert event[0]["data"]["merge"] == done["id"]


def test_the_next_merge_starts_where_the_last_one_ended(tenant: Tenant, maps: tuple[Json, Json]) -> None:
    current, future = maps
    draw_future(tenant, future)
    publish(tenant, future)
    merge(tenant, current, from_="f")
    tour = touchpoint(draft_of(tenant, current), "tour")["id"]
    edit(tenant, current, lambda draft: touchpoint(draft, "adverts").update(name="Asks a friend"))
    edit(tenant, future, lambda draft: touchpoint(draft, "tour").update(owner="Agent"))
    publish(tenant, future)
    again = merge(tenant, current, from_="f")
    assert again["base"]["version"] == 1
    assert [(c["id"], c["field"], c["after"]) for c in again["changes"]] == [(tour, "owner", "Agent")]
    assert merge(tenant, current, from_="f")["changes"] == []
    # And back: what the current map did since then goes into the future one.
    publish(tenant, current)
    back = merge(tenant, future, from_="current")
    assert [(c["verb"], c["after"]) for c in back["changes"]] == [("renamed", "Asks a friend")]
    assert draft_of(tenant, future)["state"] == "future"


def test_conflicts_are_named_and_decided(tenant: Tenant, maps: tuple[Json, Json]) -> None:
    current, future = maps
    edit(tenant, future, lambda draft: touchpoint(draft, "visit").update(owner="Agent"))
    edit(tenant, future, lambda draft: touchpoint(draft, "adverts").update(owner="Portal"))
    ours = edit(tenant, current, lambda draft: touchpoint(draft, "visit").update(owner="Owner"))
    ours = edit(tenant, current, lambda draft: draft["stages"][0]["touchpoints"].pop(0))
    visit = touchpoint(ours, "visit")["id"]
    refused = merge(tenant, current, 409, from_="f@draft")
    assert refused["code"] == "merge_conflicts"
    assert [(c["name"], c["field"]) for c in refused["conflicts"]] == [
        ("Visits", "owner"),
        ("Reads adverts", "presence"),
    ]
    owner, presence = refused["conflicts"]
    assert (owner["id"], owner["base"], owner["ours"], owner["theirs"]) == (visit, None, "Owner", "Agent")
    assert (presence["ours"], presence["theirs"]["owner"]) == (None, "Portal")
    assert draft_of(tenant, current) == ours
    rehearsed = merge(tenant, current, 200, "?dry_run=true", from_="f@draft")
    assert (rehearsed["conflicts"], rehearsed["id"]) == (refused["conflicts"], None)
    assert rehearsed["draft_etag"] == ours["etag"]
    assert draft_of(tenant, current) == ours
    one = {"kind": "touchpoint", "id": visit, "field": "owner", "value": "Both"}
    half = merge(tenant, current, 409, from_="f@draft", resolutions=[one])
    assert [c["field"] for c in half["conflicts"]] == ["presence"]
    without = merge(tenant, current, 409, from_="f@draft", resolutions=[one | {"value": None}])
    assert [c["field"] for c in without["conflicts"]] == ["presence"]
    other = {"kind": "touchpoint", "id": presence["id"], "field": "presence", "take": "theirs"}
    merge(tenant, current, from_="f@draft", resolutions=[one, other])
    draft = draft_of(tenant, current)
    assert touchpoint(draft, "visit")["owner"] == "Both"
    assert touchpoint(draft, "adverts")["owner"] == "Portal"
    assert touchpoint(draft, "adverts")["pains"][0]["text"] == "Stale"


def test_a_revision_made_elsewhere_is_merged(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    document = tenant.client.call("GET", path(shown, "versions/1")).json()["document"]
    edited = copy.deepcopy(document)
    edited["stages"][0]["touchpoints"][0]["owner"] = "Portal"
    edited["stages"][1]["touchpoints"].append({"name": "Moves in"})
    edit(tenant, shown, lambda draft: touchpoint(draft, "visit").update(owner="Agent"))
    publish(tenant, shown)
    done = merge(tenant, shown, document=edited, base="1")
    assert [(c["verb"], c["name"]) for c in done["changes"]] == [
        ("changed", "Reads adverts"),
        ("added", "Moves in"),
    ]
    assert touchpoint(draft_of(tenant, shown), "visit")["owner"] == "Agent"
    [row] = tenant.client.call("GET", path(shown, "merges")).json()["results"]
    assert (row["source_map"], row["source_version"]) == (None, None)
    # Against the version published last it takes back what came since.
    back = merge(tenant, shown, document=document)
    assert ("changed", "Visits", "owner") in {(c["verb"], c["name"], c["field"]) for c in back["changes"]}


def test_strangers_are_merged_by_key_and_asked_where_they_differ(tenant: Tenant) -> None:
    here, there = make_map(tenant), make_map(tenant, key="there")
    edit(tenant, here, lambda draft: touchpoint(draft, "sign").update(owner="A"))
    edit(tenant, there, lambda draft: touchpoint(draft, "sign").update(owner="B"))
    refused = merge(tenant, here, 409, from_="there")
    assert [c["field"] for c in refused["conflicts"]] == ["owner"]


def test_library_personas_stay_references(tenant: Tenant) -> None:
    persona = tenant.client.call("POST", "/v1/personas", {"name": "Ana", "goals": ["rent"]}).json()
    current = make_map(tenant, document={"name": "m", "personas": [{"id": persona["id"]}]})
    publish(tenant, current)
    future = tenant.client.call("POST", path(current, "copies"), {"key": "f"}).json()
    tenant.client.call("PATCH", f"/v1/personas/{persona['id']}", {"goals": ["stay"]}, etag="*")
    edit(tenant, future, lambda draft: draft.update(scenario="In May"))
    publish(tenant, future)
    done = merge(tenant, current, from_="f")
    assert [c["field"] for c in done["changes"]] == ["scenario"]
    assert draft_of(tenant, current)["personas"] == [{"id": persona["id"]}]


def test_what_breaks_a_rule_together_is_refused(tenant: Tenant, maps: tuple[Json, Json]) -> None:
    current, future = maps
    edit(tenant, current, lambda draft: draft["stages"].append({"name": "Ours", "key": "new"}))
    edit(tenant, future, lambda draft: draft["stages"].append({"name": "Theirs", "key": "newer"}))
    edit(tenant, future, lambda draft: draft["stages"][2].update(key="x"))
    edit(tenant, current, lambda draft: draft["stages"][0].update(key="x"))
    refused = merge(tenant, current, 422, from_="f@draft")
    assert refused["code"] == "merge_refused"
    assert [issue["code"] for issue in refused["errors"]] == ["duplicate_key"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/from"),
        ({"from": "f", "document": {"name": "x"}}, "/from"),
        ({"from": "current@1"}, "/base"),
        ({"document": {"name": "x"}, "base": "f@draft"}, "/base"),
        ({"document": {"name": ""}}, "/name"),
        ({"document": 3}, "/document"),
        ({"from": "f", "resolutions": [{"kind": "map", "id": "", "field": "name"}]}, "/resolutions/0/id"),
        ({"from": "f", "resolutions": [{"kind": "map", "id": "x", "field": "name"}]}, "/resolutions/0"),
        (
            {"from": "f", "resolutions": [{"kind": "map", "id": "x", "field": "name", "take": "base"}]},
            "/resolutions/0",
        ),
        (
            {"from": "f", "resolutions": [{"kind": "stage", "id": "x", "field": "place", "value": 1}]},
            "/resolutions/0/value",
        ),
        ({"from": "f", "resolutions": {}}, "/resolutions"),
    ],
)
def test_what_cannot_be_merged_is_refused(
    tenant: Tenant, maps: tuple[Json, Json], body: Json, pointer: str
) -> None:
    before = draft_of(tenant, maps[0])
    refused = tenant.client.call("POST", path(maps[0], "merges"), body, etag="*")
    assert refused.status_code == 400, refused.content
    assert [issue["pointer"] for issue in refused.json()["errors"]] == [pointer]
    assert draft_of(tenant, maps[0]) == before


def test_a_merge_changes_only_a_draft_that_was_seen(tenant: Tenant, stranger: Tenant) -> None:
    shown, theirs = make_map(tenant, key="mine"), make_map(stranger)
    where = path(shown, "merges")
    assert tenant.client.call("POST", where, {"from": "mine@draft", "base": "0"}).status_code == 428
    stale = tenant.client.call("POST", where, {"from": "mine@draft", "base": "0"}, etag='"r7"')
    assert stale.status_code == 412
    for ref in (theirs["id"], f"{theirs['id']}@draft"):
        assert tenant.client.call("POST", where, {"from": ref}, etag="*").status_code == 404


def test_two_copies_of_one_map_are_merged(tenant: Tenant, maps: tuple[Json, Json]) -> None:
    current, future = maps
    twin = tenant.client.call("POST", path(current, "copies"), {"key": "twin"}).json()
    edit(tenant, future, lambda draft: touchpoint(draft, "visit").update(owner="Agent"))
    edit(tenant, twin, lambda draft: touchpoint(draft, "sign").update(owner="Notary"))
    done = merge(tenant, twin, from_="f@draft")
    assert (done["base"]["journey_map"], done["base"]["version"]) == (current["id"], 1)
    assert [(c["name"], c["field"], c["after"]) for c in done["changes"]] == [("Visits", "owner", "Agent")]
    assert touchpoint(draft_of(tenant, twin), "sign")["owner"] == "Notary"
