"""Maps over HTTP: born with a draft, named by it, keyed, listed, limited, archived."""

from __future__ import annotations

import pytest

from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, path, publish


def test_a_map_is_born_with_a_draft_whose_elements_have_ids(tenant: Tenant) -> None:
    answer = tenant.client.call(
        "POST", "/v1/journey-maps", {"key": "flat", "attributes": {"team": "a"}, "document": DOCUMENT}
    )
    shown = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"/v1/journey-maps/{shown['id']}")
    assert answer["ETag"] == shown["etag"]
    assert (shown["name"], shown["key"], shown["last_version"]) == ("Renting a flat", "flat", 0)
    assert shown["draft"] == {"etag": '"r1"', "updated_at": shown["created_at"], "based_on": None}
    draft = draft_of(tenant, shown)
    assert all(stage["id"] and all(t["id"] for t in stage["touchpoints"]) for stage in draft["stages"])


def test_a_name_is_enough_to_begin(tenant: Tenant) -> None:
    shown = tenant.client.call("POST", "/v1/journey-maps", {"name": "Empty yet"}).json()
    assert draft_of(tenant, shown) == {"etag": '"r1"', "format": 1, "name": "Empty yet"}


def test_every_issue_of_a_new_map_comes_at_once(tenant: Tenant) -> None:
    body = {
        "key": "No Key",
        "attributes": {"a": 1},
        "name": "twice",
        "document": {"name": "", "stages": [{"touchpoints": [{"name": "x", "importance": 2}]}]},
        "colour": "red",
    }
    answer = tenant.client.call("POST", "/v1/journey-maps", body)
    assert answer.status_code == 400
    found = {(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]}
    assert found == {
        ("/key", "invalid_format"),
        ("/attributes/a", "wrong_type"),
        ("/name", "not_both"),
        ("/colour", "unknown_field"),
        ("/document/name", "too_short"),
        ("/document/stages/0/name", "required"),
        ("/document/stages/0/touchpoints/0/importance", "out_of_range"),
    }


@pytest.mark.parametrize("body", [{}, {"name": None}, {"document": None}, {"document": 1}, {"name": 7}])
def test_a_map_needs_a_document_or_a_name(tenant: Tenant, body: dict) -> None:
    assert tenant.client.call("POST", "/v1/journey-maps", body).status_code == 400


@pytest.mark.parametrize(
    ("around", "wrong"),
    [
        ({"document": None, "name": "x"}, {("/document", "null")}),
        ({"document": None}, {("/document", "null")}),
        ({"document": {"name": "x"}, "name": None}, {("/name", "null")}),
        ({"name": "x", "key": None, "attributes": None}, {("/key", "null"), ("/attributes", "null")}),
        ({}, {("/document", "required")}),
    ],
)
def test_null_is_no_absence_around_the_document(tenant: Tenant, around: dict, wrong: set) -> None:
    answer = tenant.client.call("POST", "/v1/journey-maps", around)
    assert answer.status_code == 400
    assert {(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]} == wrong


def test_null_is_absence_inside_the_document(tenant: Tenant) -> None:
    document = {"name": "x", "description": None, "time_window": None, "stages": None}
    shown = make_map(tenant, document=document, etag=None)
    assert draft_of(tenant, shown) == {"etag": '"r1"', "format": 1, "name": "x"}


def test_a_key_is_accepted_wherever_an_id_is(tenant: Tenant) -> None:
    shown = make_map(tenant, key="flat")
    for suffix in ("", "/draft", "/draft/stages", "/versions", "/draft/touchpoints/visit"):
        by_key = tenant.client.call("GET", f"/v1/journey-maps/flat{suffix}")
        by_id = tenant.client.call("GET", f"/v1/journey-maps/{shown['id']}{suffix}")
        assert (by_key.status_code, by_key.content.replace(b"flat", shown["id"].encode())) == (
            200,
            by_id.content.replace(b"flat", shown["id"].encode()),
        )
    taken = tenant.client.call("POST", "/v1/journey-maps", {"name": "other", "key": "flat"})
    assert (taken.status_code, taken.json()["code"]) == (409, "key_taken")


def test_key_and_attributes_change_by_merge_patch_and_the_name_follows_the_draft(tenant: Tenant) -> None:
    shown = make_map(tenant, key="flat", attributes={"team": "a", "since": "2020"})
    assert tenant.client.call("PATCH", path(shown), {"key": "house"}).status_code == 428
    patch = {"key": "house", "attributes": {"team": None, "city": "Lyon"}}
    changed = tenant.client.call("PATCH", path(shown), patch, etag=shown["etag"])
    assert (changed.status_code, changed.json()["key"]) == (200, "house")
    assert changed.json()["attributes"] == {"since": "2020", "city": "Lyon"}
    stale = tenant.client.call("PATCH", path(shown), {"key": "hut"}, etag=shown["etag"])
    assert (stale.status_code, stale["ETag"]) == (412, changed["ETag"])
    renamed = tenant.client.call("PATCH", path(shown), {"name": "Other"}, etag=changed["ETag"])
    assert renamed.json()["errors"][0]["code"] == "read_only"
    echoed = tenant.client.call("PATCH", path(shown), changed.json(), etag=changed["ETag"])
    assert (echoed.status_code, echoed["ETag"]) == (200, changed["ETag"])
    plain = tenant.client.call(
        "PATCH", path(shown), {}, etag=changed["ETag"], content_type="application/json"
    )
    assert (plain.status_code, plain["Accept-Patch"]) == (415, "application/merge-patch+json")


def test_the_map_shows_what_its_draft_and_versions_did(tenant: Tenant) -> None:
    shown = make_map(tenant)
    tenant.client.call("PATCH", path(shown, "draft"), {"name": "Letting a flat"}, etag='"r1"')
    drafted = tenant.client.call("GET", path(shown)).json()
    assert (drafted["name"], drafted["draft"]["etag"]) == ("Letting a flat", '"r2"')
    assert drafted["etag"] != shown["etag"]
    publish(tenant, shown)
    published = tenant.client.call("GET", path(shown))
    assert (published.json()["last_version"], published.json()["draft"]["based_on"]) == (1, 1)
    again = tenant.client.call("GET", path(shown), If_None_Match=published["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_an_archived_map_leaves_the_lists_and_frees_its_key(tenant: Tenant) -> None:
    shown = make_map(tenant, key="flat")
    version = publish(tenant, shown)
    etag = tenant.client.call("GET", path(shown)).json()["etag"]
    assert tenant.client.call("DELETE", path(shown)).status_code == 428
    assert tenant.client.call("DELETE", path(shown), etag=etag).status_code == 204
    assert tenant.client.call("GET", "/v1/journey-maps").json()["results"] == []
    assert tenant.client.call("GET", "/v1/journey-maps/flat").status_code == 404
    assert make_map(tenant, key="flat")["id"] != shown["id"]
    for method, suffix, body in (
        ("GET", "", None),
        ("GET", "/draft", None),
        ("GET", "/draft/stages", None),
        ("GET", "/versions", None),
        ("GET", "/versions/1", None),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("PUT", "/draft", DOCUMENT),
        ("PATCH", "/draft", {}),
        ("POST", "/draft/stages", {"name": "x"}),
        ("POST", "/versions", {}),
    ):
        assert tenant.client.call(method, path(shown) + suffix, body, etag="*").status_code == 404, suffix
    before = version["published_at"].replace("+00:00", "Z")
    as_of = tenant.client.call("GET", path(shown, f"versions/latest?as_of={before}"))
    assert (as_of.status_code, as_of.json()["version"]["number"]) == (200, 1)


def test_lists_are_paged_and_filtered(tenant: Tenant) -> None:
    for number in range(5):
        tenant.client.call("POST", "/v1/journey-maps", {"name": f"Map 100% {number}", "key": f"m{number}"})
    found, where = [], "/v1/journey-maps?page_size=2"
    while where:
        page = tenant.client.call("GET", where).json()
        found += [row["key"] for row in page["results"]]
        where = page["next"]
    assert found == ["m0", "m1", "m2", "m3", "m4"]
    assert [r["key"] for r in tenant.client.call("GET", "/v1/journey-maps?key=m3").json()["results"]] == [
        "m3"
    ]
    assert len(tenant.client.call("GET", "/v1/journey-maps?q=100%25%204").json()["results"]) == 1
    assert tenant.client.call("GET", "/v1/journey-maps?q=100_").json()["results"] == []


def test_the_workspace_bounds_its_maps(tenant: Tenant) -> None:
    with tenant.enter():
        tenant.workspace.limits = {"journey_maps": 1}
        tenant.workspace.save()
    shown = make_map(tenant)
    refused = tenant.client.call("POST", "/v1/journey-maps", {"name": "one more"})
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    etag = tenant.client.call("GET", path(shown)).json()["etag"]
    tenant.client.call("DELETE", path(shown), etag=etag)
    assert tenant.client.call("POST", "/v1/journey-maps", {"name": "one more"}).status_code == 201


def test_an_idempotency_key_makes_one_map(tenant: Tenant) -> None:
    body = {"document": DOCUMENT}
    first = tenant.client.call("POST", "/v1/journey-maps", body, key="k")
    second = tenant.client.call("POST", "/v1/journey-maps", body, key="k")
    assert (second["Idempotency-Replayed"], second.content) == ("true", first.content)
    assert len(tenant.client.call("GET", "/v1/journey-maps").json()["results"]) == 1
