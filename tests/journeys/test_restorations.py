"""A former version again: as the draft, or as the next version."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish


@pytest.fixture
def shown(tenant: Tenant) -> dict[str, Any]:
    """A map of two versions: of the second half is gone, and the draft goes further."""
    shown = make_map(tenant)
    publish(tenant, shown)
    stages = draft_of(tenant, shown)["stages"][:1]
    tenant.client.call("PATCH", path(shown, "draft"), {"name": "Half", "stages": stages}, etag="*")
    publish(tenant, shown)
    tenant.client.call("PATCH", path(shown, "draft"), {"scenario": "In May"}, etag="*")
    return shown


def restore(tenant: Tenant, shown: dict[str, Any], query: str = "", **body: Any) -> Any:
    etag = draft_of(tenant, shown)["etag"]
    return tenant.client.call("POST", path(shown, "restorations") + query, body, etag=etag)


def version(tenant: Tenant, shown: dict[str, Any], number: int) -> Any:
    return tenant.client.call("GET", path(shown, "versions", str(number))).json()


def test_a_version_becomes_the_draft(tenant: Tenant, shown: dict[str, Any]) -> None:
    answer = restore(tenant, shown, version=1, message="Back to full", **{"as": "draft"})
    assert (answer.status_code, answer["Location"]) == (201, path(shown, "draft"))
    draft = draft_of(tenant, shown)
    assert answer.json() == {
        "as": "draft",
        "restored_from": 1,
        "draft_etag": draft["etag"],
        "version": None,
    }
    assert version(tenant, shown, 1)["document"] == {k: v for k, v in draft.items() if k != "etag"}
    assert tenant.client.call("GET", path(shown)).json()["last_version"] == 2
    event = tenant.client.call("GET", "/v1/events").json()["results"][-1]
    assert (event["type"], event["data"]["version"]) == ("map.draft_restored", 1)
    assert event["data"]["message"] == "Back to full"


def test_a_version_becomes_the_next_one(tenant: Tenant, shown: dict[str, Any]) -> None:
    behalf = {"name": "Ana"}
    answer = restore(tenant, shown, version=1, message="m", on_behalf_of=behalf, **{"as": "version"})
    assert (answer.status_code, answer["Location"]) == (201, path(shown, "versions", "3"))
    body = answer.json()
    assert (body["as"], body["restored_from"], body["version"]["number"]) == ("version", 1, 3)
    assert (body["version"]["restored_from"], body["version"]["on_behalf_of"]) == (1, behalf)
    assert len(body["version"]["elements"]["added"]) == 2
    assert version(tenant, shown, 3)["document"] == version(tenant, shown, 1)["document"]
    assert version(tenant, shown, 3)["version"]["digest"] == version(tenant, shown, 1)["version"]["digest"]
    assert draft_of(tenant, shown)["etag"] == body["draft_etag"]
    again = restore(tenant, shown, version=1, **{"as": "version"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_publish")
    assert draft_of(tenant, shown)["etag"] == body["draft_etag"]


def test_the_personas_of_then_are_published_and_those_of_now_are_drafted(tenant: Tenant) -> None:
    persona = tenant.client.call("POST", "/v1/personas", {"name": "Ana", "goals": ["rent"]}).json()
    shown = make_map(tenant, document={"name": "m", "personas": [{"id": persona["id"]}]})
    publish(tenant, shown)
    tenant.client.call("PATCH", f"/v1/personas/{persona['id']}", {"goals": ["stay"]}, etag="*")
    publish(tenant, shown)
    restored = restore(tenant, shown, version=1, **{"as": "version"})
    assert restored.status_code == 201
    assert version(tenant, shown, 3)["document"]["personas"][0]["goals"] == ["rent"]
    assert draft_of(tenant, shown)["personas"] == [{"id": persona["id"]}]
    assert publish(tenant, shown)["digest"] == version(tenant, shown, 2)["version"]["digest"]


def test_a_rehearsed_restoration_stores_nothing(tenant: Tenant, shown: dict[str, Any]) -> None:
    draft = draft_of(tenant, shown)
    for how in ("draft", "version"):
        told = restore(tenant, shown, "?dry_run=true", version=1, **{"as": how})
        assert (told.status_code, told.json()["restored_from"]) == (200, 1)
        assert draft_of(tenant, shown) == draft
    assert {c["verb"] for c in told.json()["version"]["changes"]} == {"added", "renamed"}
    assert tenant.client.call("GET", path(shown)).json()["last_version"] == 2


def test_a_restoration_replaces_only_a_draft_that_was_seen(tenant: Tenant, shown: dict[str, Any]) -> None:
    where, body = path(shown, "restorations"), {"version": 1, "as": "draft"}
    assert tenant.client.call("POST", where, body).status_code == 428
    assert tenant.client.call("POST", where, body, etag='"r1"').status_code == 412
    assert tenant.client.call("POST", where, {"version": 9, "as": "draft"}, etag="*").status_code == 404
    for wrong in (
        {"version": 1},
        {"as": "draft"},
        {"version": "1", "as": "draft"},
        {"version": 1, "as": "x"},
    ):
        assert tenant.client.call("POST", where, wrong, etag="*").status_code == 400


def test_publishing_by_restoring_needs_the_scope_of_publishing(tenant: Tenant, shown: dict[str, Any]) -> None:
    writer = tenant.key("maps:write", "maps:read")
    where = path(shown, "restorations")
    refused = writer.call("POST", where, {"version": 1, "as": "version"}, etag="*")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert "maps:publish" in refused["WWW-Authenticate"]
    assert writer.call("POST", where, {"version": 1, "as": "draft"}, etag="*").status_code == 201
