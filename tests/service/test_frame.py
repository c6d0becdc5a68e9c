"""The frame around every request: what no view sees, what the log may tell, the order of checks."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver, get_resolver, path

from service.http import ApiView
from service.ids import new_id
from service.views.workspace import Me
from tests.conftest import ApiClient, Tenant

KEYS = "/v1/api-keys"
SECRET = "lm_hook_00000000_" + "s" * 43


def failing(request: HttpRequest, token: str) -> HttpResponse:
    raise RuntimeError("a defect of ours")


# An URLconf of one view with a defect, for the test that asks what is told and logged then.
urlpatterns = [path("hooks/<str:token>", failing)]
handler500 = "service.problems.server_error"


def test_a_defect_is_logged_under_its_request_id_without_the_path(
    settings: Any, caplog: pytest.LogCaptureFixture, tenant: Tenant
) -> None:
    settings.ROOT_URLCONF = __name__
    with caplog.at_level(logging.INFO):
        answer = ApiClient().call("POST", f"/hooks/{SECRET}", X_Request_Id="trace-7")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert b"defect" not in answer.content
    (failure,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "/hooks/<str:token> id=trace-7" in failure.getMessage()
    assert failure.exc_info is not None
    assert SECRET not in caplog.text


def test_no_log_line_tells_a_token_or_can_be_forged(tenant: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        ApiClient().call("POST", f"/hooks/{SECRET}", {})
        ApiClient().call("GET", f"/hooks/{SECRET}")
        ApiClient().call("GET", "/v1/x%0A2026-11-22 ERROR forged")
    assert SECRET not in caplog.text
    assert "forged" not in caplog.text
    assert len([record for record in caplog.records if record.name == "service.request"]) == 3


@pytest.mark.parametrize(("method", "path"), [("POST", "/livez"), ("DELETE", "/readyz"), ("PUT", "/hooks/x")])
def test_plain_views_refuse_methods_as_the_others_do(tenant: Tenant, method: str, path: str) -> None:
    answer = ApiClient().call(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer.json()["code"] == "method_not_allowed"
    assert "OPTIONS" in answer["Allow"]


def test_a_chunked_body_is_refused_instead_of_read_as_empty(tenant: Tenant) -> None:
    answer = tenant.client.call("PATCH", "/v1/workspace", etag="*", Transfer_Encoding="chunked")
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_an_address_beyond_the_limit_is_414(tenant: Tenant) -> None:
    answer = tenant.client.call("GET", "/v1/me?x=" + "a" * 8190)
    assert (answer.status_code, answer.json()["code"]) == (414, "uri_too_long")


def test_a_host_that_is_not_ours_is_told_so(tenant: Tenant) -> None:
    answer = ApiClient().call("GET", "/v1/me", Host="evil.example")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("status", "call"),
    [
        # Each row breaks all rules that follow its own: the first broken one answers.
        (413, {"secret": None, "method": "PATCH", "known": False, "body": b" " * 1_100_000}),
        (401, {"secret": None, "method": "PUT", "known": False}),
        (403, {"secret": "maps:read", "known": False, "body": b"{"}),
        (405, {"method": "PUT", "known": False, "query": "?nonsense=1"}),
        (404, {"known": False, "body": b"{"}),
        (428, {"body": b"{"}),
        (415, {"etag": '"r99"', "body": b"{", "content_type": "application/json"}),
        (400, {"etag": '"r99"', "body": b'{"name": 7}'}),
        (412, {"etag": '"r99"', "body": b'{"name": "new"}'}),
        (200, {"etag": '"r1"', "body": b'{"name": "new"}'}),
    ],
)
def test_checks_come_in_the_order_of_the_contract(tenant: Tenant, status: int, call: dict[str, Any]) -> None:
    made = tenant.client.call("POST", KEYS, {"name": "one", "scopes": ["maps:read"]}).json()
    scope = call.get("secret", "all")
    client = ApiClient() if scope is None else tenant.client if scope == "all" else tenant.key(scope)
    row_id = made["id"] if call.get("known", True) else new_id()
    answer = client.call(
        call.get("method", "PATCH"),
        f"{KEYS}/{row_id}{call.get('query', '')}",
        call.get("body"),
        etag=call.get("etag"),
        content_type=call.get("content_type"),
    )
    assert answer.status_code == status, answer.content


def views(patterns: Any, prefix: str = "") -> Any:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), getattr(pattern.callback, "cls", None)


def test_every_method_of_the_api_names_its_scope() -> None:
    """A method without one would be open to any key; who one is, each may ask."""
    found = [(route, view) for route, view in views(get_resolver("config.urls").url_patterns) if view]
    assert len(found) > 20
    for route, view in found:
        if route.startswith("v1/") and view is not Me:
            assert issubclass(view, ApiView), route
            methods = {
                name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)
            }
            assert methods == set(view.scopes), route


def test_answers_vary_by_credential_and_are_nobody_elses(tenant: Tenant) -> None:
    answer = tenant.client.call("GET", "/v1/me")
    assert answer["Vary"] == "Accept, Authorization"
    assert answer["Cache-Control"] == "private, no-cache"
    assert tenant.client.call("GET", KEYS)["Cache-Control"] == "no-store"


def test_head_and_options_answer_as_get_would(tenant: Tenant) -> None:
    read, head = (tenant.client.call(method, "/v1/workspace") for method in ("GET", "HEAD"))
    assert (head.status_code, head["ETag"], head.content) == (200, read["ETag"], b"")
    options = tenant.client.call("OPTIONS", "/v1/workspace")
    assert (options.status_code, options["Allow"]) == (200, "GET, PATCH, HEAD, OPTIONS")
    assert ApiClient().call("OPTIONS", "/v1/workspace").status_code == 401


def test_a_copy_that_is_current_is_304(tenant: Tenant) -> None:
    etag = tenant.client.call("GET", "/v1/workspace")["ETag"]
    for known in (etag, f"W/{etag}", f'"r0", {etag}', "*"):
        answer = tenant.client.call("GET", "/v1/workspace", If_None_Match=known)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
        assert answer["Vary"] == "Accept, Authorization"
    assert tenant.client.call("GET", "/v1/workspace", If_None_Match='"r0"').status_code == 200
    assert tenant.client.call("GET", "/v1/workspace", If_None_Match="r1").status_code == 400
