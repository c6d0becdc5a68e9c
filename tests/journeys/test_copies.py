"""Maps copied: elements of their own, content that is shared, an origin that both remember."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.db import connection

from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, names, path, publish


def copied(tenant: Tenant, shown: dict[str, Any], status: int = 201, **body: Any) -> Any:
    answer = tenant.client.call("POST", path(shown, "copies"), body)
    assert answer.status_code == status, answer.content
    return answer.json()


def elements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for s in document.get("stages", ()) for e in (s, *s.get("touchpoints", ()))]


def test_a_copy_has_elements_of_its_own(tenant: Tenant) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["transitions"] = [{"from": "adverts", "to": "sign", "likelihood": 0.5}]
    shown = make_map(tenant, document=document)
    publish(tenant, shown)
    future = copied(tenant, shown, name="Renting in 2030", state="future", key="future")
    assert future["origin"] == {"journey_map": shown["id"], "version": 1}
    assert (future["name"], future["key"], future["last_version"]) == ("Renting in 2030", "future", 0)
    ours, theirs = draft_of(tenant, shown), draft_of(tenant, future)
    assert names(ours) == names(theirs)
    assert theirs["state"] == "future"
    assert not {e["id"] for e in elements(ours)} & {e["id"] for e in elements(theirs)}
    assert theirs["transitions"][0]["from"] == theirs["stages"][0]["touchpoints"][0]["id"]
    assert tenant.client.call("GET", path(shown)).json()["origin"] is None


def test_a_copy_shares_content(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    publish(tenant, copied(tenant, shown))
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM body")
        assert cursor.fetchall() == [(6,)]  # the root, two stages, three touchpoints: once for both


def test_a_copy_is_compared_element_by_element(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    future = copied(tenant, shown, key="future")
    assert tenant.client.call("GET", path(shown, "diff?from=1&to=future@draft")).json()["changes"] == []
    draft = draft_of(tenant, future)
    for element in elements(draft):
        element.pop("key", None)
    draft["stages"][0]["touchpoints"][0]["name"] = "Asks friends"
    draft["stages"][1]["touchpoints"].append(draft["stages"][0]["touchpoints"].pop())
    tenant.client.call("PUT", path(future, "draft"), draft, etag="*")
    found = tenant.client.call("GET", path(shown, "diff?from=1&to=future@draft")).json()
    assert {m["by"] for m in found["matches"]} == {"origin"}
    assert [(c["verb"], c["name"]) for c in found["changes"] if c["field"] != "key"] == [
        ("renamed", "Asks friends"),
        ("moved", "Visits"),
    ]
    twin = copied(tenant, shown, key="twin")
    among = tenant.client.call("GET", path(twin, "diff?from=future@draft&to=draft")).json()
    assert len(among["matches"]) == 5
    third = copied(tenant, future)
    back = tenant.client.call("GET", path(third, f"diff?from={shown['id']}@1&to=draft")).json()
    assert len(back["matches"]) == 5


def test_a_copy_is_taken_of_any_moment(tenant: Tenant) -> None:
    shown = make_map(tenant)
    assert copied(tenant, shown)["origin"]["version"] == 0
    publish(tenant, shown)
    tenant.client.call("PATCH", path(shown, "draft"), {"name": "Second"}, etag="*")
    publish(tenant, shown)
    tenant.client.call("PATCH", path(shown, "draft"), {"name": "Third"}, etag="*")
    for source, name, version in (
        (None, "Second", 2),
        ("1", DOCUMENT["name"], 1),
        ("draft", "Third", 2),
    ):
        found = copied(tenant, shown, **({"from": source} if source else {}))
        assert (found["name"], found["origin"]["version"]) == (name, version)
    assert copied(tenant, shown, 404, **{"from": "7"})["code"] == "not_found"


def test_what_an_element_continues_stays_with_the_original(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    draft = draft_of(tenant, shown)
    gone = draft["stages"][1]["touchpoints"].pop()
    draft["stages"][0]["touchpoints"][0]["continues"] = [gone["id"]]
    tenant.client.call("PUT", path(shown, "draft"), draft, etag="*")
    publish(tenant, shown)
    future = copied(tenant, shown)
    assert not any("continues" in element for element in elements(draft_of(tenant, future)))
    publish(tenant, future)


def test_library_personas_are_referred_to(tenant: Tenant) -> None:
    persona = tenant.client.call("POST", "/v1/personas", {"name": "Ana"}).json()
    shown = make_map(tenant, document={"name": "m", "personas": [{"id": persona["id"]}]})
    publish(tenant, shown)
    assert draft_of(tenant, copied(tenant, shown))["personas"] == [{"id": persona["id"]}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"state": "past"}, "/state"),
        ({"from": "never"}, "/from"),
        ({"key": "A"}, "/key"),
        ({"name": "x" * 201}, "/name"),
        ({"document": {}}, "/document"),
    ],
)
def test_what_a_copy_cannot_be_is_refused(tenant: Tenant, body: dict[str, Any], pointer: str) -> None:
    refused = copied(tenant, make_map(tenant), 400, **body)
    assert [issue["pointer"] for issue in refused["errors"]] == [pointer]


def test_a_key_is_not_taken_twice(tenant: Tenant) -> None:
    shown = make_map(tenant, key="flat")
    assert copied(tenant, shown, 409, key="flat")["code"] == "key_taken"
