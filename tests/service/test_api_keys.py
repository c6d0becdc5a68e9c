"""API keys over HTTP: shown once, scoped, guarded by ETags, rotated, revoked; invisible to strangers."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings

from service.credentials import issue_credential
from service.ids import new_id
from tests.conftest import ApiClient, Tenant


def make(tenant: Tenant, **values: object) -> tuple[dict, str]:
    answer = tenant.client.call("POST", "/v1/api-keys", {"name": "feed", "scopes": ["maps:read"], **values})
    assert answer.status_code == 201, answer.content
    return answer.json(), answer["Location"]


def test_the_secret_is_shown_once_and_works(tenant: Tenant) -> None:
    shown, location = make(tenant)
    assert "secret" not in tenant.client.call("GET", location).json()
    me = ApiClient(shown["secret"]).call("GET", "/v1/me").json()
    assert me["scopes"] == ["maps:read"]
    assert me["workspace"]["id"] == str(tenant.workspace.id)


def test_a_stranger_sees_no_key_of_ours(tenant: Tenant, stranger: Tenant) -> None:
    shown, location = make(tenant)
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answer = stranger.client.call(method, location, body, etag=shown["etag"])
        assert answer.status_code == 404, method
    listed = stranger.client.call("GET", "/v1/api-keys").json()["results"]
    assert shown["id"] not in [row["id"] for row in listed]


def test_changes_need_the_current_etag(tenant: Tenant) -> None:
    shown, location = make(tenant)
    assert tenant.client.call("PATCH", location, {"name": "x"}).status_code == 428
    first = tenant.client.call("PATCH", location, {"name": "x"}, etag=shown["etag"])
    assert (first.status_code, first.json()["name"]) == (200, "x")
    second = tenant.client.call("PATCH", location, {"name": "y"}, etag=shown["etag"])
    assert second.status_code == 412
    assert second["ETag"] == first["ETag"]


def test_rotation_keeps_the_former_secret_for_its_grace(tenant: Tenant) -> None:
    shown, location = make(tenant)
    new = tenant.client.call("POST", f"{location}/rotations", {"grace_seconds": 60}).json()["secret"]
    for secret in (new, shown["secret"]):
        assert ApiClient(secret).call("GET", "/v1/me").status_code == 200
    again = tenant.client.call("POST", f"{location}/rotations", {})
    assert (again.status_code, again.json()["code"]) == (409, "rotation_in_progress")


def test_a_revoked_key_is_refused(tenant: Tenant) -> None:
    shown, location = make(tenant)
    assert tenant.client.call("DELETE", location, etag=shown["etag"]).status_code == 204
    refused = ApiClient(shown["secret"]).call("GET", "/v1/me")
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert refused["Content-Type"] == "application/problem+json"


def test_a_key_hands_out_no_scope_that_it_lacks(tenant: Tenant) -> None:
    narrow = tenant.key("keys:admin")
    answer = narrow.call("POST", "/v1/api-keys", {"name": "wide", "scopes": ["maps:read"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_beyond_own")


def test_every_issue_is_named_at_once(tenant: Tenant) -> None:
    answer = tenant.client.call("POST", "/v1/api-keys", {"scopes": ["maps:eat"], "colour": "red"})
    found = {(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]}
    assert found == {("/name", "required"), ("/scopes", "unknown_scope"), ("/colour", "unknown_field")}


def test_an_idempotency_key_replays_the_answer(tenant: Tenant) -> None:
    body = {"name": "once", "scopes": ["maps:read"]}
    first = tenant.client.call("POST", "/v1/api-keys", body, key="k-1")
    second = tenant.client.call("POST", "/v1/api-keys", body, key="k-1")
    assert second["Idempotency-Replayed"] == "true"
    assert (first.status_code, first.content) == (second.status_code, second.content)
    other = tenant.client.call("POST", "/v1/api-keys", {**body, "name": "twice"}, key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_pages_lead_through_the_whole_list(tenant: Tenant) -> None:
    for number in range(5):
        make(tenant, name=f"key {number}")
    names, path = [], "/v1/api-keys?page_size=2"
    while path:
        page = tenant.client.call("GET", path).json()
        names += [row["name"] for row in page["results"]]
        path = page["next"]
    assert names == ["all", *(f"key {number}" for number in range(5))]
    assert tenant.client.call("GET", "/v1/api-keys?cursor=%21").status_code == 400
    assert tenant.client.call("GET", "/v1/api-keys?nonsense=1").json()["errors"][0]["code"] == "unknown_field"


def test_a_narrow_key_cannot_rotate_change_or_become_a_wide_one(tenant: Tenant) -> None:
    shown, location = make(tenant)
    narrow = tenant.key("keys:admin")
    for method, path, body in (
        ("POST", f"{location}/rotations", {}),
        ("PATCH", location, {"name": "mine"}),
        ("PATCH", location, {"scopes": ["keys:admin", "maps:write"]}),
    ):
        answer = narrow.call(method, path, body, etag=shown["etag"])
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_beyond_own"), path
    assert ApiClient(shown["secret"]).call("GET", "/v1/me").status_code == 200


def test_a_revoked_key_is_gone(tenant: Tenant) -> None:
    shown, location = make(tenant)
    tenant.client.call("DELETE", location, etag=shown["etag"])
    for method, path in (("GET", location), ("PATCH", location), ("POST", f"{location}/rotations")):
        assert tenant.client.call(method, path, {}, etag="*").status_code == 404
    listed = tenant.client.call("GET", "/v1/api-keys").json()["results"]
    assert [row["name"] for row in listed] == ["all"]


def test_the_grace_of_a_rotation_ends(tenant: Tenant) -> None:
    shown, location = make(tenant)
    tenant.client.call("POST", f"{location}/rotations", {"grace_seconds": 0})
    assert ApiClient(shown["secret"]).call("GET", "/v1/me").status_code == 401
    again = tenant.client.call("POST", f"{location}/rotations", {"grace_seconds": 0})
    assert again.status_code == 201
    assert tenant.client.call("POST", f"{location}/rotations", {"grace_seconds": 604801}).status_code == 400


def test_an_expired_key_is_refused(tenant: Tenant) -> None:
    shown, _ = make(tenant, expires_at="2026-01-01T00:00:00Z")
    assert ApiClient(shown["secret"]).call("GET", "/v1/me").status_code == 401


def test_other_kinds_of_tokens_open_nothing_of_the_api(tenant: Tenant) -> None:
    """A view token reads its map (tests/kpis), an ingress token posts to its endpoint: neither is a key."""
    for kind in ("view_token", "ingress_token"):
        _, secret = issue_credential(
            workspace_id=tenant.workspace.id,
            kind=kind,
            name=kind,
            scopes=settings.SCOPES,
            at=datetime.now(UTC),
            target_id=new_id(),
        )
        for path in (
            "/v1/me",
            "/v1/workspace",
            "/v1/api-keys",
            "/v1/events",
            "/v1/journey-maps",
            "/v1/sources",
        ):
            assert ApiClient(secret).call("GET", path).status_code == 401, (kind, path)


def test_when_a_key_was_last_used_is_told_to_the_minute(tenant: Tenant) -> None:
    shown, location = make(tenant)
    assert shown["last_used_at"] is None
    ApiClient(shown["secret"]).call("GET", "/v1/me")
    fresh = tenant.client.call("GET", location, If_None_Match=shown["etag"])
    assert fresh.status_code == 200  # it changed, though its version did not
    first = fresh.json()["last_used_at"]
    ApiClient(shown["secret"]).call("GET", "/v1/me")
    assert tenant.client.call("GET", location).json()["last_used_at"] == first
