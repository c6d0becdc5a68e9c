"""Collections of maps, and maps below maps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ApiClient, Tenant
from tests.journeys.make import draft_of, make_map, path, publish
from tests.service.parallel import at_once

WHERE = "/v1/collections"


def make_collection(tenant: Tenant, **members: Any) -> dict[str, Any]:
    answer = tenant.client.call("POST", WHERE, {"name": "Renting", **members})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def touchpoint_of(tenant: Tenant, shown: dict[str, Any]) -> str:
    return str(draft_of(tenant, shown)["stages"][0]["touchpoints"][0]["id"])


def below(tenant: Tenant, touchpoint: str, name: str = "Detail") -> dict[str, Any]:
    """Return a published map that shows a touchpoint in detail, with a touchpoint of its own."""
    stages = [{"name": "s", "touchpoints": [{"name": "t"}]}]
    shown = make_map(tenant, document={"name": name, "parent_touchpoint": touchpoint, "stages": stages})
    publish(tenant, shown)
    return shown


def test_a_collection_keeps_its_order(tenant: Tenant) -> None:
    first, second, third = (make_map(tenant, document={"name": n}, key=n) for n in ("a", "b", "c"))
    shown = make_collection(tenant, key="renting", journey_maps=["b", first["id"]], attributes={"x": "y"})
    assert [member["name"] for member in shown["members"]] == ["b", "a"]
    assert shown["journey_maps"] == [second["id"], first["id"]]
    read = tenant.client.call("GET", f"{WHERE}/renting")
    assert (read.json(), read["ETag"]) == (shown, shown["etag"])
    patch = {"journey_maps": ["a", "c", "b"], "description": "Three diagrams"}
    changed = tenant.client.call("PATCH", f"{WHERE}/renting", patch, etag=shown["etag"]).json()
    assert [member["key"] for member in changed["members"]] == ["a", "c", "b"]
    assert tenant.client.call("PATCH", f"{WHERE}/renting", patch, etag=shown["etag"]).status_code == 412
    assert tenant.client.call("PATCH", f"{WHERE}/renting", patch).status_code == 428
    echoed = tenant.client.call("PATCH", f"{WHERE}/renting", changed, etag=changed["etag"])
    assert (echoed.status_code, echoed.json()) == (200, changed)
    other = make_collection(tenant, name="Other")
    listed = tenant.client.call("GET", f"{WHERE}?journey_map={third['id']}").json()["results"]
    assert listed == [changed]
    assert tenant.client.call("GET", f"{WHERE}?q=oth").json()["results"] == [other]
    assert tenant.client.call("DELETE", f"{WHERE}/renting", etag=changed["etag"]).status_code == 204
    assert tenant.client.call("GET", f"{WHERE}/renting").status_code == 404
    assert tenant.client.call("GET", path(first)).status_code == 200


def test_a_map_that_is_archived_stays_in_its_collections(tenant: Tenant) -> None:
    kept, gone = (make_map(tenant, document={"name": n}, key=n) for n in ("a", "b"))
    shown = make_collection(tenant, journey_maps=["a", "b"])
    tenant.client.call("DELETE", path(gone), etag=gone["etag"])
    now = tenant.client.call("GET", f"{WHERE}/{shown['id']}").json()
    assert [bool(member["archived_at"]) for member in now["members"]] == [False, True]
    again = tenant.client.call("PATCH", f"{WHERE}/{shown['id']}", now, etag=now["etag"])
    assert (again.status_code, again.json()["journey_maps"]) == (200, [kept["id"], gone["id"]])
    late = tenant.client.call("POST", WHERE, {"name": "x", "journey_maps": [gone["id"]]})
    assert late.json()["errors"][0]["code"] == "unknown_reference"


@pytest.mark.parametrize(
    ("maps", "pointer", "code"),
    [
        (["a", "nothing"], "/journey_maps/1", "unknown_reference"),
        (["a", "a"], "/journey_maps/1", "duplicate"),
        (["a", 7], "/journey_maps/1", "invalid"),
        ("a", "/journey_maps", "not_a_list"),
        ([""], "/journey_maps/0", "blank"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(tenant: Tenant, maps: Any, pointer: str, code: str) -> None:
    make_map(tenant, document={"name": "a"}, key="a")
    answer = tenant.client.call("POST", WHERE, {"name": "x", "journey_maps": maps})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert answer.json()["errors"][0]["code"] == code


def test_collections_are_nobody_elses(tenant: Tenant, stranger: Tenant) -> None:
    shown = make_map(tenant)
    own = make_collection(tenant, key="mine", journey_maps=[shown["id"]])
    for ref in ("mine", own["id"]):
        for method in ("GET", "PATCH", "DELETE"):
            assert stranger.client.call(method, f"{WHERE}/{ref}", {}, etag="*").status_code == 404
    assert stranger.client.call("GET", WHERE).json()["results"] == []
    theirs = stranger.client.call("POST", WHERE, {"name": "x", "journey_maps": [shown["id"]]})
    assert theirs.json()["errors"][0]["code"] == "unknown_reference"
    assert tenant.key("maps:write").call("GET", WHERE).status_code == 403
    reader = tenant.key("maps:read")
    assert reader.call("POST", WHERE, {"name": "x"}).status_code == 403
    assert reader.call("PATCH", f"{WHERE}/mine", {}, etag="*").status_code == 403
    assert reader.call("DELETE", f"{WHERE}/mine", etag="*").status_code == 403


def test_tactical_maps_are_found_below_their_touchpoint(tenant: Tenant, stranger: Tenant) -> None:
    top = make_map(tenant, key="top")
    publish(tenant, top)
    touchpoint = touchpoint_of(tenant, top)
    one, two = below(tenant, touchpoint, "One"), below(tenant, touchpoint, "Two")
    listed = tenant.client.call("GET", "/v1/journey-maps/top/children").json()["results"]
    assert [child["id"] for child in listed] == [one["id"], two["id"]]
    assert listed[0]["parent"] == {"journey_map": top["id"], "touchpoint": touchpoint}
    assert tenant.client.call("GET", path(top)).json()["parent"] is None
    found = tenant.client.call("GET", f"/v1/journey-maps/top/children?touchpoint={touchpoint}&page_size=1")
    assert [child["name"] for child in found.json()["results"]] == ["One"]
    assert [c["name"] for c in tenant.client.call("GET", found.json()["next"]).json()["results"]] == ["Two"]
    other = draft_of(tenant, top)["stages"][0]["touchpoints"][1]["id"]
    assert tenant.client.call("GET", f"{path(top)}/children?touchpoint={other}").json()["results"] == []
    assert stranger.client.call("GET", f"{path(top)}/children").status_code == 404
    assert tenant.key("maps:write").call("GET", f"{path(top)}/children").status_code == 403
    # A draft that lets go does not move the map before it is published.
    tenant.client.call("PATCH", path(one, "draft"), {"parent_touchpoint": None}, etag="*")
    assert len(tenant.client.call("GET", f"{path(top)}/children").json()["results"]) == 2
    publish(tenant, one)
    listed = tenant.client.call("GET", f"{path(top)}/children").json()["results"]
    assert [child["id"] for child in listed] == [two["id"]]
    assert tenant.client.call("GET", path(one)).json()["parent"] is None


def test_no_map_is_a_detail_of_its_own_detail(tenant: Tenant) -> None:
    top = make_map(tenant)
    publish(tenant, top)
    middle = below(tenant, touchpoint_of(tenant, top), "Middle")
    bottom = below(tenant, touchpoint_of(tenant, middle), "Bottom")
    parent = {"parent_touchpoint": touchpoint_of(tenant, bottom)}
    assert tenant.client.call("PATCH", path(top, "draft"), parent, etag="*").status_code == 200
    refused = tenant.client.call("POST", path(top, "versions"), {}, etag="*")
    assert refused.status_code == 422
    assert [(i["pointer"], i["code"]) for i in refused.json()["errors"]] == [("/parent_touchpoint", "cycle")]


def test_two_maps_do_not_become_details_of_each_other_at_once(tenant: Tenant) -> None:
    stages = [{"name": "s", "touchpoints": [{"name": "t"}]}]
    pair = [make_map(tenant, document={"name": name, "stages": stages}) for name in ("a", "b")]
    ends = [touchpoint_of(tenant, shown) for shown in pair]
    for shown, end in zip(pair, reversed(ends), strict=True):
        tenant.client.call("PATCH", path(shown, "draft"), {"parent_touchpoint": end}, etag="*")

    def publish_one(number: int) -> int:
        where = path(pair[number], "versions")
        return int(ApiClient(tenant.secret).call("POST", where, {}, etag="*").status_code)

    assert sorted(at_once(2, publish_one)) == [201, 422]
