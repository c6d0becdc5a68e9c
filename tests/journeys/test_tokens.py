"""View tokens over HTTP: shown once, bound to one map, revoked."""

from __future__ import annotations

from tests.conftest import ApiClient, Tenant
from tests.journeys.make import make_map


def test_a_token_is_shown_once_and_leads_to_the_page(tenant: Tenant) -> None:
    shown = make_map(tenant, key="flat")
    body = {"journey_map": "flat", "name": "The board", "expires_at": "2099-01-01T00:00:00Z"}
    answer = tenant.client.call("POST", "/v1/view-tokens", body)
    token = answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert token["journey_map"] == shown["id"]
    assert token["url"].endswith(f"/p/{token['secret']}")
    assert token["secret"].startswith("lm_view_")
    read = tenant.client.call("GET", answer["Location"])
    assert read.json() == {name: value for name, value in token.items() if name not in {"secret", "url"}}
    assert token["secret"].encode() not in tenant.client.call("GET", "/v1/view-tokens").content


def test_a_token_is_no_key(tenant: Tenant) -> None:
    make_map(tenant, key="flat")
    token = tenant.client.call("POST", "/v1/view-tokens", {"journey_map": "flat", "name": "x"}).json()
    assert ApiClient(token["secret"]).call("GET", "/v1/journey-maps").status_code == 401


def test_a_revoked_token_is_gone(tenant: Tenant) -> None:
    make_map(tenant, key="flat")
    answer = tenant.client.call("POST", "/v1/view-tokens", {"journey_map": "flat", "name": "x"})
    where, etag = answer["Location"], answer["ETag"]
    assert tenant.client.call("DELETE", where).status_code == 428
    assert tenant.client.call("DELETE", where, etag='"r9"').status_code == 412
    assert tenant.client.call("DELETE", where, etag=etag).status_code == 204
    assert tenant.client.call("GET", where).status_code == 404
    assert tenant.client.call("DELETE", where, etag="*").status_code == 404
    assert tenant.client.call("GET", "/v1/view-tokens").json()["results"] == []


def test_a_token_is_made_for_a_map_that_is_there(tenant: Tenant) -> None:
    assert (
        tenant.client.call("POST", "/v1/view-tokens", {"journey_map": "no", "name": "x"}).status_code == 404
    )
    answer = tenant.client.call("POST", "/v1/view-tokens", {"name": 1, "colour": 2})
    assert {i["pointer"] for i in answer.json()["errors"]} == {"/journey_map", "/name", "/colour"}
