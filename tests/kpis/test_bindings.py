"""Bindings over HTTP: made, changed from an instant on, archived; invisible to strangers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"target": 0.8, "warn": 0.7, "breach": 0.6})
    return place


def test_a_binding_is_made_listed_and_found(place: Place) -> None:
    made = place.bind("completion", "form", key="form-completion", attributes={"team": "claims"})
    assert made["element"] == place.element("form")
    assert (made["selector"], made["label"], made["thresholds"], made["place"]) == ({}, "", None, 0)
    assert (made["status"], made["freshness"]) == ("missing", "stale")
    listed = place.call("GET", f"{place.path}/bindings")["results"]
    assert listed == [made]
    assert place.call("GET", "/v1/bindings/form-completion") == made
    assert place.call("GET", "/v1/bindings?kpi=completion")["results"] == [made]
    assert place.call("GET", f"{place.path}/bindings?element=form")["results"] == [made]
    assert place.call("GET", f"{place.path}/bindings?element=pay")["results"] == []


def test_an_element_may_be_a_stage_or_the_map_itself(place: Place) -> None:
    assert place.bind("completion")["element"] is None
    assert place.bind("completion", "apply")["element"] == place.element("apply")


def test_what_is_wrong_is_named_at_once(place: Place) -> None:
    body = {
        "kpi": "completion",
        "element": "nowhere",
        "thresholds": {"warn": "low"},
        "valid_from": stamp(now() + timedelta(days=1)),
    }
    refused = place.call("POST", f"{place.path}/bindings", body, status=400)
    found = {(issue["pointer"], issue["code"]) for issue in refused["errors"]}
    assert found == {
        ("/element", "unknown_element"),
        ("/thresholds/warn", "type"),
        ("/valid_from", "in_the_future"),
    }
    for body, pointer in (
        ({"kpi": "unknown"}, "/kpi"),
        ({"kpi": "completion", "selector": {"segment": 3}}, "/selector/segment"),
        ({"kpi": "completion", "thresholds": [1]}, "/thresholds"),
        ({"kpi": "completion", "colour": "red"}, "/colour"),
    ):
        refused = place.call("POST", f"{place.path}/bindings", body, status=400)
        assert [issue["pointer"] for issue in refused["errors"]] == [pointer]


def test_thresholds_of_its_own_replace_the_kpis_and_may_go_again(place: Place) -> None:
    place.rate("completion", 1, 75)
    made = place.bind("completion", "form")
    assert made["status"] == "ok"
    path = f"/v1/bindings/{made['id']}"
    own = place.call("PATCH", path, {"thresholds": {"warn": 0.8, "breach": 0.5}}, etag=made["etag"])
    assert (own["thresholds"], own["status"]) == ({"warn": 0.8, "breach": 0.5}, "warn")
    assert place.call("GET", path) == own
    narrower = place.call("PATCH", path, {"thresholds": {"breach": 0.78}}, etag=own["etag"])
    assert (narrower["thresholds"], narrower["status"]) == ({"warn": 0.8, "breach": 0.78}, "warn")
    back = place.call("PATCH", path, {"thresholds": None}, etag=narrower["etag"])
    assert back["thresholds"] is None


def test_changes_need_the_current_etag_and_equal_bytes_change_nothing(place: Place) -> None:
    made = place.bind("completion", "form", thresholds={"warn": 0.7})
    path = f"/v1/bindings/{made['id']}"
    place.call("PATCH", path, {"label": "Done"}, status=428)
    same = place.call("PATCH", path, made, etag=made["etag"])
    assert same == made
    changed = place.call("PATCH", path, {"label": "Done", "place": 3}, etag=made["etag"])
    assert (changed["label"], changed["place"]) == ("Done", 3)
    assert place.entries("form")[0]["name"] == "Done"
    place.call("PATCH", path, {"label": "Again"}, etag=made["etag"], status=412)
    moved = place.call("PATCH", path, {"kpi": "other"}, etag=changed["etag"], status=400)
    assert moved["errors"][0]["code"] == "immutable"


def test_figures_stand_in_the_order_of_their_places(place: Place) -> None:
    place.kpi("wait", kind="time_on_task", method="mean", period="week")
    place.bind("completion", "form", place=2)
    place.bind("wait", "form", place=1)
    assert [entry["key"] for entry in place.entries("form")] == ["wait", "completion"]


def test_an_archived_binding_is_gone_now_but_not_from_the_past(place: Place) -> None:
    place.rate("completion", 1, 90)
    made = place.bind("completion", "form", key="gone")
    before = now()
    etag = place.client.call("GET", f"{place.path}/live")["ETag"]
    place.call("DELETE", f"/v1/bindings/{made['id']}", etag=made["etag"], status=204)
    after = place.client.call("GET", f"{place.path}/live", If_None_Match=etag)
    assert after.status_code == 200
    assert place.entries("form") == []
    assert place.call("GET", f"{place.path}/bindings")["results"] == []
    place.call("GET", "/v1/bindings/gone", status=404)
    place.call("GET", f"/v1/bindings/{made['id']}", status=404)
    assert place.entries("form", f"?as_of={stamp(before)}")[0]["value"] == 0.9


def test_a_binding_may_hold_from_earlier_on(place: Place) -> None:
    place.rate("completion", 1, 90)
    place.bind("completion", "form", valid_from=stamp(now() - timedelta(minutes=1)))
    place.bind("completion", "pay")
    then = stamp(now() - timedelta(seconds=30))
    with place.tenant.enter(), connection.cursor() as cursor:
        # The map itself is as old as the test: look at the terms that held.
        cursor.execute(
            "SELECT count(*) FROM binding_term WHERE journey_map_id = %s AND valid_from <= %s",
            [place.map_id, then],
        )
        assert cursor.fetchone() == (1,)


def test_the_number_of_bindings_of_a_map_is_bounded(place: Place) -> None:
    Workspace.objects.filter(pk=place.tenant.workspace.pk).update(limits={"bindings_per_map": 2})
    place.bind("completion", "form")
    place.bind("completion", "pay")
    body = {"kpi": "completion", "element": "thanks"}
    refused = place.call("POST", f"{place.path}/bindings", body, status=409)
    assert refused["code"] == "limit_reached"


def test_a_stranger_finds_no_binding_of_ours(place: Place, stranger: Tenant) -> None:
    made = place.bind("completion", "form", key="ours")
    theirs = Place(stranger)
    for path in (f"/v1/bindings/{made['id']}", "/v1/bindings/ours"):
        for method, body in (("GET", None), ("PATCH", {"label": "x"}), ("DELETE", None)):
            assert stranger.client.call(method, path, body, etag=made["etag"]).status_code == 404
    assert stranger.client.call("GET", f"{place.path}/bindings").status_code == 404
    assert stranger.client.call("POST", f"{place.path}/bindings", {"kpi": "completion"}).status_code == 404
    assert theirs.call("GET", "/v1/bindings")["results"] == []
    kpi = place.call("GET", "/v1/kpis/completion")["id"]
    for body in ({"kpi": kpi}, {"kpi": "completion"}):
        assert stranger.client.call("POST", f"{theirs.path}/bindings", body).status_code == 400
    theirs.kpi("theirs", period="week")
    body = {"kpi": "theirs", "element": place.element("form")}
    refused = theirs.call("POST", f"{theirs.path}/bindings", body, status=400)
    assert refused["errors"][0]["code"] == "unknown_element"


def test_scopes(place: Place, tenant: Tenant) -> None:
    reads, writes = tenant.key("kpis:read"), tenant.key("kpis:write")
    path = f"{place.path}/bindings"
    assert reads.call("GET", path).status_code == 200
    assert reads.call("POST", path, {"kpi": "completion"}).status_code == 403
    assert writes.call("POST", path, {"kpi": "completion"}).status_code == 201


def test_a_bound_kpi_cannot_be_archived(place: Place) -> None:
    made = place.bind("completion", "form")
    kpi = place.call("GET", "/v1/kpis/completion")
    place.call("DELETE", "/v1/kpis/completion", etag=kpi["etag"], status=409)
    place.call("DELETE", f"/v1/bindings/{made['id']}", etag=made["etag"], status=204)
    place.call("DELETE", "/v1/kpis/completion", etag=kpi["etag"], status=204)
    refused = place.call("POST", f"{place.path}/bindings", {"kpi": kpi["id"]}, status=400)
    assert refused["errors"][0]["code"] == "archived"


def test_idempotency(place: Place) -> None:
    path = f"{place.path}/bindings"
    first = place.client.call("POST", path, {"kpi": "completion"}, key="b-1")
    second = place.client.call("POST", path, {"kpi": "completion"}, key="b-1")
    assert first.content == second.content
    assert len(place.call("GET", path)["results"]) == 1
