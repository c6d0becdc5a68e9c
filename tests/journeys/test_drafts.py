"""The draft over HTTP: written whole, by either patch, discarded; its elements get their identity."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.ids import new_id
from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, names, path, publish

MERGE, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"


def element_ids(document: dict[str, Any]) -> dict[str, str]:
    """Return {name: id} of stages and touchpoints."""
    found = {stage["name"]: stage["id"] for stage in document["stages"]}
    return found | {t["name"]: t["id"] for stage in document["stages"] for t in stage.get("touchpoints", ())}


def test_what_get_shows_can_be_put_back_and_changes_nothing(tenant: Tenant) -> None:
    shown = make_map(tenant)
    read = tenant.client.call("GET", path(shown, "draft"))
    assert read["ETag"] == read.json()["etag"] == '"r1"'
    written = tenant.client.call("PUT", path(shown, "draft"), read.content, etag=read["ETag"])
    assert (written.status_code, written["ETag"], written.content) == (200, '"r1"', read.content)
    known = tenant.client.call("GET", path(shown, "draft"), If_None_Match=read["ETag"])
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", '"r1"')


def test_a_put_mints_ids_keeps_those_it_names_and_makes_a_new_revision(tenant: Tenant) -> None:
    shown = make_map(tenant)
    draft = draft_of(tenant, shown)
    before = element_ids(draft)
    search, contract = draft["stages"]
    contract["touchpoints"].insert(0, search["touchpoints"].pop(1) | {"name": "Views"})
    draft["stages"] = [contract, search, {"name": "Living", "touchpoints": [{"name": "Moves in"}]}]
    answer = tenant.client.call("PUT", path(shown, "draft"), draft, etag='"r1"')
    assert (answer.status_code, answer["ETag"]) == (200, '"r2"')
    after = element_ids(answer.json())
    assert names(answer.json()) == [
        ["Contract", "Views", "Signs"],
        ["Search", "Reads adverts"],
        ["Living", "Moves in"],
    ]
    assert after["Views"] == before["Visits"]
    assert all(after[name] == own for name, own in before.items() if name != "Visits")
    assert draft_of(tenant, shown) == answer.json()


@pytest.mark.parametrize(("method", "body"), [("PUT", DOCUMENT), ("PATCH", {"name": "x"}), ("DELETE", None)])
def test_changes_need_the_current_etag(tenant: Tenant, method: str, body: Any) -> None:
    shown = make_map(tenant)
    where = path(shown, "draft")
    assert tenant.client.call(method, where, body).json()["code"] == "precondition_required"
    stale = tenant.client.call(method, where, body, etag='"r7"')
    assert (stale.status_code, stale["ETag"]) == (412, '"r1"')
    assert tenant.client.call(method, where, body, etag="r1").status_code == 400
    weak = tenant.client.call(method, where, body, etag='W/"r1"')
    assert weak.status_code == (409 if method == "DELETE" else 200)


def test_a_broken_document_is_told_with_every_place(tenant: Tenant) -> None:
    shown = make_map(tenant)
    document = {
        "name": "x",
        "stages": [
            {"name": "s", "key": "k", "touchpoints": [{"name": "t", "key": "k", "lane_items": {"no": []}}]}
        ],
        "transitions": [{"from": "k", "to": "nowhere"}],
        "surprise": 1,
    }
    answer = tenant.client.call("PUT", path(shown, "draft"), document, etag="*")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_document")
    found = {(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]}
    assert {
        ("/stages/0/touchpoints/0/key", "duplicate_key"),
        ("/transitions/0/to", "unknown_reference"),
        ("/surprise", "unknown_field"),
    } <= found
    assert draft_of(tenant, shown)["etag"] == '"r1"'


def test_a_merge_patch_touches_what_it_names(tenant: Tenant) -> None:
    shown = make_map(tenant, document=DOCUMENT | {"scenario": "Two months' notice"})
    before = draft_of(tenant, shown)
    patch = {"name": "Renting", "scenario": None, "time_window": {"label": "spring"}}
    answer = tenant.client.call("PATCH", path(shown, "draft"), patch, etag='"r1"', content_type=MERGE)
    expected = before | {"name": "Renting", "time_window": {"label": "spring"}, "etag": '"r2"'}
    del expected["scenario"]
    assert (answer.status_code, answer.json()) == (200, expected)
    same = tenant.client.call("PATCH", path(shown, "draft"), patch, etag='"r2"', content_type=MERGE)
    assert same["ETag"] == '"r2"'


def test_a_json_patch_applies_whole_or_not_at_all(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, "draft")
    operations = [
        {"op": "test", "path": "/etag", "value": '"r1"'},
        {"op": "move", "from": "/stages/0/touchpoints/0", "path": "/stages/1/touchpoints/-"},
        {"op": "add", "path": "/stages/0/touchpoints/-", "value": {"name": "Calls"}},
    ]
    answer = tenant.client.call("PATCH", where, operations, etag='"r1"', content_type=JSON_PATCH)
    assert names(answer.json()) == [["Search", "Visits", "Calls"], ["Contract", "Signs", "Reads adverts"]]
    failing = [{"op": "remove", "path": "/stages/0"}, {"op": "test", "path": "/name", "value": "Other"}]
    failed = tenant.client.call("PATCH", where, failing, etag='"r2"', content_type=JSON_PATCH)
    assert (failed.status_code, failed.json()["code"]) == (409, "patch_test_failed")
    nowhere = [{"op": "remove", "path": "/stages/9"}]
    refused = tenant.client.call("PATCH", where, nowhere, etag='"r2"', content_type=JSON_PATCH)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/0")
    many = [{"op": "test", "path": "/format", "value": 1}] * 501
    assert tenant.client.call("PATCH", where, many, etag='"r2"', content_type=JSON_PATCH).status_code == 400
    breaking = [{"op": "remove", "path": "/name"}]
    broken = tenant.client.call("PATCH", where, breaking, etag='"r2"', content_type=JSON_PATCH)
    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_document")
    assert draft_of(tenant, shown) == answer.json()


@pytest.mark.parametrize(
    ("method", "content_type"),
    [("PATCH", "application/json"), ("PUT", MERGE), ("PUT", "text/plain"), ("PATCH", "text/plain")],
)
def test_content_types_are_told_apart(tenant: Tenant, method: str, content_type: str) -> None:
    shown = make_map(tenant)
    answer = tenant.client.call(method, path(shown, "draft"), DOCUMENT, etag="*", content_type=content_type)
    assert answer.status_code == 415
    told = answer["Accept-Patch"] if method == "PATCH" else answer["Accept-Post"]
    documents = "application/json, text/csv, text/vnd.mermaid, application/vnd.mermaid"
    assert told == (f"{MERGE}, {JSON_PATCH}" if method == "PATCH" else documents)


def test_discarding_goes_back_to_the_version_published_last(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, "draft")
    never = tenant.client.call("DELETE", where, etag="*")
    assert (never.status_code, never.json()["code"]) == (409, "never_published")
    publish(tenant, shown)
    published = draft_of(tenant, shown)
    changed = tenant.client.call("PUT", where, {"name": "All new"}, etag=published["etag"])
    back = tenant.client.call("DELETE", where, etag=changed["ETag"])
    assert (back.status_code, back.json()) == (200, published | {"etag": '"r3"'})
    again = tenant.client.call("DELETE", where, etag=back["ETag"])
    assert again["ETag"] == '"r3"'
    assert tenant.client.call("GET", path(shown)).json()["name"] == "Renting a flat"


def test_an_id_belongs_to_one_map(tenant: Tenant, stranger: Tenant) -> None:
    ours = draft_of(tenant, make_map(tenant))
    other = make_map(tenant, document={"name": "Other"})
    theirs = make_map(stranger, document={"name": "Theirs"})
    for who, shown in ((tenant, other), (stranger, theirs)):
        answer = who.client.call("PUT", path(shown, "draft"), ours, etag="*")
        assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")
        found = {(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]}
        assert ("/stages/1/touchpoints/0/id", "id_of_other_map") in found
        assert len(found) == 5
    made = tenant.client.call("POST", "/v1/journey-maps", {"document": ours})
    assert (made.status_code, made.json()["errors"][0]["pointer"]) == (409, "/document/stages/0/id")
    assert draft_of(tenant, other)["etag"] == '"r1"'


def test_an_id_keeps_its_kind_and_may_come_back(tenant: Tenant) -> None:
    shown = make_map(tenant)
    draft = draft_of(tenant, shown)
    ids = element_ids(draft)
    turned = {"name": "x", "stages": [{"name": "s", "id": ids["Visits"]}]}
    answer = tenant.client.call("PUT", path(shown, "draft"), turned, etag="*")
    assert answer.status_code == 409
    assert {(i["pointer"], i["code"]) for i in answer.json()["errors"]} == {("/stages/0/id", "kind_changed")}
    tenant.client.call("PUT", path(shown, "draft"), {"name": "bare"}, etag="*")
    back = tenant.client.call("PUT", path(shown, "draft"), draft, etag="*")
    assert (back.status_code, element_ids(back.json())) == (200, ids)


def test_the_id_of_the_map_is_an_id_like_any_other(tenant: Tenant) -> None:
    shown = make_map(tenant, document={"name": "x"})
    same = str(shown["id"])
    document = {"name": "x", "personas": [{"id": str(new_id()), "name": "P"}]}
    for part in ({"stages": [{"name": "s", "id": same}]}, {"personas": [{"name": "p", "id": same}]}):
        answer = tenant.client.call("PUT", path(shown, "draft"), document | part, etag="*")
        assert answer.status_code == 200
        assert draft_of(tenant, shown) == answer.json()
        publish(tenant, shown)


def test_a_persona_may_become_a_stage(tenant: Tenant) -> None:
    """One id in two parts of the document, one after the other."""
    own = str(new_id())
    shown = make_map(tenant, document={"name": "x", "personas": [{"name": "p", "id": own}]})
    publish(tenant, shown)
    as_stage = {"name": "x", "stages": [{"name": "s", "id": own}]}
    written = tenant.client.call("PUT", path(shown, "draft"), as_stage, etag="*")
    assert written.status_code == 200
    published = publish(tenant, shown)
    assert published["elements"] == {"added": [own], "removed": [], "kept": []}
    version = tenant.client.call("GET", path(shown, "versions", "2")).json()
    assert version["document"] == {k: v for k, v in written.json().items() if k != "etag"}


def test_a_writer_of_an_older_format_cannot_erase_what_it_does_not_know(tenant: Tenant) -> None:
    """Format 2 brought `outcome`: an old client must not lose it by sending back the rest."""
    shown = make_map(tenant, document={"name": "x", "outcome": {"event": "moved in"}})
    draft = draft_of(tenant, shown)
    assert draft["format"] == 2
    old = tenant.client.call("PUT", path(shown, "draft"), {"name": "y", "format": 1}, etag="*")
    assert (old.status_code, old.json()["code"]) == (409, "format_too_old")
    assert [i["pointer"] for i in old.json()["errors"]] == ["/outcome"]
    silent = tenant.client.call("PUT", path(shown, "draft"), {"name": "y"}, etag="*")
    assert silent.status_code == 409
    patched = tenant.client.call("PATCH", path(shown, "draft"), {"name": "y"}, etag="*")
    assert (patched.status_code, patched.json()["outcome"]) == (200, {"event": "moved in"})
    added = tenant.client.call("POST", path(shown, "draft", "stages"), {"name": "s"})
    assert added.status_code == 201
    assert draft_of(tenant, shown)["format"] == 2
    assert publish(tenant, shown)["format"] == 2
    bare = {"name": "y", "format": 2}
    dropped = tenant.client.call("PUT", path(shown, "draft"), bare, etag="*")
    assert (dropped.status_code, dropped.json()["format"]) == (200, 1)


def test_one_edit_of_an_element_brings_a_new_format_and_another_takes_it_back(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, "draft", "touchpoints", "visit")
    felt = {"emotions": [{"scale": "dimensional", "value": -0.5, "arousal": 0.8}]}
    assert tenant.client.call("PATCH", where, felt, etag="*").status_code == 200
    assert draft_of(tenant, shown)["format"] == 2
    assert publish(tenant, shown)["format"] == 2
    assert tenant.client.call("PATCH", where, {"emotions": None}, etag="*").status_code == 200
    assert draft_of(tenant, shown)["format"] == 1


HOSTILE = [
    (b"", "invalid_json"),
    (b"null", "not_an_object"),
    (b"[]", "not_an_object"),
    (b'{"name":"a","name":"b"}', "invalid_json"),
    (b'{"name":"\\u0000"}', "invalid_json"),
    (b'{"name":"\\ud800"}', "invalid_json"),
    (b'{"name":NaN}', "invalid_json"),
    (b"[" * 100_000, "invalid_json"),
    (b'\xff{"name":"x"}', "invalid_json"),
    (b'{"name":"x","stages":[' + b"[" * 70 + b"]" * 70 + b"]}", "invalid_json"),
    (b'{"name":"x","stages":{"0":{}}}', "invalid_document"),
    (b'{"name":"x","personas":[{"id":"x"}]}', "invalid_document"),
    (b'{"name":"x","format":99}', "invalid_document"),
    (b'{"name":"x","format":1e400}', "invalid_json"),
    (b'{"name":"x","etag":["r1"],"stages":7}', "invalid_document"),
]


@pytest.mark.parametrize(("body", "code"), HOSTILE)
def test_hostile_bytes_are_refused_by_name(tenant: Tenant, body: bytes, code: str) -> None:
    shown = make_map(tenant, document={"name": "x"})
    answer = tenant.client.call("PUT", path(shown, "draft"), body or b" ", etag="*")
    assert (answer.status_code, answer.json()["code"]) in {(400, code), (400, "validation_error")}, (
        answer.json()
    )
    assert draft_of(tenant, shown) == {"etag": '"r1"', "format": 1, "name": "x"}


def test_a_document_of_four_mebibytes_passes_and_no_more(tenant: Tenant) -> None:
    shown = make_map(tenant, document={"name": "x"})
    touchpoints = [{"name": str(n), "actions": [{"text": "é" * 1990}] * 9} for n in range(100)]
    document = {"name": "x", "stages": [{"name": "s", "touchpoints": touchpoints}]}
    body = json.dumps(document, ensure_ascii=False).encode()
    assert 3 * 2**20 < len(body) < 4 * 2**20
    assert tenant.client.call("PUT", path(shown, "draft"), body, etag="*").status_code == 200
    publish(tenant, shown)
    padded = body + b" " * (4 * 2**20 + 1 - len(body))
    assert tenant.client.call("PUT", path(shown, "draft"), padded, etag="*").status_code == 413


def test_elements_of_a_map_are_bounded(tenant: Tenant) -> None:
    shown = make_map(tenant)
    with tenant.enter():
        tenant.workspace.limits = {"elements": 5}
        tenant.workspace.save()
    refused = tenant.client.call("POST", path(shown, "draft", "stages"), {"name": "one more"})
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    assert tenant.client.call("PATCH", path(shown, "draft"), {"name": "y"}, etag="*").status_code == 200
