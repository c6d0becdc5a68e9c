"""Who may: every path of the room, tried with the scope missing and by a stranger from another workspace."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, path, publish

MOVE = {"after": None}
OPERATIONS: list[tuple[str, str, Any, str]] = [
    ("GET", "", None, "maps:read"),
    ("PATCH", "", {"attributes": {}}, "maps:write"),
    ("DELETE", "", None, "maps:write"),
    ("GET", "/draft", None, "maps:read"),
    ("PUT", "/draft", DOCUMENT, "maps:write"),
    ("PATCH", "/draft", {}, "maps:write"),
    ("DELETE", "/draft", None, "maps:write"),
    ("GET", "/draft/stages", None, "maps:read"),
    ("POST", "/draft/stages", {"name": "x"}, "maps:write"),
    ("GET", "/draft/stages/search", None, "maps:read"),
    ("PATCH", "/draft/stages/search", {}, "maps:write"),
    ("DELETE", "/draft/stages/search", None, "maps:write"),
    ("POST", "/draft/stages/search/moves", MOVE, "maps:write"),
    ("GET", "/draft/touchpoints", None, "maps:read"),
    ("POST", "/draft/touchpoints", {"name": "x", "stage": "search"}, "maps:write"),
    ("GET", "/draft/touchpoints/visit", None, "maps:read"),
    ("PATCH", "/draft/touchpoints/visit", {}, "maps:write"),
    ("DELETE", "/draft/touchpoints/visit", None, "maps:write"),
    ("POST", "/draft/touchpoints/visit/moves", MOVE, "maps:write"),
    ("GET", "/versions", None, "maps:read"),
    ("POST", "/versions", {}, "maps:publish"),
    ("GET", "/versions/1", None, "maps:read"),
    ("GET", "/versions/latest", None, "maps:read"),
    ("GET", "/versions/1/drawing", None, "maps:read"),
    ("GET", "/diff", None, "maps:read"),
    ("POST", "/copies", {}, "maps:write"),
    ("GET", "/merges", None, "maps:read"),
    ("GET", "/draft/reviews", None, "maps:read"),
    ("POST", "/draft/reviews", {"verdict": "approve"}, "maps:review"),
    ("POST", "/draft/reorderings", {"stages": []}, "maps:write"),
    ("GET", "/versions/1/labels", None, "maps:read"),
    ("PUT", "/versions/1/labels", {"labels": []}, "maps:write"),
    ("POST", "/merges", {"document": DOCUMENT}, "maps:write"),
    ("POST", "/restorations", {"version": 1, "as": "draft"}, "maps:write"),
    ("GET", "/comparison?with=flat", None, "maps:read"),
]


@pytest.mark.parametrize(("method", "suffix", "body", "scope"), OPERATIONS)
def test_a_map_is_nobody_elses(
    tenant: Tenant, stranger: Tenant, method: str, suffix: str, body: Any, scope: str
) -> None:
    shown = make_map(tenant, key="flat")
    publish(tenant, shown)
    before = draft_of(tenant, shown)
    for ref in (shown["id"], "flat"):
        theirs = stranger.client.call(method, f"/v1/journey-maps/{ref}{suffix}", body, etag="*")
        assert (theirs.status_code, theirs.json()["code"]) == (404, "not_found")
    others = {"maps:read", "maps:write", "maps:publish", "maps:review"} - {scope}
    refused = tenant.key(*others).call(method, path(shown) + suffix, body, etag="*")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert scope in refused["WWW-Authenticate"]
    assert draft_of(tenant, shown) == before
    allowed = tenant.key(scope).call(method, path(shown) + suffix, body, etag="*")
    assert allowed.status_code not in {401, 403, 404, 500}


def test_personas_are_nobody_elses(tenant: Tenant, stranger: Tenant) -> None:
    make_map(tenant)
    persona = tenant.client.call("POST", "/v1/personas", {"name": "Ana", "key": "ana"}).json()
    for where in (f"/v1/personas/{persona['id']}", "/v1/personas/ana"):
        assert stranger.client.call("GET", where).status_code == 404
        assert stranger.client.call("DELETE", where, etag="*").status_code == 404
    assert stranger.client.call("PATCH", "/v1/personas/ana", {}, etag="*").status_code == 404
    for where in ("/v1/personas", "/v1/journey-maps"):
        assert stranger.client.call("GET", where).json()["results"] == []
        assert tenant.client.call("GET", where).json()["results"] != []
    assert tenant.key("maps:write").call("GET", "/v1/personas").status_code == 403
    assert tenant.key("maps:read").call("POST", "/v1/personas", {"name": "x"}).status_code == 403
