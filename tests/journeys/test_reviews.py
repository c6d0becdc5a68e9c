"""Drafts that somebody else has to approve before they are published."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish

Json = dict[str, Any]


@pytest.fixture
def shown(tenant: Tenant) -> Json:
    shown = make_map(tenant)
    answer = tenant.client.call("PATCH", path(shown), {"requires_approval": True}, etag="*")
    assert (answer.status_code, answer.json()["requires_approval"]) == (200, True)
    return shown


def review(client: Any, shown: Json, verdict: str, status: int = 201, **body: Any) -> Json:
    answer = client.call("POST", path(shown, "draft/reviews"), {"verdict": verdict, **body}, etag="*")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def published(tenant: Tenant, shown: Json, query: str = "") -> tuple[int, str]:
    answer = tenant.client.call("POST", path(shown, "versions") + query, {}, etag="*")
    return answer.status_code, answer.json().get("code", "")


REFUSED = (409, "approval_required")


def test_a_draft_waits_for_somebody_else(tenant: Tenant, shown: Json) -> None:
    assert published(tenant, shown) == REFUSED
    assert published(tenant, shown, "?dry_run=true") == REFUSED
    review(tenant.client, shown, "approve")
    assert published(tenant, shown) == REFUSED, "who publishes cannot approve"
    reviewer = tenant.key("maps:review")
    told = review(reviewer, shown, "approve", comment="Fine", on_behalf_of={"name": "Bo"})
    assert (told["verdict"], told["comment"], told["revision"]) == ("approve", "Fine", 1)
    assert (told["author"]["name"], told["on_behalf_of"]) == ("narrow", {"name": "Bo"})
    assert publish(tenant, shown)["digest"] == told["digest"]
    listed = tenant.client.call("GET", path(shown, "draft/reviews")).json()["results"]
    assert [row["author"]["name"] for row in listed] == ["all", "narrow"]
    assert listed[1] == told
    kinds = [e["type"] for e in tenant.client.call("GET", "/v1/events").json()["results"]]
    assert kinds == ["map.draft_reviewed", "map.draft_reviewed", "map.version_published"]


def test_an_approval_is_of_what_the_draft_said(tenant: Tenant, shown: Json) -> None:
    reviewer = tenant.key("maps:review")
    review(reviewer, shown, "approve")
    tenant.client.call("PATCH", path(shown, "draft"), {"scenario": "In May"}, etag="*")
    assert published(tenant, shown) == REFUSED
    tenant.client.call("PATCH", path(shown, "draft"), {"scenario": None}, etag="*")
    assert published(tenant, shown) == (201, "")


def test_who_wrote_does_not_approve(tenant: Tenant, shown: Json) -> None:
    """Whoever publishes in between: an approval is of somebody who had no hand in what is published."""
    robot = tenant.key("maps:publish")
    writer = tenant.key("maps:write", "maps:review", "maps:read")
    edit = {"scenario": "In May"}
    assert writer.call("PATCH", path(shown, "draft"), edit, etag="*").status_code == 200
    review(writer, shown, "approve")

    def publishes(**body: Any) -> tuple[int, str]:
        answer = robot.call("POST", path(shown, "versions"), body, etag="*")
        return answer.status_code, answer.json().get("code", "")

    assert publishes() == REFUSED
    other = tenant.key("maps:review", "maps:write", "maps:read")
    review(other, shown, "approve", on_behalf_of={"name": "Bo  Berg", "email": "BO@example.org"})
    assert publishes(on_behalf_of={"name": "B. Berg", "email": "bo@example.org"}) == REFUSED, "one person"
    assert publishes(on_behalf_of={"name": "bo berg"}) == REFUSED
    assert publishes(on_behalf_of={"name": "Bo Berg", "email": "another@example.org"}) == (201, "")

    # A new version, new hands: who wrote the last one may approve what others write now.
    other.call("PATCH", path(shown, "draft"), {"scenario": "In June"}, etag="*")
    review(other, shown, "approve")
    assert publishes() == REFUSED
    review(writer, shown, "approve")
    assert publishes() == (201, "")


@pytest.mark.parametrize("way", ["created", "stage", "copied", "imported"])
def test_every_way_of_writing_is_a_hand(tenant: Tenant, shown: Json, way: str) -> None:
    writer = tenant.key("maps:write", "maps:review", "maps:read")
    ways: dict[str, tuple[str, str, Json]] = {
        "created": ("POST", "/v1/journey-maps", {"document": {"name": "m"}}),
        "stage": ("POST", path(shown, "draft", "stages"), {"name": "s"}),
        "copied": ("POST", path(shown, "copies"), {"name": "c", "from": "draft"}),
        "imported": ("POST", "/v1/journey-maps/imports", {"format": "mermaid", "content": "journey\nA: 5"}),
    }
    method, where, body = ways[way]
    answer = writer.call(method, where, body, **({"etag": "*"} if way == "stage" else {}))
    assert answer.status_code == 201, answer.content
    told = answer.json()
    written = {"imported": lambda: {"id": told["maps"][0]["journey_map"]}, "stage": lambda: shown}.get(
        way, lambda: told
    )()
    tenant.client.call("PATCH", path(written), {"requires_approval": True}, etag="*")
    review(writer, written, "approve")
    assert published(tenant, written) == REFUSED
    review(tenant.key("maps:review"), written, "approve")
    assert published(tenant, written) == (201, "")


def test_the_last_word_of_each_counts(tenant: Tenant, shown: Json) -> None:
    one, other = tenant.key("maps:review"), tenant.key("maps:review")
    review(one, shown, "approve")
    review(other, shown, "reject", comment="No")
    assert published(tenant, shown) == REFUSED
    review(other, shown, "approve")
    assert published(tenant, shown) == (201, "")


def test_the_library_is_approved_with_the_draft(tenant: Tenant) -> None:
    persona = tenant.client.call("POST", "/v1/personas", {"name": "Ana"}).json()
    shown = make_map(tenant, document={"name": "m", "personas": [{"id": persona["id"]}]})
    tenant.client.call("PATCH", path(shown), {"requires_approval": True}, etag="*")
    reviewer = tenant.key("maps:review")
    review(reviewer, shown, "approve")
    tenant.client.call("PATCH", f"/v1/personas/{persona['id']}", {"quote": "Hm"}, etag="*")
    assert published(tenant, shown) == REFUSED
    review(reviewer, shown, "approve")
    assert published(tenant, shown) == (201, "")


def test_a_restored_version_was_approved_before(tenant: Tenant, shown: Json) -> None:
    reviewer = tenant.key("maps:review")
    for scenario in ("one", "two"):
        tenant.client.call("PATCH", path(shown, "draft"), {"scenario": scenario}, etag="*")
        review(reviewer, shown, "approve")
        publish(tenant, shown)
    body = {"version": 1, "as": "version"}
    restored = tenant.client.call("POST", path(shown, "restorations"), body, etag="*")
    assert restored.status_code == 201


def test_who_may_review_and_who_may_ask_for_it(tenant: Tenant, stranger: Tenant, shown: Json) -> None:
    where = path(shown, "draft/reviews")
    body = {"verdict": "approve"}
    refused = tenant.key("maps:write", "maps:publish", "maps:read").call("POST", where, body, etag="*")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert stranger.client.call("POST", where, body, etag="*").status_code == 404
    assert stranger.client.call("GET", where).status_code == 404
    assert tenant.client.call("POST", where, body).status_code == 428
    assert tenant.client.call("POST", where, body, etag='"r9"').status_code == 412
    for wrong in ({}, {"verdict": "maybe"}, body | {"comment": "x" * 2001}, body | {"digest": ""}):
        assert tenant.client.call("POST", where, wrong, etag="*").status_code == 400
    writer = tenant.key("maps:write", "maps:read")
    off = writer.call("PATCH", path(shown), {"requires_approval": False}, etag="*")
    assert (off.status_code, "maps:review" in off["WWW-Authenticate"]) == (403, True)
    assert (
        writer.call("PATCH", path(shown), {"key": "k", "requires_approval": True}, etag="*").status_code
        == 200
    )
    assert draft_of(tenant, shown)["etag"] == '"r1"'
