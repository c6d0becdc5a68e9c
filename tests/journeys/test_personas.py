"""The library of personas, its references in drafts and its snapshots in versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish

ANA: dict[str, Any] = {
    "key": "ana",
    "name": "Ana",
    "archetype": "the newcomer",
    "goals": ["A flat near work"],
    "empathy": {"says": ["Too far"]},
    "selector": {"segment": "first_flat"},
    "attributes": {"source": "interviews"},
}


def make_persona(tenant: Tenant, **members: Any) -> dict[str, Any]:
    answer = tenant.client.call("POST", "/v1/personas", ANA | members)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def latest(tenant: Tenant, shown: dict[str, Any]) -> dict[str, Any]:
    return dict(tenant.client.call("GET", path(shown, "versions", "latest")).json()["document"])


def test_a_persona_is_kept_as_sent(tenant: Tenant) -> None:
    shown = make_persona(tenant)
    assert {name: shown[name] for name in ANA} == ANA
    read = tenant.client.call("GET", "/v1/personas/ana")
    assert (read.json(), read["ETag"]) == (shown, shown["etag"])
    assert tenant.client.call("GET", f"/v1/personas/{shown['id']}").content == read.content


def test_a_persona_changes_by_merge_patch(tenant: Tenant) -> None:
    shown = make_persona(tenant)
    where = f"/v1/personas/{shown['id']}"
    assert tenant.client.call("PATCH", where, {}).status_code == 428
    patch = {"name": "Ana M.", "goals": None, "empathy": {"says": None, "feels": ["lost"]}, "key": None}
    answer = tenant.client.call("PATCH", where, patch, etag=shown["etag"])
    changed = answer.json()
    assert (changed["name"], changed.get("key"), changed["empathy"]) == ("Ana M.", None, {"feels": ["lost"]})
    assert "goals" not in changed
    assert tenant.client.call("PATCH", where, {}, etag=shown["etag"]).status_code == 412
    echoed = tenant.client.call("PATCH", where, changed, etag=changed["etag"])
    assert (echoed.status_code, echoed["ETag"]) == (200, changed["etag"])


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"name": None}, {("/name", "required")}),
        ({"name": " "}, {("/name", "invalid_format")}),
        ({"selector": {"Segment": "x"}}, {("/selector/Segment", "invalid_format")}),
        ({"selector": {f"l{n}": "x" for n in range(9)}}, {("/selector", "too_many")}),
        ({"goals": "none", "age": 7}, {("/goals", "wrong_type"), ("/age", "unknown_field")}),
        ({"key": "01a201b7-bb5d-7174-8341-0ac8576b45ff"}, {("/key", "key_like_id")}),
    ],
)
def test_every_issue_of_a_persona_comes_at_once(
    tenant: Tenant, members: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    answer = tenant.client.call("POST", "/v1/personas", ANA | members)
    assert answer.status_code == 400
    assert {(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]} == expected


def test_a_version_holds_the_persona_as_it_was(tenant: Tenant) -> None:
    persona = make_persona(tenant)
    document = {
        "name": "x",
        "personas": [{"id": persona["id"]}, {"name": "Inline", "key": "in"}],
        "stages": [
            {"name": "s", "touchpoints": [{"name": "t", "pains": [{"text": "p", "persona": persona["id"]}]}]}
        ],
    }
    shown = make_map(tenant, document=document)
    assert draft_of(tenant, shown)["personas"][0] == {"id": persona["id"]}
    first = publish(tenant, shown)
    snapshot = latest(tenant, shown)["personas"][0]
    assert snapshot == {"id": persona["id"], **ANA}
    assert draft_of(tenant, shown)["personas"][0] == {"id": persona["id"]}
    unchanged = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert unchanged.json()["code"] == "nothing_to_publish"
    tenant.client.call("PATCH", "/v1/personas/ana", {"name": "Ana M."}, etag="*")
    second = publish(tenant, shown)
    assert latest(tenant, shown)["personas"][0]["name"] == "Ana M."
    assert (
        tenant.client.call("GET", path(shown, "versions", "1")).json()["document"]["personas"][0] == snapshot
    )
    assert first["digest"] != second["digest"]


def test_discarding_refers_to_the_library_again(tenant: Tenant) -> None:
    persona, other = make_persona(tenant), make_persona(tenant, key="bea", name="Bea")
    personas = [{"id": persona["id"]}, {"id": other["id"]}]
    shown = make_map(tenant, document={"name": "x", "personas": personas})
    publish(tenant, shown)
    tenant.client.call("PUT", path(shown, "draft"), {"name": "y"}, etag="*")
    assert tenant.client.call("DELETE", "/v1/personas/bea", etag="*").status_code == 204
    back = tenant.client.call("DELETE", path(shown, "draft"), etag="*").json()
    assert back["personas"][0] == {"id": persona["id"]}
    assert back["personas"][1]["name"] == "Bea"


def test_a_persona_in_use_is_not_archived(tenant: Tenant) -> None:
    persona = make_persona(tenant)
    shown = make_map(tenant, document={"name": "Uses Ana", "personas": [{"id": persona["id"]}]})
    refused = tenant.client.call("DELETE", "/v1/personas/ana", etag=persona["etag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert shown["id"] in refused.json()["detail"]
    etag = tenant.client.call("GET", path(shown)).json()["etag"]
    tenant.client.call("DELETE", path(shown), etag=etag)
    assert tenant.client.call("DELETE", "/v1/personas/ana", etag=persona["etag"]).status_code == 204
    assert tenant.client.call("GET", "/v1/personas/ana").status_code == 404
    assert tenant.client.call("GET", "/v1/personas").json()["results"] == []
    again = make_map(tenant, document={"name": "x", "personas": [{"id": persona["id"]}]})
    late = tenant.client.call("POST", path(again, "versions"), {}, etag="*")
    assert (late.status_code, late.json()["errors"][0]["code"]) == (422, "unknown_persona")


def test_a_persona_of_another_workspace_is_unknown(tenant: Tenant, stranger: Tenant) -> None:
    persona = make_persona(stranger)
    shown = make_map(tenant, document={"name": "x", "personas": [{"id": persona["id"]}]})
    answer = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_persona")


def test_a_snapshot_brings_no_second_key(tenant: Tenant) -> None:
    persona = make_persona(tenant)
    personas = [{"name": "Another", "key": "ana"}, {"id": persona["id"]}]
    shown = make_map(tenant, document={"name": "x", "personas": personas})
    answer = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert [(i["pointer"], i["code"]) for i in answer.json()["errors"]] == [("/personas/1", "duplicate_key")]


def test_personas_are_paged_filtered_and_bounded(tenant: Tenant) -> None:
    with tenant.enter():
        tenant.workspace.limits = {"personas": 3}
        tenant.workspace.save()
    for number in range(3):
        make_persona(tenant, key=f"p{number}", name=f"Person {number}")
    page = tenant.client.call("GET", "/v1/personas?page_size=2").json()
    rest = tenant.client.call("GET", page["next"]).json()
    assert [p["key"] for p in page["results"] + rest["results"]] == ["p0", "p1", "p2"]
    assert [p["key"] for p in tenant.client.call("GET", "/v1/personas?q=n%201").json()["results"]] == ["p1"]
    assert [p["key"] for p in tenant.client.call("GET", "/v1/personas?key=p2").json()["results"]] == ["p2"]
    refused = tenant.client.call("POST", "/v1/personas", {"name": "one more"})
    assert refused.json()["code"] == "limit_reached"
