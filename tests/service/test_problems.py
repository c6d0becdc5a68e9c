"""Whatever goes wrong is problem+json with a request id; nothing leaks, nothing is a 500 that need not be."""

from __future__ import annotations

import psycopg
import pytest
from django.db import InternalError
from psycopg.errors import IdleInTransactionSessionTimeout, NoActiveSqlTransaction, TransactionTimeout

from service.problems import as_problem
from tests.conftest import ApiClient, Tenant

KEYS = "/v1/api-keys"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/me", 401),
        ("POST", "/v1/me", 401),
        ("GET", "/v1/api-keys/not-a-uuid", 404),
        ("GET", "/v1/me%00", 400),
        ("GET", "/v1/me?x=%00", 400),
    ],
)
def test_errors_outside_any_credential(tenant: Tenant, method: str, path: str, status: int) -> None:
    answer = ApiClient().call(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    assert body["status"] == status
    assert body["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize(
    "secret", ["", "x", "lm_key_00000000_" + "a" * 43, "lm_key_é", "lm_view_00000000_" + "a" * 43]
)
def test_bad_credentials_are_401_with_a_challenge(tenant: Tenant, secret: str) -> None:
    answer = ApiClient(secret).call("GET", "/v1/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "validation_error"),
        (b"{", "invalid_json"),
        (b'{"name": NaN}', "invalid_json"),
        (b'{"name": 1, "name": 2}', "invalid_json"),
        (b'{"name": "\\u0000"}', "invalid_json"),
        (b'{"name": "\\ud800"}', "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b"[]", "validation_error"),
        (b"null", "validation_error"),
        (b'{"name": 7, "scopes": ["maps:read"]}', "validation_error"),
        (b'{"name": "x", "scopes": "maps:read"}', "validation_error"),
    ],
)
def test_hostile_bodies_are_named(tenant: Tenant, body: bytes, code: str) -> None:
    answer = tenant.client.call("POST", KEYS, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_other_content_types_are_told_what_is_taken(tenant: Tenant) -> None:
    answer = tenant.client.call("POST", KEYS, b"a=b", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer["Accept-Post"]) == (415, "application/json")
    answer = tenant.client.call(
        "PATCH", "/v1/workspace", {"name": "x"}, content_type="application/json", etag="*"
    )
    assert (answer.status_code, answer["Accept-Patch"]) == (415, "application/merge-patch+json")


def test_a_body_beyond_the_limit_is_413(tenant: Tenant) -> None:
    answer = tenant.client.call("POST", KEYS, b'{"name": "' + b"x" * 1_100_000 + b'"}')
    assert answer.status_code == 413
    assert answer.wsgi_request.read() == b"", "a client that sends before it listens hears the answer"


def test_a_stream_that_is_too_large_for_a_key_is_told_to_go_without(tenant: Tenant) -> None:
    body = b"x" * 4_300_000
    answer = tenant.client.call(
        "POST", "/v1/bundle/imports", body, key="k", content_type="application/x-ndjson"
    )
    assert (answer.status_code, "Idempotency-Key" in answer.json()["detail"]) == (413, True)


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (IdleInTransactionSessionTimeout("terminating connection"), 503),
        (TransactionTimeout("terminating connection"), 503),
        (NoActiveSqlTransaction("a defect of ours"), None),
    ],
)
def test_work_that_the_database_gave_up_on_may_be_tried_later(
    cause: psycopg.Error, status: int | None
) -> None:
    """The bound of settings.DATABASES ends a transaction while our own code is at work in it."""
    error = InternalError("terminating connection due to idle-in-transaction timeout")
    error.__cause__ = cause
    problem = as_problem(error)
    assert (problem.status if problem else None) == status
    if problem is not None:
        assert problem.headers == {"Retry-After": "30"}


def test_odd_methods_are_405_with_allow(tenant: Tenant) -> None:
    for method in ("PUT", "TRACE", "QUERY"):
        answer = tenant.client.call(method, "/v1/me")
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_a_missing_scope_is_named(tenant: Tenant) -> None:
    answer = tenant.key("maps:read").call("GET", KEYS)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="keys:admin"' in answer["WWW-Authenticate"]


def test_a_request_id_is_echoed_only_when_well_formed(tenant: Tenant) -> None:
    assert tenant.client.call("GET", "/v1/me", X_Request_Id="trace-1.a_b")["X-Request-Id"] == "trace-1.a_b"
    forged = tenant.client.call("GET", "/v1/me", X_Request_Id="a b\tc")["X-Request-Id"]
    assert forged != "a b\tc"
    assert len(forged) == 36


def test_unacceptable_media_types_are_406(tenant: Tenant) -> None:
    assert tenant.client.call("GET", "/v1/me", Accept="image/png").status_code == 406
