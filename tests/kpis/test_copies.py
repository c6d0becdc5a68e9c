"""A map copied with what is measured on it."""

from __future__ import annotations

from tests.conftest import Tenant
from tests.kpis.live_maps import Place


def test_a_copy_takes_its_bindings_along_where_it_is_asked_to(tenant: Tenant, stranger: Tenant) -> None:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"warn": 0.7, "breach": 0.6})
    place.bind("completion", "form", label="Done", key="done", thresholds={"warn": 0.95, "breach": 0.5})
    place.bind("completion", None, place=3)
    place.rate("completion", 1, 82)
    form, path = place.element("form"), f"{place.path}/copies"

    alone = place.call("POST", path, {"name": "Alone"}, status=201)
    assert place.call("GET", f"/v1/journey-maps/{alone['id']}/bindings")["results"] == []

    copied = place.call("POST", path, {"name": "Measured", "with_bindings": True}, status=201)
    own = f"/v1/journey-maps/{copied['id']}"
    assert place.call("GET", own)["etag"] == copied["etag"]
    twin = place.call("GET", f"{own}/draft")["stages"][0]["touchpoints"][0]
    assert (twin["key"], twin["id"] == form) == ("form", False)
    bound = {row["element"]: row for row in place.call("GET", f"{own}/bindings")["results"]}
    assert bound.keys() == {None, twin["id"]}
    assert (bound[None]["place"], bound[None]["thresholds"]) == (3, None)
    named = bound[twin["id"]]
    assert (named["label"], named["key"], named["status"]) == ("Done", None, "warn")
    assert named["thresholds"] == {"warn": 0.95, "breach": 0.5}
    place.call("POST", f"{own}/versions", {}, etag="*", status=201)
    (figure,) = place.call("GET", f"{own}/live")["live"][twin["id"]]["kpis"]
    assert (figure["value"], figure["status"]) == (0.82, "warn")

    place.redraft({"name": "Claim", "stages": []})
    without = place.call("POST", path, {"from": "draft", "with_bindings": True}, status=201)
    left = place.call("GET", f"/v1/journey-maps/{without['id']}/bindings")["results"]
    assert [row["element"] for row in left] == [None]

    body = {"name": "No", "with_bindings": True}
    refused = tenant.key("maps:write", "maps:read").call("POST", path, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_beyond_own")
    assert stranger.client.call("POST", path, body).status_code == 404
    place.call("POST", path, {"with_bindings": "yes"}, status=400)
