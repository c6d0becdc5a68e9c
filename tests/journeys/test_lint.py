"""GET …/lint: of the draft, of versions, with KPIs, for strangers and over conditional requests."""

from __future__ import annotations

from typing import Any

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish


def told(tenant: Tenant, shown: dict[str, Any], moment: str = "") -> dict[str, Any]:
    answer = tenant.client.call("GET", path(shown, "lint") + (f"?moment={moment}" if moment else ""))
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def codes(answer: dict[str, Any]) -> set[str]:
    return {remark["code"] for remark in answer["remarks"]}


def test_advice_follows_the_draft_and_stays_with_versions(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    before = told(tenant, shown)
    assert {"map_without_goal", "touchpoint_without_channel", "touchpoint_without_kpi"} <= codes(before)
    assert before["coverage"]["kpis"] == {"measured": 0, "share": 0.0}
    etag = draft_of(tenant, shown)["etag"]
    answer = tenant.client.call("PATCH", path(shown, "draft"), {"customer_goal": "A home"}, etag=etag)
    assert answer.status_code == 200, answer.content
    assert "map_without_goal" not in codes(told(tenant, shown))
    assert "map_without_goal" in codes(told(tenant, shown, "1"))
    assert told(tenant, shown, "latest")["moment"]["version"] == 1


def test_a_bound_kpi_is_coverage(tenant: Tenant) -> None:
    shown = make_map(tenant)
    kpi = {"key": "visits", "name": "Visits", "kind": "visitors"}
    assert tenant.client.call("POST", "/v1/kpis", kpi).status_code == 201
    body = {"kpi": "visits", "element": "sign"}
    assert tenant.client.call("POST", path(shown, "bindings"), body).status_code == 201
    found = told(tenant, shown)
    assert found["coverage"]["kpis"] == {"measured": 1, "share": 0.3333}
    bare = {one["name"] for one in found["remarks"] if one["code"] == "touchpoint_without_kpi"}
    assert bare == {"Reads adverts", "Visits"}


def test_the_persona_of_a_version_is_held_against_the_library(tenant: Tenant) -> None:
    made = tenant.client.call("POST", "/v1/personas", {"name": "Ada", "goals": ["Rent"]}).json()
    shown = make_map(tenant, {"name": "m", "personas": [{"id": made["id"]}]})
    publish(tenant, shown)
    assert "persona_outdated" not in codes(told(tenant, shown, "1"))
    answer = tenant.client.call("PATCH", f"/v1/personas/{made['id']}", {"goals": ["Buy"]}, etag=made["etag"])
    assert answer.status_code == 200, answer.content
    [found] = [one for one in told(tenant, shown, "1")["remarks"] if one["code"] == "persona_outdated"]
    assert found["differences"] == [{"field": "goals", "here": ["Rent"], "library": ["Buy"]}]
    assert "persona_outdated" not in codes(told(tenant, shown))  # the draft refers to the library


def test_what_is_known_is_not_sent_again(tenant: Tenant) -> None:
    shown = make_map(tenant)
    first = tenant.client.call("GET", path(shown, "lint"))
    again = tenant.client.call("GET", path(shown, "lint"), If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_strangers_and_bad_moments(tenant: Tenant, stranger: Tenant) -> None:
    shown = make_map(tenant)
    assert stranger.client.call("GET", path(shown, "lint")).status_code == 404
    for moment in ("yesterday", "0"):  # at 0 nothing is said yet that could be weak
        answer = tenant.client.call("GET", path(shown, "lint") + f"?moment={moment}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/moment")
    answer = tenant.client.call("GET", path(shown, "comparison") + f"?with={shown['id']}@0")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/with")
    answer = tenant.client.call("POST", path(shown, "copies"), {"from": "0"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/from")
