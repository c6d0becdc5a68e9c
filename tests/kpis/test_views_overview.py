"""Views of the overview: maps side by side for an audience, by a token of its own; what they may not show."""

from __future__ import annotations

import csv
import io
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import Browser, token_of, view_of
from tests.kpis.live_maps import DOCUMENT, Place
from tests.kpis.test_overview import FUNNEL, LINES, publish

FORMS = ("application/json", "text/csv", "text/html", "image/svg+xml")


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant, {**FUNNEL, "name": "Claim"})
    for key, done in (("completion", 20), ("payment", 90)):
        place.kpi(key, period="week", thresholds=LINES)
        place.bind(key, "form")
        for ago in (2, 1):
            place.rate(key, ago, done)
    publish(place, {**FUNNEL, "name": "Appeal"})
    return place


def overview_of(place: Place, **values: Any) -> Any:
    body = {"kind": "overview", "name": "Board", **values}
    return place.call("POST", "/v1/views", body, status=201)


def reader_of(place: Place, view: Any) -> tuple[ApiClient, str]:
    return ApiClient(token_of(place, view)["secret"]), f"/v1/views/{view['id']}/overview"


def test_a_token_shows_maps_side_by_side_in_every_form(place: Place) -> None:
    view = overview_of(place, key="board")
    assert (view["kind"], view["journey_map"], view["journey_maps"]) == ("overview", None, None)
    reader, path = reader_of(place, view)
    seen = reader.call("GET", path).json()
    assert seen["view"] == view["id"]
    assert [(one["name"], one["status"]) for one in seen["maps"]] == [
        ("Appeal", "unjudged"),
        ("Claim", "breach"),
    ]
    (breach,) = seen["maps"][1]["breaches"]
    assert (breach["name"], breach["value"]) == ("Completion", 0.2)
    (matrix,) = seen["matrices"]
    assert [cell["word"] for cell in matrix["maps"][0]["cells"]] == ["awareness", "decision"]
    whole = place.call("GET", "/v1/overview")["maps"][1]
    for name in ("status", "coverage", "counts", "in_breach", "evidence", "open_findings"):
        assert seen["maps"][1][name] == whole[name], name
    for form in FORMS:
        answer = reader.call("GET", path, Accept=form)
        assert answer["Content-Type"].startswith(form)
        assert b"Claim" in answer.content
        assert reader.call("GET", path, Accept=form, If_None_Match=answer["ETag"]).status_code == 304
    rows = list(csv.DictReader(io.StringIO(reader.call("GET", path, Accept="text/csv").content.decode())))
    assert "version" not in rows[0]
    ElementTree.fromstring(reader.call("GET", path, Accept="image/svg+xml").content)
    assert place.client.call("GET", "/v1/views/board/overview").status_code == 200


def test_its_page_opens_in_a_browser_and_asks_again_by_itself(place: Place) -> None:
    view = overview_of(place, embed_origins=["https://wiki.example.org"])
    secret = token_of(place, view)["secret"]
    browser = Browser(secret)
    page = browser.get()
    assert (page.status_code, page["Refresh"]) == (200, "60")
    assert "frame-ancestors https://wiki.example.org" in page["Content-Security-Policy"]
    assert b"/v1/" not in page.content
    for form, media in (("svg", "image/svg+xml"), ("csv", "text/csv"), ("json", "application/json")):
        answer = browser.get(f"overview.{form}")
        assert answer["Content-Type"].startswith(media)
        assert Client().get(f"/p/{secret}.{form}").content == answer.content
    assert Browser(secret, ".svg").address == f"/view/{view['id']}/overview.svg"
    for wrong in ("map.svg", "map.png", "overview.pdf", "overview.", "snapshots/" + view["id"] + "/"):
        assert browser.get(wrong).status_code == 404, wrong
    assert browser.get("?as_of=2026-01-01T00:00:00Z").status_code == 403
    assert browser.get("?persona=x").status_code == 400
    assert Client().get(f"/p/{secret}.png").status_code == 404


def test_what_is_left_out_takes_part_in_nothing(place: Place) -> None:
    view = overview_of(place, kpis=["payment"], journey_maps=[str(place.map_id)], redact=["open_findings"])
    reader, path = reader_of(place, view)
    seen = reader.call("GET", path).json()
    (shown,) = seen["maps"]
    assert (shown["status"], shown["in_breach"], shown["breaches"]) == ("ok", 0, [])
    assert (shown["coverage"]["of"], shown["open_findings"]) == (1, {})
    assert seen["matrices"] == []
    place.rate("completion", 3, 10)
    place.kpi("third", period="week")
    place.bind("third", "form")
    assert reader.call("GET", path).json() == seen
    changed = place.call("PATCH", f"/v1/views/{view['id']}", {"kpis": None}, etag=view["etag"])
    assert reader.call("GET", path).json()["maps"][0]["status"] == "breach"
    assert changed["journey_maps"] == [str(place.map_id)]


def test_only_what_is_published_is_shown_by_the_name_that_was_published(place: Place) -> None:
    reader, path = reader_of(place, overview_of(place))
    place.call("POST", "/v1/journey-maps", {"document": {"name": "Secret plan"}}, status=201)
    place.redraft({**FUNNEL, "name": "Claim, renamed"})
    assert [one["name"] for one in reader.call("GET", path).json()["maps"]] == ["Appeal", "Claim"]
    place.publish()
    assert [one["name"] for one in reader.call("GET", path).json()["maps"]] == ["Appeal", "Claim, renamed"]
    etag = place.call("GET", place.path)["etag"]
    place.call("DELETE", place.path, status=204, etag=etag)
    assert [one["name"] for one in reader.call("GET", path).json()["maps"]] == ["Appeal"]


def test_a_view_is_of_a_map_or_of_the_overview(place: Place) -> None:
    board, wall = overview_of(place), view_of(place)
    reader, path = reader_of(place, board)
    for refused, code in (
        (reader.call("GET", f"/v1/views/{board['id']}/live"), "view_of_overview"),
        (place.client.call("GET", f"/v1/views/{wall['id']}/overview"), "view_of_map"),
        (place.client.call("POST", f"/v1/views/{board['id']}/snapshots", {}), "view_of_overview"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, code)
    assert reader.call("GET", f"/v1/views/{wall['id']}/overview").status_code == 404
    assert reader.call("GET", "/v1/overview").status_code == 401
    assert reader.call("GET", path, None).status_code == 200
    for values, pointer in (
        ({"journey_map": str(place.map_id)}, "/journey_map"),
        ({"stages": []}, "/stages"),
        ({"personas": ["x"]}, "/personas"),
        ({"tactical": True}, "/tactical"),
        ({"journey_maps": ["nowhere"]}, "/journey_maps/0"),
        ({"kpis": ["nothing"]}, "/kpis/0"),
    ):
        body = {"kind": "overview", "name": "x", **values}
        refused = place.call("POST", "/v1/views", body, status=400)
        assert [issue["pointer"] for issue in refused["errors"]] == [pointer]
    for values, pointer in (
        ({}, "/journey_map"),
        ({"journey_map": "x", "journey_maps": []}, "/journey_maps"),
    ):
        refused = place.call("POST", "/v1/views", {"name": "x", **values}, status=400)
        assert [issue["pointer"] for issue in refused["errors"]] == [pointer]
    for view, values in (
        (board, {"journey_map": str(place.map_id), "kind": "map"}),
        (wall, {"journey_map": None, "kind": "overview"}),
    ):
        place.call("PATCH", f"/v1/views/{view['id']}", values, etag=view["etag"], status=400)
    assert place.call("GET", f"/v1/views?journey_map={place.map_id}")["results"] == [wall]


def test_a_token_ends_with_its_view_and_is_nobody_elses(place: Place, stranger: Tenant) -> None:
    view = overview_of(place, key="board")
    token = token_of(place, view)
    reader, path = ApiClient(token["secret"]), f"/v1/views/{view['id']}/overview"
    assert stranger.client.call("GET", path).status_code == 404
    assert place.tenant.key("kpis:read").call("GET", path).status_code == 403
    theirs = Place(stranger, {**DOCUMENT, "name": "Theirs"})
    body = {"kind": "overview", "name": "x", "journey_maps": [str(theirs.map_id)]}
    place.call("POST", "/v1/views", body, status=400)
    assert b"Theirs" not in reader.call("GET", path).content
    place.call("DELETE", f"/v1/views/board/tokens/{token['id']}", etag=token["etag"], status=204)
    assert reader.call("GET", path).status_code == 401
    assert Client().get(f"/p/{token['secret']}").status_code == 404


def test_thirty_maps_through_a_token_cost_the_statements_of_three(place: Place) -> None:
    reader, path = reader_of(place, overview_of(place, back_stage=False))
    assert reader.call("GET", path).status_code == 200  # the token's first use is taken down
    counts = []
    for upto in (3, 30):
        for number in range(1, upto):
            publish(place, {**FUNNEL, "name": f"Map {number} of {upto}"})
        with CaptureQueriesContext(connection) as captured:
            assert len(reader.call("GET", path).json()["maps"]) >= upto
        counts.append(len(captured))
    assert counts[0] == counts[1]
