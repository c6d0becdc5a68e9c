"""API keys over HTTP: shown once, scoped, guarded by ETags, rotated, revoked; invisible to strangers."""

from __future__ import annotations

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
