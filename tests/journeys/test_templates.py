"""Templates: the shipped ones are real documents; a published map becomes one; maps are made from them."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.document.canonical import to_plain
from journeys.document.shipped import SHIPPED
from journeys.document.validate import parse
from journeys.queries import shipped_templates
from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, names, path, publish

WHERE = "/v1/templates"
SECTORS = {
    "b2b-saas",
    "citizen-service",
    "e-commerce",
    "employee",
    "field-service",
    "housing",
    "patient",
    "retail-store",
    "streaming",
    "subscription",
    "travel",
}


def save(tenant: Tenant, shown: dict[str, Any], **members: Any) -> dict[str, Any]:
    body = {"journey_map": shown["id"], "name": "Ours", **members}
    answer = tenant.client.call("POST", WHERE, body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def ids_of(document: dict[str, Any]) -> set[str]:
    stages = document.get("stages", [])
    return {element["id"] for stage in stages for element in (stage, *stage.get("touchpoints", ()))}


def test_there_is_one_of_every_sector() -> None:
    assert set(shipped_templates()) == SECTORS


@pytest.mark.parametrize("key", sorted(SECTORS))
def test_a_shipped_template_is_a_whole_map(key: str) -> None:
    """Goals, people, channels, feelings marked as assumed, and what one would measure, everywhere."""
    found = shipped_templates()[key]
    document = parse(found.document)
    assert (found.name, found.description) == (document.name, document.description)
    vocabulary = SHIPPED[document.stage_vocabulary]
    assert [stage.key for stage in document.stages] == [word.key for word in vocabulary.words]
    assert document.cyclic == vocabulary.cyclic
    assert document.customer_goal
    assert document.organisation_objective
    assert document.outcome.event
    assert all(persona.goals and persona.needs and persona.frustrations for persona in document.personas)
    assert document.personas
    assert all(stage.customer_goal and stage.touchpoints for stage in document.stages)
    touchpoints = list(document.touchpoints())
    assert len(touchpoints) >= 11
    assert sum(touchpoint.moment_of_truth for touchpoint in touchpoints) >= 2
    known = {term.key for term in SHIPPED["channels"].words}
    kinds = {"communication", "action", "decision", "waiting", "advertising", "website", "support", ""}
    for touchpoint in touchpoints:
        assert touchpoint.key
        assert set(touchpoint.channels) <= known
        assert touchpoint.kind in kinds
        assert touchpoint.attributes["suggested_kpis"]
        assert touchpoint.opportunities or touchpoint.pains or touchpoint.gains
        felt = touchpoint.visibility == "back" or touchpoint.emotions
        assert felt
        for _, entries in touchpoint.lanes():
            assert {getattr(entry, "evidence", "assumed") for entry in entries} == {"assumed"}
    assert {len(to_plain(t)) > 6 for t in touchpoints} == {True}


def test_templates_are_listed_and_read(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    own = save(tenant, shown, key="flat", sector="housing", attributes={"team": "cx"})
    listed = tenant.client.call("GET", WHERE).json()["results"]
    assert [one["key"] for one in listed] == [*sorted(SECTORS), "flat"]
    assert listed[-1] == {name: value for name, value in own.items() if name != "document"}
    assert (listed[0]["origin"], listed[0]["stages"], listed[0]["touchpoints"]) == ("shipped", 6, 13)
    housing = tenant.client.call("GET", f"{WHERE}?sector=Housing").json()["results"]
    assert {one["key"] for one in housing} == {"housing", "flat"}
    assert [o["key"] for o in tenant.client.call("GET", f"{WHERE}?q=travel").json()["results"]] == ["travel"]
    read = tenant.client.call("GET", f"{WHERE}/flat")
    assert (read.json(), read["ETag"]) == (own, own["etag"])
    shipped = tenant.client.call("GET", f"{WHERE}/patient")
    assert shipped.json()["document"] == shipped_templates()["patient"].document
    held = tenant.client.call("GET", f"{WHERE}/patient", If_None_Match=shipped["ETag"])
    assert held.status_code == 304


def test_a_map_is_made_from_a_shipped_template(tenant: Tenant) -> None:
    made = [
        tenant.client.call("POST", "/v1/journey-maps", {"template": "patient", "name": f"Ward {n}"}).json()
        for n in (1, 2)
    ]
    drafts = [draft_of(tenant, shown) for shown in made]
    assert [draft["name"] for draft in drafts] == ["Ward 1", "Ward 2"]
    assert not ids_of(drafts[0]) & ids_of(drafts[1])
    assert names(drafts[0]) == names(dict(shipped_templates()["patient"].document))
    plain = tenant.client.call("POST", "/v1/journey-maps", {"template": "patient", "key": "p"}).json()
    assert plain["name"] == shipped_templates()["patient"].name
    assert publish(tenant, made[0])["number"] == 1


def test_a_published_map_becomes_a_template(tenant: Tenant) -> None:
    document = DOCUMENT | {"transitions": [{"from": "adverts", "to": "visit"}]}
    shown = make_map(tenant, document=document)
    draft = draft_of(tenant, shown)
    publish(tenant, shown)
    saved = save(tenant, shown, version=1)
    tenant.client.call("PUT", path(shown, "draft"), {"name": "Other"}, etag="*")
    publish(tenant, shown)
    assert (saved["journey_map"], saved["version"], saved["actor_kind"]) == (shown["id"], 1, "tenant")
    made = tenant.client.call("POST", "/v1/journey-maps", {"template": saved["id"]}).json()
    copy = draft_of(tenant, made)
    assert copy["name"] == "Ours"
    assert names(copy) == names(draft)
    assert not ids_of(copy) & ids_of(draft)
    ends = copy["transitions"][0]
    assert {ends["from"], ends["to"]} <= ids_of(copy)
    latest = save(tenant, shown)
    assert (latest["version"], latest["stages"]) == (2, 0)


def test_a_template_lets_go_of_the_past_and_of_the_map_above(tenant: Tenant) -> None:
    above = make_map(tenant)
    publish(tenant, above)
    touchpoint = draft_of(tenant, above)["stages"][0]["touchpoints"][0]["id"]
    shown = make_map(
        tenant, document={"name": "d", "stages": [{"name": "s"}], "parent_touchpoint": touchpoint}
    )
    old = draft_of(tenant, shown)["stages"][0]["id"]
    tenant.client.call(
        "PATCH", path(shown, "draft"), {"stages": [{"name": "t", "continues": [old]}]}, etag="*"
    )
    publish(tenant, shown)
    made = tenant.client.call("POST", "/v1/journey-maps", {"template": save(tenant, shown)["id"]}).json()
    copy = draft_of(tenant, made)
    assert "parent_touchpoint" not in copy
    assert "continues" not in copy["stages"][0]
    assert publish(tenant, made)["number"] == 1


def test_what_is_said_of_a_template_changes_and_its_source_does_not(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    saved = save(tenant, shown, key="flat")
    where = f"{WHERE}/flat"
    assert tenant.client.call("PATCH", where, {"name": "x"}).status_code == 428
    changed = tenant.client.call("PATCH", where, {"name": "Flat", "sector": "homes"}, etag=saved["etag"])
    assert (changed.json()["name"], changed.json()["sector"]) == ("Flat", "homes")
    assert tenant.client.call("PATCH", where, {}, etag=saved["etag"]).status_code == 412
    source = tenant.client.call("PATCH", where, {"version": 9}, etag="*")
    assert source.json()["errors"][0]["pointer"] == "/version"
    echoed = tenant.client.call("PATCH", where, changed.json(), etag=changed.json()["etag"])
    assert (echoed.status_code, echoed.json()) == (200, changed.json())
    assert tenant.client.call("DELETE", where, etag=changed.json()["etag"]).status_code == 204
    assert tenant.client.call("GET", where).status_code == 404
    for method, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
        refused = tenant.client.call(method, f"{WHERE}/patient", body, etag="*")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_editable")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"template": "nothing"}, ("/template", "unknown_reference")),
        ({"template": "No Slug"}, ("/template", "invalid_format")),
        ({"template": "patient", "document": {"name": "x"}}, ("/template", "not_both")),
        ({"name": "x", "document": {"name": "x"}}, ("/name", "not_both")),
        ({}, ("/document", "required")),
    ],
)
def test_a_map_starts_from_one_thing(tenant: Tenant, body: dict[str, Any], expected: tuple[str, str]) -> None:
    answer = tenant.client.call("POST", "/v1/journey-maps", body)
    assert answer.status_code == 400
    assert [(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]] == [expected]


def test_only_what_is_there_is_saved(tenant: Tenant, stranger: Tenant) -> None:
    shown = make_map(tenant)
    body = {"journey_map": shown["id"], "name": "x"}
    assert tenant.client.call("POST", WHERE, body).status_code == 404
    publish(tenant, shown)
    assert tenant.client.call("POST", WHERE, body | {"version": 2}).status_code == 404
    assert stranger.client.call("POST", WHERE, body).status_code == 404
    taken = tenant.client.call("POST", WHERE, body | {"key": "patient"})
    assert (taken.status_code, taken.json()["code"]) == (409, "key_taken")
    saved = save(tenant, shown, key="mine")
    for ref in ("mine", saved["id"]):
        assert stranger.client.call("GET", f"{WHERE}/{ref}").status_code == 404
        assert stranger.client.call("DELETE", f"{WHERE}/{ref}", etag="*").status_code == 404
        assert stranger.client.call("POST", "/v1/journey-maps", {"template": ref}).status_code == 400
    assert {one["origin"] for one in stranger.client.call("GET", WHERE).json()["results"]} == {"shipped"}
    assert tenant.key("maps:write").call("GET", WHERE).status_code == 403
    assert tenant.key("maps:read").call("POST", WHERE, body).status_code == 403
    for method in ("PATCH", "DELETE"):
        assert tenant.key("maps:read").call(method, f"{WHERE}/mine", {}, etag="*").status_code == 403
