"""Snapshots: the same bytes for ever; their faces say when figures were restated since."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import Browser, token_of, view_of
from tests.kpis.live_maps import DOCUMENT, Place, now, stamp, week


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"warn": 0.7, "breach": 0.6})
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    return place


def pinned(place: Place, view: Any, **values: Any) -> Any:
    return place.call("POST", f"/v1/views/{view['id']}/snapshots", values, status=201)


def restate(place: Place, numerator: int) -> None:
    figure = {"numerator": numerator, "denominator": 100}
    place.record({"kpi": "completion", "period": week(1), **figure}, correct=True)


def test_a_snapshot_stays_what_it_was(place: Place) -> None:
    view = view_of(place)
    browser = Browser(token_of(place, view)["secret"])
    made = pinned(place, view, name="Board of March")
    where = f"snapshots/{made['id']}/"
    led = Browser(f"{browser.cookie.partition('=')[2]}/snapshots/{made['id']}")
    assert (led.address, led.get().status_code) == (browser.address + where, 200)
    assert made["url"].endswith(browser.address + where)
    before = browser.get(f"{where}map.json")
    assert before.json()["live"][place.element("form")]["kpis"][0]["value"] == 0.82
    renamed = copy.deepcopy(DOCUMENT)
    renamed["name"] = "Another name"
    place.redraft(renamed)
    place.publish()
    restate(place, 60)
    place.call("PATCH", f"/v1/views/{view['id']}", {"name": "Walls"}, etag=view["etag"])
    after = browser.get(f"{where}map.json")
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])
    assert browser.get(f"{where}map.json", If_None_Match=before["ETag"]).status_code == 304
    # What the view itself shows went on.
    assert browser.get("map.json").json()["map"]["name"] == "Another name"


def test_it_shows_what_the_view_showed_and_still_shows(place: Place) -> None:
    view = view_of(place, lanes=["actions"])
    browser = Browser(token_of(place, view)["secret"])
    where = f"snapshots/{pinned(place, view)['id']}/"
    before = {form: browser.get(where + form) for form in ("map.json", "map.svg", "")}
    path = f"/v1/views/{view['id']}"
    view = place.call("PATCH", path, {"kpis": [], "lanes": None}, etag=view["etag"])
    for form, was in before.items():
        now_is = browser.get(where + form, If_None_Match=was["ETag"])
        assert now_is.status_code == 200
        assert "Completion" in was.content.decode()
        assert "Completion" not in now_is.content.decode()
    touchpoint = browser.get(f"{where}map.json").json()["document"]["stages"][0]["touchpoints"][0]
    assert not touchpoint.keys() & {"pains", "emotions"}
    place.call("PATCH", path, {"kpis": None}, etag=view["etag"])
    assert browser.get(f"{where}map.json").content == before["map.json"].content


def test_its_face_says_when_figures_were_restated(place: Place) -> None:
    view = view_of(place)
    browser = Browser(token_of(place, view)["secret"])
    made = pinned(place, view, name="Board of March")
    where, own = f"snapshots/{made['id']}/", f"/v1/views/{view['id']}/snapshots/{made['id']}"
    first = browser.get(where)
    assert "Snapshot: Board of March" in first.content.decode()
    assert "restated" not in first.content.decode().split("<script")[0].split("</style>")[1]
    assert place.call("GET", own)["restated"] == []
    restate(place, 50)
    for form in ("", "map.svg"):
        text = browser.get(where + form).content.decode()
        assert "1 figure was restated since" in text
        assert "82.0" in text
    assert browser.get(where)["ETag"] != first["ETag"]
    assert browser.get(f"{where}map.png").status_code == browser.get(f"{where}map.pdf").status_code == 202
    (told,) = place.call("GET", own)["restated"]
    assert (told["name"], told["was"]["value"], told["now"]["value"]) == ("Completion", 0.82, 0.5)
    assert (told["was"]["status"], told["now"]["status"]) == ("ok", "breach")
    reader = ApiClient(token_of(place, view)["secret"])
    assert reader.call("GET", f"{own}/live").json() == browser.get(f"{where}map.json").json()
    assert reader.call("GET", own).status_code == 401


def test_a_reading_that_came_later_for_then_is_a_restatement_and_a_new_period_is_none(place: Place) -> None:
    view = view_of(place)
    made = pinned(place, view)
    own = f"/v1/views/{view['id']}/snapshots/{made['id']}"
    place.kpi("later", period="week")
    place.bind("later", "pay")
    place.rate("later", 1, 5)
    assert place.call("GET", own)["restated"] == []


def test_it_is_pinned_to_the_past_that_was_named(place: Place) -> None:
    view = view_of(place)
    first = stamp(now())
    place.redraft({"name": "Second", "stages": []})
    place.publish()
    assert pinned(place, view)["version"] == 2
    old = pinned(place, view, as_of=first, known_at=first)
    assert (old["version"], old["as_of"], old["known_at"]) == (1, first, first)
    assert pinned(place, view, version=1)["version"] == 1
    path = f"/v1/views/{view['id']}/snapshots"
    place.call("POST", path, {"as_of": stamp(now() + timedelta(hours=1))}, status=400)
    place.call("POST", path, {"version": 9}, status=404)
    place.call("POST", path, {"known_at": "2020-01-01T00:00:00Z"}, status=404)
    assert [row["version"] for row in place.call("GET", path)["results"]] == [2, 1, 1]


def test_snapshots_are_of_their_view_and_nobody_elses(place: Place, stranger: Tenant) -> None:
    view, other = view_of(place, key="wall"), view_of(place, key="other")
    made = pinned(place, view)
    own = f"/v1/views/wall/snapshots/{made['id']}"
    for path in (own, f"{own}/live", "/v1/views/wall/snapshots"):
        assert stranger.client.call("GET", path).status_code == 404
    assert stranger.client.call("DELETE", own).status_code == 404
    assert stranger.client.call("POST", "/v1/views/wall/snapshots", {}).status_code == 404
    place.call("GET", f"/v1/views/other/snapshots/{made['id']}", status=404)
    foreign = Browser(token_of(place, other)["secret"])
    assert foreign.get(f"snapshots/{made['id']}/").status_code == 404
    assert foreign.get(f"/view/{view['id']}/snapshots/{made['id']}/").status_code == 404
    key = place.tenant.key
    assert key("views:write").call("GET", own).status_code == 403
    assert key("maps:read").call("POST", "/v1/views/wall/snapshots", {}).status_code == 403
    assert key("maps:read").call("DELETE", own).status_code == 403
    narrow = key("views:write", "maps:read").call("POST", "/v1/views/wall/snapshots", {})
    assert (narrow.status_code, narrow.json()["code"]) == (403, "scope_beyond_own")
    browser = Browser(token_of(place, view)["secret"])
    assert browser.get(f"snapshots/{made['id']}/").status_code == 200
    assert browser.get(f"snapshots/{made['id']}/?as_of=2026-01-01T00:00:00Z").status_code == 400
    place.call("DELETE", own, status=204)
    assert browser.get(f"snapshots/{made['id']}/").status_code == 404
