"""KPIs over HTTP: filled up from their kind, revised without mixing values, archived when not needed."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from kpis.models.bindings import Rule
from kpis.models.definitions import KpiRevision, Series
from kpis.series.kinds import KINDS
from tests.conftest import ApiClient, Tenant
from tests.kpis.at_once import at_once
from tests.kpis.make_readings import codes, kpi, record


def change(tenant: Tenant, shown: dict, status: int = 200, **patch: Any) -> dict:
    answer = tenant.client.call("PATCH", f"/v1/kpis/{shown['id']}", patch, etag=shown["etag"])
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_kpi_is_filled_up_from_its_kind(tenant: Tenant) -> None:
    shown = kpi(tenant, "nps", "nps", name="Promoters", owner="CX", attributes={"team": "cx"})
    server = {name: shown.pop(name) for name in ("id", "etag", "created_at", "updated_at", "archived_at")}
    assert server["archived_at"] is None
    assert shown == {
        "key": "nps",
        "name": "Promoters",
        "description": "",
        "owner": "CX",
        "attributes": {"team": "cx"},
        "revision": 1,
        "measure": 1,
        "kind": "nps",
        "method": "net",
        "unit": "points",
        "currency": None,
        "direction": "up",
        "input": "distribution",
        "holds": "figures",
        "period": "month",
        "zone": "UTC",
        "scale_min": 0,
        "scale_max": 10,
        "lower": -100,
        "upper": 100,
        "sampled": True,
        "min_n": 30,
        "settle_s": 0,
        "stock_unit": None,
        "trials": None,
        "pauses": None,
        "plan_switches": None,
        "loss_at": None,
        "window_s": None,
        "dedupe": None,
        "expression": None,
        "numerator_kpi": None,
        "denominator_kpi": None,
        "plausibility": None,
        "combine": None,
        "total": None,
        "invited_kpi": None,
        "feeds": [],
        "thresholds": None,
    }


def test_a_shown_kpi_can_be_sent_back(tenant: Tenant) -> None:
    shown = kpi(tenant, "csat", "csat", thresholds={"target": 0.8, "warn": 0.7})
    copy = tenant.client.call("POST", "/v1/kpis", {**shown, "key": "copy"})
    assert copy.status_code == 201, copy.content
    own = {"id", "key", "etag", "created_at", "updated_at"}
    assert {k: v for k, v in copy.json().items() if k not in own} == {
        k: v for k, v in shown.items() if k not in own
    }
    assert change(tenant, shown, **{name: shown[name] for name in shown}) == shown


def test_periods_begin_in_the_workspaces_zone_unless_said(tenant: Tenant) -> None:
    workspace = tenant.client.call("GET", "/v1/workspace").json()
    tenant.client.call("PATCH", "/v1/workspace", {"zone": "Europe/Paris"}, etag=workspace["etag"])
    assert kpi(tenant, "a", "visitors")["zone"] == "Europe/Paris"
    assert kpi(tenant, "b", "visitors", zone="Asia/Tokyo")["zone"] == "Asia/Tokyo"


@pytest.mark.parametrize("ref", ["id", "key"])
def test_a_key_serves_wherever_an_id_does(tenant: Tenant, ref: str) -> None:
    shown = kpi(tenant, "visits", "visitors")
    answer = tenant.client.call("GET", f"/v1/kpis/{shown[ref]}")
    assert (answer.json(), answer["ETag"]) == (shown, shown["etag"])


def test_what_only_judges_keeps_the_series(tenant: Tenant) -> None:
    shown = kpi(tenant, "nps", "nps")
    changed = change(tenant, shown, min_n=5, direction="none")
    assert (changed["revision"], changed["measure"], changed["min_n"]) == (2, 1, 5)
    record(tenant, "nps", distribution={"10": 1}, period="2026-02")
    with tenant.enter():
        assert list(Series.objects.values_list("revision", flat=True)) == [1]


def test_what_is_measured_opens_series_of_its_own(tenant: Tenant) -> None:
    shown = kpi(tenant, "csat", "csat")
    record(tenant, "csat", distribution={"5": 3}, period="2026-02")
    changed = change(tenant, shown, method="mean", scale_max=7)
    assert (changed["revision"], changed["measure"], changed["unit"], changed["upper"]) == (2, 2, "score", 7)
    again = record(tenant, "csat", distribution={"7": 3}, period="2026-02")
    assert (again["outcome"], again["measure"]) == ("created", 2)
    with tenant.enter():
        assert sorted(Series.objects.values_list("revision", flat=True)) == [1, 2]
        first, second = KpiRevision.objects.order_by("number")
        assert first.valid_from == tenant.workspace.history_from < second.valid_from


def test_another_method_keeps_what_does_not_depend_on_it(tenant: Tenant) -> None:
    shown = kpi(tenant, "csat", "csat", input="answers", zone="Europe/Paris", period="day", min_n=3)
    changed = change(tenant, shown, method="mean")
    kept = {name: changed[name] for name in ("input", "holds", "zone", "period", "min_n")}
    assert kept == {
        "input": "answers",
        "holds": "events",
        "zone": "Europe/Paris",
        "period": "day",
        "min_n": 30,
    }


def test_null_says_null_where_null_is_something_to_say(tenant: Tenant) -> None:
    shown = kpi(tenant, "sus", "sus")
    assert change(tenant, shown, period=None)["period"] is None


def test_rules_are_kept_in_time(tenant: Tenant) -> None:
    shown = kpi(tenant, "csat", "csat", thresholds={"target": 0.8, "warn": 0.7})
    shown = change(tenant, shown, thresholds={"warn": 0.75})
    assert shown["thresholds"] == {"target": 0.8, "warn": 0.75}
    shown = change(tenant, shown, name="other")
    assert change(tenant, shown, thresholds=None)["thresholds"] is None
    with tenant.enter():
        rows = list(Rule.objects.filter(kpi_id=shown["id"]).order_by("recorded_at"))
    assert [row.rules and float(row.rules["warn"]) for row in rows] == [0.7, 0.75, None]
    assert rows[0].valid_from == tenant.workspace.history_from
    assert rows[0].recorded_at < rows[1].recorded_at < rows[2].recorded_at


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {("/name", "required"), ("/kind", "required")}),
        ({"name": "x", "kind": "npz"}, {("/kind", "unknown_kind")}),
        ({"name": "x", "kind": "csat", "method": "median"}, {("/method", "unknown_method")}),
        ({"name": "x", "kind": "nps", "scale_max": 5}, {("/scale_max", "fixed_scale")}),
        ({"name": "x", "kind": "revenue"}, {("/currency", "currency")}),
        ({"name": "x", "kind": "nps", "period": "fortnight"}, {("/period", "choice")}),
        ({"name": "x", "kind": "nps", "min_n": "3"}, {("/min_n", "invalid")}),
        ({"name": "x", "kind": "nps", "thresholds": {"warn": 400}}, {("/thresholds/warn", "out_of_bounds")}),
        ({"name": "x", "kind": "nps", "colour": 1}, {("/colour", "unknown_field")}),
        ({"name": "x", "kind": "nps", "numerator_kpi": "y"}, {("/numerator_kpi", "not_taken")}),
        (
            {"name": "x", "kind": "ratio"},
            {("/numerator_kpi", "required"), ("/denominator_kpi", "required")},
        ),
        (
            {"name": "x", "kind": "ratio", "numerator_kpi": "visits", "denominator_kpi": "nobody"},
            {("/denominator_kpi", "unknown_kpi")},
        ),
        (
            {"name": "x", "kind": "ratio", "numerator_kpi": "visits", "denominator_kpi": "yearly"},
            {("/denominator_kpi", "period_too_long")},
        ),
        (
            {"name": "x", "kind": "ratio", "numerator_kpi": "visits", "denominator_kpi": "paris"},
            {("/denominator_kpi", "zone_mismatch")},
        ),
        (
            {"name": "x", "kind": "ratio", "numerator_kpi": "visits", "denominator_kpi": "load"},
            {("/denominator_kpi", "no_period")},
        ),
        (
            {
                "name": "x",
                "kind": "ratio",
                "numerator_kpi": "visits",
                "denominator_kpi": "visits",
                "expression": "1",
            },
            {("/expression", "not_taken")},
        ),
        ({"name": "x", "kind": "nps", "expression": "visits"}, {("/expression", "not_taken")}),
        ({"name": "x", "kind": "derived", "unit": "visits"}, {("/expression", "required")}),
        ({"name": "x", "kind": "derived", "expression": "visits + "}, {("/expression", "expression")}),
        ({"name": "x", "kind": "derived", "expression": "1 + 2"}, {("/expression", "no_kpi")}),
        ({"name": "x", "kind": "derived", "expression": "visits-load"}, {("/expression", "unknown_kpi")}),
        (
            {"name": "x", "kind": "derived", "expression": "visits + paris"},
            {("/expression", "zone_mismatch")},
        ),
        (
            {"name": "x", "kind": "derived", "expression": "visits / load", "unit": "x"},
            {("/expression", "no_period")},
        ),
        ({"name": "x", "kind": "derived", "expression": "visits + rate"}, {("/expression", "unit_mismatch")}),
        ({"name": "x", "kind": "derived", "expression": "wait - wait", "unit": "count"}, {("/unit", "unit")}),
        ({"name": "x", "kind": "derived", "expression": "visits * 2"}, {("/unit", "unit")}),
        (
            {"name": "x", "kind": "derived", "expression": "visits + yearly", "period": "week"},
            {("/expression", "period_too_long")},
        ),
    ],
)
def test_what_a_kpi_cannot_be_is_named(tenant: Tenant, body: dict, wrong: set) -> None:
    kpi(tenant, "visits", "visitors")
    kpi(tenant, "yearly", "visitors", period="year")
    kpi(tenant, "paris", "visitors", zone="Europe/Paris")
    kpi(tenant, "load", "gauge", unit="requests")
    kpi(tenant, "rate", "conversion")
    kpi(tenant, "wait", "time_on_task", method="mean")
    answer = tenant.client.call("POST", "/v1/kpis", body)
    assert (answer.status_code, codes(answer.json())) == (400, wrong)


def test_a_ratio_takes_time_from_its_parts_and_no_readings(tenant: Tenant) -> None:
    for key in ("went", "came"):
        kpi(tenant, key, "visitors", period="day", zone="Europe/Paris")
    shown = kpi(tenant, "conversion", "ratio", numerator_kpi="went", denominator_kpi="came")
    assert (shown["period"], shown["zone"], shown["input"]) == ("day", "Europe/Paris", "none")
    assert codes(record(tenant, "conversion", 400, value=1, period="2026-02-01")) == {("", "computed")}
    renamed = change(tenant, shown, name="Conversion")
    assert renamed["numerator_kpi"] == shown["numerator_kpi"]
    went = tenant.client.call("GET", "/v1/kpis/went").json()
    refused = tenant.client.call("DELETE", "/v1/kpis/went", etag=went["etag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert tenant.client.call("DELETE", f"/v1/kpis/{shown['id']}", etag=renamed["etag"]).status_code == 204
    assert tenant.client.call("DELETE", "/v1/kpis/went", etag=went["etag"]).status_code == 204


def test_an_archived_kpi_is_out_of_lists_takes_nothing_and_frees_its_key(tenant: Tenant) -> None:
    shown = kpi(tenant, "visits", "visitors")
    assert tenant.client.call("DELETE", "/v1/kpis/visits").status_code == 428
    assert tenant.client.call("DELETE", "/v1/kpis/visits", etag='"r9"').status_code == 412
    assert tenant.client.call("DELETE", "/v1/kpis/visits", etag=shown["etag"]).status_code == 204
    assert tenant.client.call("GET", "/v1/kpis").json()["results"] == []
    assert tenant.client.call("GET", f"/v1/kpis/{shown['id']}").status_code == 404
    wrong = codes(record(tenant, shown["id"], 400, value=1, period="2026-W10"))
    assert wrong == {("/kpi", "unknown_kpi")}
    kpi(tenant, "visits", "visitors")


def test_a_bound_kpi_is_not_archived(tenant: Tenant) -> None:
    shown = kpi(tenant, "visits", "visitors")
    made = tenant.client.call("POST", "/v1/journey-maps", {"key": "claim", "document": {"name": "Claim"}})
    assert made.status_code == 201, made.content
    bound = tenant.client.call("POST", "/v1/journey-maps/claim/bindings", {"kpi": "visits"})
    assert bound.status_code == 201, bound.content
    refused = tenant.client.call("DELETE", "/v1/kpis/visits", etag=shown["etag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert tenant.client.call("GET", "/v1/kpis/visits").json() == shown
    gone = tenant.client.call("DELETE", bound["Location"], etag=bound.json()["etag"])
    assert gone.status_code == 204, gone.content
    assert tenant.client.call("DELETE", "/v1/kpis/visits", etag=shown["etag"]).status_code == 204


def test_a_stranger_sees_no_kpi_of_ours(tenant: Tenant, stranger: Tenant) -> None:
    shown = kpi(tenant, "visits", "visitors")
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answer = stranger.client.call(method, f"/v1/kpis/{shown['id']}", body, etag=shown["etag"])
        assert answer.status_code == 404, method
    assert stranger.client.call("GET", "/v1/kpis").json()["results"] == []
    body = {"name": "x", "kind": "ratio", "numerator_kpi": shown["id"], "denominator_kpi": shown["id"]}
    assert codes(stranger.client.call("POST", "/v1/kpis", body).json()) == {
        ("/numerator_kpi", "unknown_kpi"),
        ("/denominator_kpi", "unknown_kpi"),
    }
    assert tenant.key("kpis:read").call("POST", "/v1/kpis", body).status_code == 403


def test_lists_are_paged_and_can_be_of_one_kind(tenant: Tenant) -> None:
    for key in "abc":
        kpi(tenant, key, "visitors")
    kpi(tenant, "d", "nps")
    page = tenant.client.call("GET", "/v1/kpis?page_size=3&kind=visitors").json()
    assert ([row["key"] for row in page["results"]], page["next"]) == (["a", "b", "c"], None)
    assert tenant.client.call("GET", "/v1/kpis?page_size=3").json()["next"] is not None


def test_the_table_of_kinds_is_served(tenant: Tenant) -> None:
    answer = tenant.client.call("GET", "/v1/kpi-kinds").json()
    assert [row["kind"] for row in answer["results"]] == list(KINDS)
    (net,) = answer["results"][0]["methods"]
    assert (net["scale_min"], net["scale_max"], net["lower"], net["formula"]) == (
        0,
        10,
        -100,
        KINDS["nps"].methods[0].formula,
    )
    assert net["judged"] == {"by": "interval", "consecutive": 2, "recover_after": 2}


def test_the_number_of_kpis_is_limited(tenant: Tenant) -> None:
    tenant.workspace.limits = {"kpis": 1}
    tenant.workspace.save()
    kpi(tenant, "a", "visitors")
    answer = tenant.client.call("POST", "/v1/kpis", {"name": "b", "kind": "nps"})
    assert (answer.status_code, answer.json()["code"]) == (409, "limit_reached")
    assert tenant.client.call("POST", "/v1/kpis", {"key": "a", "name": "b", "kind": "nps"}).status_code == 409


def test_parallel_changes_and_readings_of_one_kpi_wait_for_each_other(tenant: Tenant) -> None:
    made = kpi(tenant, "visits", "visitors")

    def patch(number: int) -> None:
        for step in range(4):
            body = {"period": ["day", "month"][step % 2], "min_n": number * 10 + step}
            answer = ApiClient(tenant.secret).call("PATCH", "/v1/kpis/visits", body, etag="*")
            assert answer.status_code == 200, answer.content

    def write(number: int) -> None:
        for step in range(8):
            item = {
                "kpi": "visits",
                "value": 1,
                "period": "2026-02-03",
                "labels": {"page": f"{number}-{step}"},
            }
            answer = ApiClient(tenant.secret).call("POST", "/v1/readings/batch", {"items": [item]})
            assert answer.json()["counts"]["created"] == 1, answer.content

    at_once(*(partial(work, number) for work in (patch, write) for number in range(3)))
    shown = tenant.client.call("GET", "/v1/kpis/visits").json()
    with tenant.enter():
        numbers = KpiRevision.objects.filter(kpi_id=made["id"]).values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, shown["revision"] + 1))
