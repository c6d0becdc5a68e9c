"""Audience views over HTTP: defined by names, kept as ids, changed, archived; their tokens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import token_of, view_of
from tests.kpis.live_maps import DOCUMENT, Place

ALL = {"stages": None, "lanes": None, "personas": None, "kpis": None, "evidence": None, "back_stage": True}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    people = [{"key": "ana", "name": "Ana"}, {"key": "ben", "name": "Ben"}]
    place = Place(tenant, {**DOCUMENT, "personas": people})
    place.kpi("completion", period="week")
    place.bind("completion", "form")
    return place


def test_a_view_shows_all_unless_it_says_otherwise(place: Place) -> None:
    made = view_of(place, key="wall")
    assert {name: made[name] for name in ALL} == ALL
    assert (made["redact"], made["history"], made["embed_origins"]) == ([], False, [])
    assert made["journey_map"] == str(place.map_id)
    assert place.call("GET", "/v1/views/wall") == made
    assert place.call("GET", "/v1/views?journey_map=claim")["results"] == [made]


def test_names_become_ids_and_what_was_read_can_be_sent_back(place: Place) -> None:
    made = view_of(
        place, stages=["apply"], personas=["ana"], kpis=["completion"], lanes=["actions", "emotions"]
    )
    assert made["stages"] == [place.element("apply")]
    assert all(len(one) == 36 for member in ("personas", "kpis") for one in made[member])
    sent = {name: value for name, value in made.items() if value is not None}
    again = place.call("PATCH", f"/v1/views/{made['id']}", sent, etag=made["etag"])
    assert again == made
    # What the map has lost meanwhile may be named again.
    place.redraft({**DOCUMENT, "stages": DOCUMENT["stages"][1:]})
    renamed = place.call("PATCH", f"/v1/views/{made['id']}", {"name": "Hall"}, etag=made["etag"])
    assert (renamed["name"], renamed["stages"]) == ("Hall", made["stages"])
    opened = place.call("PATCH", f"/v1/views/{made['id']}", {"kpis": None}, etag=renamed["etag"])
    assert opened["kpis"] is None


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"stages": ["no"]}, "/stages/0"),
        ({"stages": ["form"]}, "/stages/0"),
        ({"personas": ["carl"]}, "/personas/0"),
        ({"lanes": ["actions", "feelings"]}, "/lanes/1"),
        ({"kpis": ["no"]}, "/kpis/0"),
        ({"redact": ["id"]}, "/redact"),
        ({"redact": ["evidence"]}, "/redact"),
        ({"evidence": ["guessed"]}, "/evidence/0"),
        ({"history": "yes"}, "/history"),
        ({"embed_origins": ["https://a.example; script-src *"]}, "/embed_origins"),
        ({"embed_origins": ["*"]}, "/embed_origins"),
        ({"embed_origins": ["https://a.example/path"]}, "/embed_origins"),
        ({"embed_origins": ["javascript:alert(1)"]}, "/embed_origins"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_place(place: Place, values: dict[str, Any], pointer: str) -> None:
    body = {"journey_map": "claim", "name": "x", **values}
    refused = place.call("POST", "/v1/views", body, status=400)
    assert [issue["pointer"] for issue in refused["errors"]] == [pointer]


def test_a_view_stays_with_its_map(place: Place) -> None:
    made = view_of(place)
    place.call("POST", "/v1/journey-maps", {"key": "other", "document": {"name": "Other"}}, status=201)
    path = f"/v1/views/{made['id']}"
    place.call("PATCH", path, {"journey_map": "other"}, etag=made["etag"], status=400)
    place.call("PATCH", path, {"name": "x"}, status=428)
    place.call("PATCH", path, {"name": "x"}, etag='"r9"', status=412)
    changed = place.call("PATCH", path, {"journey_map": "claim", "name": "x"}, etag=made["etag"])
    place.call("DELETE", path, etag=made["etag"], status=412)
    place.call("DELETE", path, etag=changed["etag"], status=204)
    place.call("GET", path, status=404)
    assert place.call("GET", "/v1/views")["results"] == []


def test_a_token_is_shown_once_and_revoked(place: Place) -> None:
    view = view_of(place, key="wall")
    answer = place.client.call(
        "POST", "/v1/views/wall/tokens", {"name": "Board", "expires_at": "2099-01-01T00:00:00Z"}
    )
    token = answer.json()
    assert (answer.status_code, answer["Cache-Control"], token["view"]) == (201, "no-store", view["id"])
    assert token["secret"].startswith("lm_view_")
    assert token["url"].endswith(f"/p/{token['secret']}")
    read = place.call("GET", answer["Location"])
    assert read == {name: value for name, value in token.items() if name not in {"secret", "url"}}
    assert token["secret"].encode() not in place.client.call("GET", "/v1/views/wall/tokens").content
    other = view_of(place)
    place.call("GET", f"/v1/views/{other['id']}/tokens/{token['id']}", status=404)
    place.call("DELETE", answer["Location"], status=428)
    place.call("DELETE", answer["Location"], etag='"r9"', status=412)
    place.call("DELETE", answer["Location"], etag=answer["ETag"], status=204)
    place.call("GET", answer["Location"], status=404)
    place.call("DELETE", answer["Location"], etag="*", status=404)
    assert place.call("GET", "/v1/views/wall/tokens")["results"] == []


def test_a_token_reads_its_own_view_alone(place: Place, stranger: Tenant) -> None:
    view = view_of(place, key="wall")
    secret = token_of(place, view)["secret"]
    reader = ApiClient(secret)
    mine = reader.call("GET", f"/v1/views/{view['id']}/live")
    assert mine.status_code == 200
    assert mine.json()["view"] == view["id"]
    assert reader.call("GET", "/v1/views/wall/live").status_code == 200
    other = view_of(place, key="other")
    theirs = view_of(Place(stranger), key="wall")
    for ref in (other["id"], "other", theirs["id"], "no"):
        assert reader.call("GET", f"/v1/views/{ref}/live").status_code == 404
    assert reader.call("GET", f"{place.path}/live").status_code == 401


def test_views_are_nobody_elses_and_need_their_scopes(place: Place, stranger: Tenant) -> None:
    view = view_of(place, key="wall")
    token = token_of(place, view)
    for path in (f"/v1/views/{view['id']}", "/v1/views/wall"):
        for suffix in ("", "/live", "/tokens", f"/tokens/{token['id']}"):
            assert stranger.client.call("GET", path + suffix).status_code == 404
        assert stranger.client.call("PATCH", path, {}, etag="*").status_code == 404
        assert stranger.client.call("DELETE", path, etag="*").status_code == 404
        assert stranger.client.call("POST", f"{path}/tokens", {"name": "x"}).status_code == 404
    body = {"journey_map": str(place.map_id), "name": "x"}
    assert stranger.client.call("POST", "/v1/views", body).status_code == 404
    assert stranger.client.call("GET", "/v1/views").json()["results"] == []
    key = place.tenant.key
    assert key("views:write").call("GET", "/v1/views").status_code == 403
    assert key("maps:read", "maps:write").call("POST", "/v1/views", body).status_code == 403
    assert key("maps:read").call("GET", "/v1/views/wall/tokens").status_code == 403
    for narrow in (
        key("views:write", "maps:read").call("POST", "/v1/views", body),
        key("views:write", "kpis:read").call("PATCH", "/v1/views/wall", {"kpis": None}, etag="*"),
        key("keys:admin", "maps:read").call("POST", "/v1/views/wall/tokens", {"name": "x"}),
    ):
        assert (narrow.status_code, narrow.json()["code"]) == (403, "scope_beyond_own")
    assert key("views:write", "maps:read", "kpis:read").call("POST", "/v1/views", body).status_code == 201
