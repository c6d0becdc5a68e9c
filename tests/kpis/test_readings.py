"""One reading over HTTP: recorded once, told apart, corrected, taken back; invisible to strangers."""

from __future__ import annotations

import pytest

from tests.conftest import Tenant
from tests.kpis.make_readings import codes, kpi, record

WEEK = {"period": "2026-W10"}
NOON = "2026-03-04T12:00:00Z"


def test_a_figure_is_recorded_with_both_its_clocks(tenant: Tenant) -> None:
    made = kpi(tenant, "conversion", "conversion")
    shown = record(tenant, "conversion", numerator=412, denominator=1000, labels={"segment": "smb"}, **WEEK)
    assert shown | {"id": "", "recorded_at": "", "cause": ""} == {
        "id": "",
        "kpi": made["id"],
        "measure": 1,
        "labels": {"segment": "smb"},
        "start": "2026-03-02T00:00:00Z",
        "end": "2026-03-09T00:00:00Z",
        "external_id": None,
        "value": None,
        "numerator": 412,
        "denominator": 1000,
        "n": None,
        "distribution": None,
        "flows": None,
        "base": None,
        "side": None,
        "unit": "fraction",
        "suspect": False,
        "state": "current",
        "recorded_at": "",
        "feed": None,
        "cause": "",
        "rules_version": None,
        "reason": None,
        "outcome": "created",
    }


def test_the_location_of_a_reading_shows_it(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    answer = tenant.client.call("POST", "/v1/readings", {"kpi": "visits", "value": 10, **WEEK})
    shown = tenant.client.call("GET", answer["Location"])
    assert shown.status_code == 200
    assert shown.json() | {"outcome": "created"} == answer.json()


@pytest.mark.parametrize("again", [412, 412.0])
def test_the_same_figure_again_is_a_duplicate(tenant: Tenant, again: float) -> None:
    kpi(tenant, "visits", "visitors")
    first = record(tenant, "visits", value=412, **WEEK)
    second = record(
        tenant, "visits", 200, value=again, start="2026-03-02T01:00:00+01:00", end="2026-03-09T00:00:00Z"
    )
    assert second == first | {"outcome": "duplicate"}


def test_another_figure_is_refused_unless_it_corrects(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    first = record(tenant, "visits", value=412, **WEEK)
    refused = record(tenant, "visits", 409, value=413, **WEEK)
    assert refused["code"] == "reading_conflict"
    second = record(tenant, "visits", 201, "?on_conflict=correct", value=413, reason="bots", **WEEK)
    assert (second["outcome"], second["value"], second["reason"]) == ("corrected", 413, "bots")
    assert second["recorded_at"] > first["recorded_at"]
    states = [one["state"] for one in listed(tenant, "visits")]
    assert states == ["superseded", "current"]


def listed(tenant: Tenant, key: str, query: str = "") -> list[dict]:
    answer = tenant.client.call("GET", f"/v1/readings?kpi={key}{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_an_external_id_counts_once(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", input="answers")
    answer = {"value": 9, "observed_at": NOON, "external_id": "a-1"}
    record(tenant, "nps", **answer)
    record(tenant, "nps", 200, **answer)
    refused = record(tenant, "nps", 409, **answer | {"value": 3})
    assert (refused["code"], codes(refused)) == (
        "external_id_conflict",
        {("/external_id", "external_id_conflict")},
    )
    corrected = record(tenant, "nps", 201, "?on_conflict=correct", **answer | {"value": 3})
    assert corrected["outcome"] == "corrected"


def test_an_event_that_moves_in_time_is_taken_back_where_it_was(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", input="answers")
    record(tenant, "nps", value=9, observed_at=NOON, external_id="a-1")
    record(
        tenant,
        "nps",
        201,
        "?on_conflict=correct",
        value=9,
        observed_at="2026-05-01T00:00:00Z",
        external_id="a-1",
    )
    found = [(one["end"], one["state"]) for one in listed(tenant, "nps")]
    assert found == [
        (NOON, "superseded"),
        (NOON, "retraction"),
        ("2026-05-01T00:00:00Z", "current"),
    ]


def test_what_is_taken_back_stays_visible_and_can_come_again(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    record(tenant, "visits", 409, retract=True, **WEEK)
    record(tenant, "visits", value=412, **WEEK)
    taken = record(tenant, "visits", 201, retract=True, reason="double", **WEEK)
    assert (taken["outcome"], taken["state"], taken["value"]) == ("retracted", "retraction", None)
    record(tenant, "visits", 200, retract=True, **WEEK)
    record(tenant, "visits", 409, value=412, **WEEK)
    again = record(tenant, "visits", 201, "?on_conflict=correct", value=412, **WEEK)
    assert (again["outcome"], again["state"]) == ("corrected", "current")


def test_an_event_is_taken_back_by_its_id_alone(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", input="answers")
    record(tenant, "nps", value=9, observed_at=NOON, external_id="a-1")
    taken = record(tenant, "nps", external_id="a-1", retract=True)
    assert (taken["outcome"], taken["end"]) == ("retracted", NOON)


def test_null_is_no_zero(tenant: Tenant) -> None:
    kpi(tenant, "conversion", "conversion")
    shown = record(tenant, "conversion", numerator=None, denominator=None, **WEEK)
    assert (shown["numerator"], shown["denominator"], shown["value"]) == (None, None, None)


def test_numbers_keep_their_digits(tenant: Tenant) -> None:
    kpi(tenant, "load", "custom", method="last", unit="requests")
    body = b'{"kpi":"load","value":0.123456789012345678,"observed_at":"2026-03-04T12:00:00Z"}'
    answer = tenant.client.call("POST", "/v1/readings", body)
    assert answer.status_code == 201, answer.content
    assert b'"value":0.123456789012345678,' in answer.content


@pytest.mark.parametrize(
    ("kind", "values", "wrong"),
    [
        ("nps", {"distribution": {"11": 1}, "period": "2026-02"}, {("/distribution/11", "out_of_scale")}),
        (
            "churn",
            {"numerator": 101, "denominator": 100, "period": "2026-02"},
            {("/numerator", "above_denominator")},
        ),
        ("churn", {"value": 0.5, "period": "2026-02"}, {("/unit", "unit_required")}),
        ("visitors", {"value": -1, **WEEK}, {("/value", "negative")}),
        ("visitors", {"value": 1, "period": "2026-02"}, {("/period", "period_too_long")}),
        ("visitors", {"value": 1, "period": "2026-02-31"}, {("/period", "period")}),
        ("visitors", {"value": 1, "observed_at": NOON}, {("/observed_at", "not_taken")}),
        ("visitors", {"value": 1}, {("/period", "required")}),
        ("visitors", {"value": 1, "start": NOON}, {("/end", "required")}),
        ("visitors", {"value": 1, "start": NOON, "end": "2026-03-11T12:00:00Z"}, {("/end", "no_period")}),
        ("visitors", {"value": 1, "period": "2026-W10", "external_id": "x"}, {("/external_id", "not_taken")}),
        ("visitors", {"value": 1, "period": "2099-W10"}, {("/period", "in_future")}),
        ("visitors", {"value": 1, "period": "1999-W10"}, {("/period", "before_history")}),
        ("visitors", {"value": "1", "period": "2026-W10", "n": True}, {("/value", "type"), ("/n", "type")}),
        ("visitors", {"value": 1, "period": "2026-W10", "labels": {"a": "*"}}, {("/labels/a", "reserved")}),
        ("visitors", {"value": 1, "period": 3, "x": 1}, {("/period", "type"), ("/x", "unknown_field")}),
        ("csat", {"value": 80, "unit": "percent", "period": "2026-02-03"}, {("/value", "no_parts")}),
        ("gauge", {"value": 1e15, "observed_at": NOON}, {("/value", "too_large")}),
        ("gauge", {"value": 1, "observed_at": "2026-03-04T12:00:00"}, {("/observed_at", "type")}),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    tenant: Tenant, kind: str, values: dict, wrong: set[tuple[str, str]]
) -> None:
    kpi(tenant, "it", kind, **({"unit": "things"} if kind == "gauge" else {}))
    assert codes(record(tenant, "it", 400, **values)) == wrong
    assert listed(tenant, "it") == []


def test_an_unknown_kpi_is_named(tenant: Tenant, stranger: Tenant) -> None:
    theirs = kpi(stranger, "visits", "visitors")
    for ref in ("visits", theirs["id"], "No such"):
        assert codes(record(tenant, ref, 400, value=1, **WEEK)) == {("/kpi", "unknown_kpi")}


def test_a_stranger_sees_no_reading_of_ours(tenant: Tenant, stranger: Tenant) -> None:
    ours = kpi(tenant, "visits", "visitors")
    shown = record(tenant, "visits", value=1, **WEEK)
    assert stranger.client.call("GET", f"/v1/readings/{shown['id']}").status_code == 404
    assert stranger.client.call("GET", f"/v1/readings?kpi={ours['id']}").status_code == 404
    assert tenant.key("kpis:read").call("POST", "/v1/readings", {}).status_code == 403


def test_pages_lead_through_all_readings_of_all_series(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", input="answers")
    for number in range(7):
        record(
            tenant,
            "nps",
            value=number,
            observed_at=NOON,
            external_id=f"é-{number}",
            labels={"segment": "smb" if number % 2 else "all"},
        )
    seen, path = [], "/v1/readings?kpi=nps&page_size=2&from=2026-01-01T00:00:00Z"
    while path:
        page = tenant.client.call("GET", path).json()
        seen += [one["external_id"] for one in page["results"]]
        path = page["next"]
    assert seen == [f"é-{number}" for number in (0, 2, 4, 6, 1, 3, 5)]
    assert len(listed(tenant, "nps", '&labels={"segment":"smb"}')) == 3
    assert len(listed(tenant, "nps", '&labels={"segment":"*"}')) == 7
    assert listed(tenant, "nps", "&labels={}") == []
    assert listed(tenant, "nps", "&to=2026-01-01T00:00:00Z") == []
    assert tenant.client.call("GET", "/v1/readings?kpi=nps&cursor=abc").status_code == 400


@pytest.mark.parametrize("text", ["x", "%00", "AAAA", "9" * 3000, "é"])
def test_no_id_is_not_found(tenant: Tenant, text: str) -> None:
    assert tenant.client.call("GET", f"/v1/readings/{text}").status_code in {400, 404}


def test_readings_of_many_series_are_listed_page_by_page(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    items = [
        {"kpi": "visits", "period": f"2026-W{week}", "value": page, "labels": {"page": str(page)}}
        for page in range(120)
        for week in (10, 11)
    ]
    tenant.client.call("POST", "/v1/readings/batch?atomic=true", {"items": items})
    seen, path = [], "/v1/readings?kpi=visits&page_size=100"
    while path:
        page = tenant.client.call("GET", path).json()
        seen += [(one["labels"]["page"], one["start"]) for one in page["results"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == 240
    assert seen[:2] == [("0", "2026-03-02T00:00:00Z"), ("0", "2026-03-09T00:00:00Z")]
