"""The page behind a view token: one address, read-only, kept current, gone when revoked."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"warn": 0.7, "breach": 0.6})
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    return place


@pytest.fixture
def token(place: Place) -> str:
    return str(view_token(place)["secret"])


def view_token(place: Place, **values: Any) -> Any:
    body = {"journey_map": str(place.map_id), "name": "Wall", **values}
    return place.call("POST", "/v1/view-tokens", body, status=201)


def opened(path: str, **headers: str) -> Any:
    """A browser: no credential but the address."""
    return Client(raise_request_exception=False).get(path, headers=headers)


def test_the_address_alone_opens_the_page(token: str) -> None:
    page = opened(f"/p/{token}")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = page.content.decode()
    assert "Completion" in text
    assert "82.0" in text
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Cache-Control"] == "private, no-cache"


def test_the_policy_names_what_the_page_carries_and_nothing_else(token: str) -> None:
    page = opened(f"/p/{token}")
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in page["Content-Security-Policy"]
    text = page.content.decode()
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        for inline in re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy[rule]
    assert not re.search(r"<[^>]+\son\w+=", text)
    assert not re.search(r"<[^>]+\sstyle=", text)


def test_the_page_stays_current_by_conditional_requests(place: Place, token: str) -> None:
    first = opened(f"/p/{token}")
    assert first["ETag"].strip("W/").strip('"') in first.content.decode()
    again = opened(f"/p/{token}", If_None_Match=first["ETag"], Accept="text/html")
    assert (again.status_code, again.content) == (304, b"")
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert opened(f"/p/{token}").content == first.content
    place.rate("completion", 2, 60)
    changed = opened(f"/p/{token}", If_None_Match=first["ETag"])
    assert changed.status_code == 200
    assert 'data-refresh="5"' in changed.content.decode()


def test_the_same_state_as_picture_and_as_data(place: Place, token: str) -> None:
    picture = opened(f"/p/{token}.svg")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")
    data = opened(f"/p/{token}.json")
    assert data.json() == place.live()
    assert opened(f"/p/{token}.pdf").status_code == 404
    assert opened(f"/p/{token}.").status_code == 404


def test_it_may_be_pinned_to_an_instant(token: str) -> None:
    page = opened(f"/p/{token}?as_of={stamp(now())}")
    assert page.status_code == 200
    assert "data-refresh" not in page.content.decode().split("<script")[0]
    assert opened(f"/p/{token}?as_of=2199-01-01T00:00:00Z").status_code == 400
    assert opened(f"/p/{token}?colour=red").status_code == 400


def test_an_unknown_expired_or_revoked_token_is_no_page(place: Place, token: str) -> None:
    made = view_token(place, expires_at=stamp(now() + timedelta(seconds=1)))
    for wrong in ("x", "lm_view_00000000_" + "a" * 43, token[:-1] + ("a" if token[-1] != "a" else "b")):
        refused = opened(f"/p/{wrong}")
        assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json"), wrong
    assert opened(f"/p/{place.tenant.secret}").status_code == 404  # an API key is no view token
    assert made["secret"] != token
    listed = place.call("GET", "/v1/view-tokens")["results"]
    row = next(one for one in listed if one["id"] != made["id"])
    place.call("DELETE", f"/v1/view-tokens/{row['id']}", etag=row["etag"], status=204)
    etag = opened(f"/p/{made['secret']}")["ETag"]
    assert opened(f"/p/{token}").status_code == 404
    assert opened(f"/p/{token}", If_None_Match=etag).status_code == 404


def test_the_page_is_read_only(token: str) -> None:
    client = Client(raise_request_exception=False)
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"/p/{token}").status_code == 405


def test_a_view_token_reads_its_own_map_alone(place: Place, token: str, stranger: Tenant) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    client = Client(raise_request_exception=False)
    assert client.get(f"{place.path}/live", headers=headers).status_code == 200
    assert client.get(f"{place.path}/bindings", headers=headers).status_code == 401
    theirs = Place(stranger)
    assert client.get(f"{theirs.path}/live", headers=headers).status_code == 404


def test_another_map_of_ours_is_not_the_tokens(place: Place, token: str) -> None:
    other = place.call("POST", "/v1/journey-maps", {"document": {"name": "Other"}}, status=201)
    headers = {"Authorization": f"Bearer {token}"}
    answer = Client().get(f"/v1/journey-maps/{other['id']}/live", headers=headers)
    assert answer.status_code == 404
