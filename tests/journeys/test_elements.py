"""Stages and touchpoints one by one: each with its own ETag, found by id or key, moved as themselves."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, names, path

STAGES, TOUCHPOINTS = "draft/stages", "draft/touchpoints"


def test_elements_are_listed_in_the_order_drawn(tenant: Tenant) -> None:
    shown = make_map(tenant)
    draft = draft_of(tenant, shown)
    stages = tenant.client.call("GET", path(shown, STAGES)).json()["results"]
    assert [{k: v for k, v in stage.items() if k != "etag"} for stage in stages] == draft["stages"]
    touchpoints = tenant.client.call("GET", path(shown, TOUCHPOINTS)).json()["results"]
    assert [t["name"] for t in touchpoints] == ["Reads adverts", "Visits", "Signs"]
    assert [t["stage"] for t in touchpoints] == [stages[0]["id"], stages[0]["id"], stages[1]["id"]]


@pytest.mark.parametrize("page_size", [1, 2, 3, 100])
def test_pages_lead_through_all_and_back(tenant: Tenant, page_size: int) -> None:
    shown = make_map(tenant)
    expected = [t["id"] for t in tenant.client.call("GET", path(shown, TOUCHPOINTS)).json()["results"]]
    where, pages = path(shown, f"{TOUCHPOINTS}?page_size={page_size}"), []
    while where:
        page = tenant.client.call("GET", where).json()
        pages.append([row["id"] for row in page["results"]])
        where = page["next"]
    assert list(chain.from_iterable(pages)) == expected
    backwards, where = [pages[-1]], page["previous"]
    while where:
        page = tenant.client.call("GET", where).json()
        backwards.append([row["id"] for row in page["results"]])
        where = page["previous"]
    assert list(chain.from_iterable(reversed(backwards))) == expected


@pytest.mark.parametrize(
    "cursor", ["x", "bg", "%00", "é" * 10, "eHh4eHh4eHh4eHh4eHh4eHg", "bgAAAAAAAAAAAAAAAAAAAAA"]
)
def test_a_cursor_of_nothing_is_refused(tenant: Tenant, cursor: str) -> None:
    answer = tenant.client.call("GET", path(make_map(tenant), f"{STAGES}?cursor={cursor}"))
    assert answer.status_code == 400


def test_a_stage_is_added_at_its_place(tenant: Tenant) -> None:
    shown = make_map(tenant)
    for body, place in (({"name": "Last"}, 3), ({"name": "First", "after": None}, 0)):
        answer = tenant.client.call("POST", path(shown, STAGES), body)
        assert (answer.status_code, answer["ETag"]) == (201, answer.json()["etag"])
        assert answer["Location"] == path(shown, STAGES, answer.json()["id"])
        draft = draft_of(tenant, shown)
        assert answer["Draft-ETag"] == draft["etag"]
        assert draft["stages"][min(place, len(draft["stages"]) - 1)]["name"] == body["name"]
    middle = {"name": "Middle", "key": "m", "after": "search", "touchpoints": [{"name": "Inside"}]}
    answer = tenant.client.call("POST", path(shown, STAGES), middle)
    assert answer.json()["touchpoints"][0]["id"]
    assert [row[0] for row in names(draft_of(tenant, shown))] == [
        "First",
        "Search",
        "Middle",
        "Contract",
        "Last",
    ]
    nowhere = tenant.client.call("POST", path(shown, STAGES), {"name": "x", "after": "visit"})
    assert [(i["pointer"], i["code"]) for i in nowhere.json()["errors"]] == [("/after", "unknown_reference")]


def test_a_touchpoint_is_added_to_its_stage(tenant: Tenant) -> None:
    shown = make_map(tenant)
    search = draft_of(tenant, shown)["stages"][0]["id"]
    body = {"name": "Calls", "stage": "search", "after": "adverts", "channels": ["phone"]}
    answer = tenant.client.call("POST", path(shown, TOUCHPOINTS), body)
    assert (answer.status_code, answer.json()["stage"]) == (201, search)
    assert names(draft_of(tenant, shown))[0] == ["Search", "Reads adverts", "Calls", "Visits"]
    read = tenant.client.call("GET", answer["Location"])
    assert (read.json(), read["ETag"]) == (answer.json(), answer["ETag"])
    assert tenant.client.call("GET", answer["Location"], If_None_Match=read["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "x"}, {("/stage", "required")}),
        ({"name": "x", "stage": None}, {("/stage", "required")}),
        ({"name": "x", "stage": "nowhere"}, {("/stage", "unknown_reference")}),
        ({"name": "x", "stage": "visit"}, {("/stage", "unknown_reference")}),
        ({"name": "x", "stage": "search", "after": "sign"}, {("/after", "unknown_reference")}),
        (
            {"name": "x", "stage": 7, "after": [], "colour": 1},
            {("/stage", "wrong_type"), ("/after", "wrong_type"), ("/colour", "unknown_field")},
        ),
        ({"stage": "search", "importance": 7}, {("/name", "required"), ("/importance", "out_of_range")}),
        ({"name": "x", "stage": "contract", "key": "visit"}, {("/key", "duplicate_key")}),
        ({"name": "x", "stage": "search", "id": "no"}, {("/id", "invalid_id")}),
        ({"name": "x", "stage": "search", "pains": [{"text": " "}]}, {("/pains/0/text", "invalid_format")}),
        (
            {"name": "x", "stage": "search", "lane_items": {"own": [{"text": "t"}]}},
            {("/lane_items/own", "unknown_lane")},
        ),
    ],
)
def test_what_is_wrong_with_a_touchpoint_is_told_in_its_own_places(
    tenant: Tenant, body: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    shown = make_map(tenant)
    answer = tenant.client.call("POST", path(shown, TOUCHPOINTS), body)
    assert answer.status_code == 400
    assert {(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]} == expected
    assert draft_of(tenant, shown)["etag"] == '"r1"'


def test_an_element_is_changed_by_merge_patch(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, TOUCHPOINTS, "adverts")
    before = tenant.client.call("GET", where).json()
    patch = {"name": "Reads offers", "channels": ["web", "app"], "pains": None, "owner": "Marketing"}
    answer = tenant.client.call("PATCH", where, patch, etag=before["etag"])
    expected = {k: v for k, v in before.items() if k != "pains"} | {k: v for k, v in patch.items() if v}
    assert answer.json() == expected | {"etag": answer["ETag"]}
    assert (answer["Draft-ETag"], draft_of(tenant, shown)["etag"]) == ('"r2"', '"r2"')
    stale = tenant.client.call("PATCH", where, patch, etag=before["etag"])
    assert (stale.status_code, stale["ETag"]) == (412, answer["ETag"])
    echoed = tenant.client.call("PATCH", where, answer.json(), etag=answer["ETag"])
    assert (echoed.status_code, echoed["Draft-ETag"]) == (200, '"r2"')


def test_a_stage_is_changed_with_or_without_its_touchpoints(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, STAGES, "search")
    stage = tenant.client.call("GET", where).json()
    renamed = tenant.client.call("PATCH", where, {"name": "Hunt"}, etag=stage["etag"]).json()
    assert renamed["touchpoints"] == stage["touchpoints"]
    fewer = {"touchpoints": [stage["touchpoints"][1], {"name": "New"}]}
    answer = tenant.client.call("PATCH", where, fewer, etag=renamed["etag"])
    assert names({"stages": [answer.json()]}) == [["Hunt", "Visits", "New"]]
    assert names(draft_of(tenant, shown))[0] == ["Hunt", "Visits", "New"]


def test_the_etag_of_a_stage_covers_its_touchpoints_and_no_others(tenant: Tenant) -> None:
    shown = make_map(tenant)
    etags = {s["key"]: s["etag"] for s in tenant.client.call("GET", path(shown, STAGES)).json()["results"]}
    tenant.client.call("PATCH", path(shown, TOUCHPOINTS, "visit"), {"owner": "x"}, etag="*")
    now = {s["key"]: s["etag"] for s in tenant.client.call("GET", path(shown, STAGES)).json()["results"]}
    assert now["search"] != etags["search"]
    assert now["contract"] == etags["contract"]
    other = tenant.client.call(
        "PATCH", path(shown, STAGES, "contract"), {"name": "Deal"}, etag=etags["contract"]
    )
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("ref", "patch", "expected"),
    [
        ("sign", {"key": "visit"}, ("/key", "duplicate_key")),
        ("adverts", {"name": None}, ("/name", "required")),
        ("adverts", {"stage": "contract"}, ("/stage", "read_only")),
        ("adverts", {"id": "01a201b7-bb5d-7174-8341-0ac8576b45ff"}, ("/id", "id_mismatch")),
        ("adverts", {"importance": "high"}, ("/importance", "wrong_type")),
        ("adverts", {"emotions": [{"value": 9}]}, ("/emotions/0", "off_scale")),
        ("adverts", {"touchpoints": []}, ("/touchpoints", "unknown_field")),
    ],
)
def test_a_change_that_breaks_the_document_is_refused(
    tenant: Tenant, ref: str, patch: dict[str, Any], expected: tuple[str, str]
) -> None:
    shown = make_map(tenant)
    answer = tenant.client.call("PATCH", path(shown, TOUCHPOINTS, ref), patch, etag="*")
    assert answer.status_code == 400
    assert [(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]] == [expected]


def test_an_entry_cannot_take_the_id_of_another_elements_entry(tenant: Tenant) -> None:
    """The one breach that a skeleton of the document would not see."""
    shown = make_map(tenant)
    pain = tenant.client.call("GET", path(shown, TOUCHPOINTS, "adverts")).json()["pains"][0]
    answer = tenant.client.call("PATCH", path(shown, TOUCHPOINTS, "sign"), {"pains": [pain]}, etag="*")
    assert [(i["pointer"], i["code"]) for i in answer.json()["errors"]] == [("/pains/0/id", "duplicate_id")]
    mentioned = {"description": f"see {pain['id']}", "pains": [{"text": "Slow"}]}
    assert (
        tenant.client.call("PATCH", path(shown, TOUCHPOINTS, "sign"), mentioned, etag="*").status_code == 200
    )
    own = tenant.client.call("PATCH", path(shown, TOUCHPOINTS, "adverts"), {"pains": [pain]}, etag="*")
    assert (own.status_code, own.json()["pains"]) == (200, [pain])


def test_moving_keeps_ids_and_content(tenant: Tenant) -> None:
    shown = make_map(tenant)
    visit = tenant.client.call("GET", path(shown, TOUCHPOINTS, "visit")).json()
    contract = tenant.client.call("GET", path(shown, STAGES, "contract")).json()
    move = path(shown, TOUCHPOINTS, "visit", "moves")
    assert tenant.client.call("POST", move, {"after": None}).status_code == 428
    moved = tenant.client.call("POST", move, {"stage": "contract", "after": None}, etag=visit["etag"])
    assert moved.json() == visit | {"stage": contract["id"]}
    assert names(draft_of(tenant, shown)) == [["Search", "Reads adverts"], ["Contract", "Visits", "Signs"]]
    within = tenant.client.call("POST", move, {"after": "sign"}, etag=visit["etag"])
    assert (within.status_code, names(draft_of(tenant, shown))[1]) == (200, ["Contract", "Signs", "Visits"])
    still = tenant.client.call("POST", move, {}, etag=visit["etag"])
    assert still["Draft-ETag"] == within["Draft-ETag"]
    first = {"after": None}
    stage = tenant.client.call("POST", path(shown, STAGES, "contract", "moves"), first, etag="*")
    assert (stage.status_code, [row[0] for row in names(draft_of(tenant, shown))]) == (
        200,
        ["Contract", "Search"],
    )


@pytest.mark.parametrize(
    ("where", "body", "pointer"),
    [
        ("draft/touchpoints/visit/moves", {"stage": "nowhere"}, "/stage"),
        ("draft/touchpoints/visit/moves", {"after": "sign"}, "/after"),
        ("draft/touchpoints/visit/moves", {"after": 7}, "/after"),
        ("draft/stages/search/moves", {"after": "nowhere"}, "/after"),
        ("draft/stages/search/moves", {"after": "search"}, "/after"),
        ("draft/stages/search/moves", {"stage": "contract"}, "/stage"),
    ],
)
def test_a_move_to_nowhere_is_refused(tenant: Tenant, where: str, body: dict[str, Any], pointer: str) -> None:
    shown = make_map(tenant)
    answer = tenant.client.call("POST", path(shown, where), body, etag="*")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_what_is_taken_out_takes_its_transitions_with_it(tenant: Tenant) -> None:
    shown = make_map(tenant)
    ways = {"transitions": [{"from": "adverts", "to": "visit"}, {"from": "visit", "to": "sign"}]}
    tenant.client.call("PATCH", path(shown, "draft"), ways, etag="*")
    ids = {t["key"]: t["id"] for t in tenant.client.call("GET", path(shown, TOUCHPOINTS)).json()["results"]}
    gone = tenant.client.call("DELETE", path(shown, TOUCHPOINTS, "adverts"), etag="*")
    draft = draft_of(tenant, shown)
    assert (gone.status_code, gone["Draft-ETag"], gone.content) == (204, draft["etag"], b"")
    assert draft["transitions"] == [{"from": ids["visit"], "to": ids["sign"]}]
    tenant.client.call("DELETE", path(shown, STAGES, "contract"), etag="*")
    assert names(draft_of(tenant, shown)) == [["Search", "Visits"]]
    assert "transitions" not in draft_of(tenant, shown)
    for where in ((TOUCHPOINTS, "sign"), (STAGES, "contract"), (TOUCHPOINTS, ids["adverts"])):
        assert tenant.client.call("GET", path(shown, *where)).status_code == 404


def test_a_stage_is_no_touchpoint(tenant: Tenant) -> None:
    shown = make_map(tenant)
    for where in ((TOUCHPOINTS, "search"), (STAGES, "visit"), (STAGES, "nothing"), (STAGES, "%20")):
        for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
            assert tenant.client.call(method, path(shown, *where), body).status_code == 404
            assert tenant.client.call(method, path(shown, *where), body, etag="*").status_code == 404


def test_the_identity_of_a_foreign_element_is_told_in_the_elements_own_places(tenant: Tenant) -> None:
    theirs = draft_of(tenant, make_map(tenant))["stages"][0]
    shown = make_map(tenant, document={"name": "x"})
    answer = tenant.client.call("POST", path(shown, STAGES), theirs)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")
    assert [i["pointer"] for i in answer.json()["errors"]] == [
        "/id",
        "/touchpoints/0/id",
        "/touchpoints/1/id",
    ]
