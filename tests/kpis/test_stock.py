"""Churn over a stock, through the API: bases, flows per period, single joinings and losses, drift, both
clocks."""

from __future__ import annotations

import csv
import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Tenant
from tests.kpis.make_readings import codes, kpi, record, record_all

Json = dict[str, Any]


def churn(tenant: Tenant, key: str = "churn", kind: str = "churn", **values: Any) -> Json:
    return kpi(tenant, key, kind, **{"input": "flows", **values})


def base(tenant: Tenant, at: str, count: Any, status: int = 201, key: str = "churn", **more: Any) -> Json:
    answer = tenant.client.call("POST", f"/v1/kpis/{key}/base", {"at": at, "count": count, **more})
    assert answer.status_code == status, answer.content
    shown: Json = answer.json()
    return shown


def points(tenant: Tenant, key: str = "churn", query: str = "") -> list[Json]:
    answer = tenant.client.call("GET", f"/v1/kpis/{key}/points?{query}")
    assert answer.status_code == 200, answer.content
    found: list[Json] = answer.json()["points"]
    return found


def told(found: list[Json]) -> list[tuple[str, Any, Any]]:
    return [(one["label"], one["value"], one["reason"]) for one in found]


def bases(tenant: Tenant, query: str = "", key: str = "churn") -> list[Json]:
    found: list[Json] = tenant.client.call("GET", f"/v1/kpis/{key}/base?{query}").json()["results"]
    return found


@pytest.mark.parametrize(
    ("kind", "flows", "value"),
    [
        ("churn", {"joined": 20, "lost": 8}, 0.08),
        ("retention", {"joined": 20, "lost": 8}, 0.92),
        ("revenue_churn", {"joined": 20.5, "lost": 8, "grown": 5.25}, 0.08),
        ("nrr", {"joined": 20, "lost": 8, "grown": 10.5}, 1.025),
    ],
)
def test_a_hundred_less_eight_and_twenty_new(tenant: Tenant, kind: str, flows: Json, value: float) -> None:
    churn(tenant, kind=kind)
    record(tenant, "churn", period="2026-09", flows=flows)
    assert told(points(tenant)) == [("2026-09", None, "no_base")]
    base(tenant, "2026-09-01T00:00:00Z", 100)
    (point,) = points(tenant)
    assert (point["value"], point["reason"], point["denominator"]) == (value, None, 100)


def test_what_the_terms_are_is_served_and_part_of_the_definition(tenant: Tenant) -> None:
    made = churn(tenant, holds="events", stock_unit="subscription", loss_at="cancelled")
    assert [made[name] for name in ("stock_unit", "trials", "pauses", "plan_switches", "loss_at")] == [
        "subscription", "excluded", "kept", "kept", "cancelled",
    ]  # fmt: skip
    kinds = {one["kind"]: one for one in tenant.client.call("GET", "/v1/kpi-kinds").json()["results"]}
    (method,) = kinds["churn"]["methods"]
    assert method["flows"] == ["joined", "lost", "lost_new"]
    assert [term["name"] for term in method["terms"]][:2] == ["stock_unit", "trials"]
    assert kinds["nps"]["methods"][0]["terms"] == []
    assert kpi(tenant, "nps", "nps")["trials"] is None
    for body, issue in (
        ({"kind": "churn", "trials": "sometimes"}, ("/trials", "choice")),
        ({"kind": "nps", "trials": "included"}, ("/trials", "no_stock")),
        ({"kind": "nrr", "input": "flows", "holds": "events"}, ("/holds", "holds")),
    ):
        refused = tenant.client.call("POST", "/v1/kpis", {"name": "x", **body})
        assert (refused.status_code, codes(refused.json())) == (400, {issue})
    path, tag = f"/v1/kpis/{made['id']}", made["etag"]
    changed = tenant.client.call("PATCH", path, {"trials": "included"}, etag=tag).json()
    assert (changed["revision"], changed["measure"]) == (2, 2)
    made = base(tenant, "2026-09-01T00:00:00Z", 10)  # of an instant before the definition was laid down
    assert (made["measure"], made["count"]) == (2, 10)


def test_single_events_are_counted_once_in_whichever_order(tenant: Tenant) -> None:
    churn(tenant, holds="events")
    base(tenant, "2026-08-01T00:00:00Z", 10)
    events = [
        {"kpi": "churn", "side": "joined", "external_id": "a", "observed_at": "2026-08-03T00:00:00Z"},
        {"kpi": "churn", "side": "lost", "external_id": "a", "observed_at": "2026-08-20T00:00:00Z"},
        {"kpi": "churn", "side": "joined", "external_id": "b", "observed_at": "2026-08-04T00:00:00Z"},
        {"kpi": "churn", "side": "lost", "external_id": "b", "observed_at": "2026-09-02T00:00:00Z"},
        {"kpi": "churn", "side": "lost", "external_id": "old", "observed_at": "2026-08-05T00:00:00Z"},
    ]
    plain = [("2026-08", 0.1, None), ("2026-09", 0.1, None)]  # 1 of 10; then b of 10 + a + b - a - old
    assert record_all(tenant, events)["counts"]["created"] == 5
    assert told(points(tenant)) == plain
    assert record_all(tenant, events[::-1])["counts"]["duplicate"] == 5
    churn(tenant, "late", holds="events")
    base(tenant, "2026-08-01T00:00:00Z", 10, key="late")
    for event in reversed(events):
        record(tenant, "late", **{name: value for name, value in event.items() if name != "kpi"})
    assert told(points(tenant, "late")) == plain
    assert record_all(tenant, [event | {"kpi": "late"} for event in events])["counts"]["duplicate"] == 5
    # A joining that is taken back: then its loss was of the base after all.
    record(tenant, "late", side="joined", external_id="a", retract=True)
    assert told(points(tenant, "late"))[0] == ("2026-08", 0.2, None)
    shown = tenant.client.call("GET", "/v1/readings?kpi=late").json()["results"]
    sides = {(one["side"], one["external_id"]) for one in shown if one["side"]}
    assert sides >= {("lost", "old"), ("joined", "b")}
    assert [one["base"] for one in shown if one["base"] is not None] == [10]


def test_a_quiet_month_of_events_lost_nobody_and_an_untold_one_of_figures_is_unknown(tenant: Tenant) -> None:
    churn(tenant, holds="events")
    base(tenant, "2026-06-15T12:00:00Z", 50)
    record(tenant, "churn", side="lost", external_id="x", observed_at="2026-08-02T00:00:00Z")
    assert told(points(tenant)) == [
        ("2026-06", None, "no_base"),
        ("2026-07", 0, None),
        ("2026-08", 0.02, None),
    ]
    churn(tenant, "counted")
    base(tenant, "2026-06-01T00:00:00Z", 50, key="counted")
    for month in ("2026-06", "2026-08"):
        record(tenant, "counted", period=month, flows={"lost": 1})
    assert told(points(tenant, "counted")) == [
        ("2026-06", 0.02, None),
        ("2026-07", None, "no_figure"),
        ("2026-08", None, "no_base"),
    ]
    assert told(points(tenant, "counted", "limit=1")) == [("2026-08", None, "no_base")]


def test_later_bases_are_checked_and_both_clocks_hold(tenant: Tenant) -> None:
    churn(tenant)
    base(tenant, "2026-06-01T00:00:00Z", 100)
    for month, flows in (("06", {"joined": 20, "lost": 8}), ("07", {"lost": 11}), ("08", {"lost": 10})):
        record(tenant, "churn", period=f"2026-{month}", flows=flows)
    values = [value for _, value, _ in told(points(tenant))]
    assert values == [0.08, pytest.approx(11 / 112), pytest.approx(10 / 101)]
    before = datetime.now(UTC).isoformat()
    made = base(tenant, "2026-07-01T00:00:00Z", 110, reason="counted by hand")
    assert (made["expected"], made["drift"]) == (112, -2)
    assert base(tenant, "2026-07-01T00:00:00Z", 110, status=200)["outcome"] == "duplicate"
    found = points(tenant)
    assert [one["value"] for one in found[1:]] == [0.1, pytest.approx(10 / 99)]
    assert [one["drift"] for one in found] == [None, -2, None]
    known = quote(before)
    assert points(tenant, query=f"known_at={known}")[1]["value"] == pytest.approx(11 / 112)
    assert [one["drift"] for one in bases(tenant)] == [None, -2]
    assert len(bases(tenant, f"known_at={known}")) == 1
    assert len(bases(tenant, "as_of=2026-06-15T00:00:00Z")) == 1
    assert points(tenant, query="from=2026-07-01T00:00:00Z&to=2026-08-01T00:00:00Z")[0]["drift"] == -2
    corrected = base(tenant, "2026-07-01T00:00:00Z", 112)
    assert (corrected["outcome"], corrected["drift"]) == ("corrected", 0)
    record(tenant, "churn", observed_at="2026-07-01T00:00:00Z", retract=True)
    assert [one["at"] for one in bases(tenant)] == ["2026-06-01T00:00:00Z"]
    first = tenant.client.call("GET", "/v1/kpis/churn/base?page_size=1").json()
    assert first["next"] is None


def test_label_sets_have_stocks_of_their_own_and_none_is_left_out_in_silence(tenant: Tenant) -> None:
    churn(tenant)
    for segment, lost in (("smb", 4), ("ent", 1)):
        record(tenant, "churn", period="2026-09", flows={"lost": lost}, labels={"segment": segment})
    base(tenant, "2026-09-01T00:00:00Z", 40, labels={"segment": "smb"})
    every = "labels=" + quote('{"segment": "*"}')
    assert told(points(tenant, query=every)) == [("2026-09", None, "no_base")]
    base(tenant, "2026-09-01T00:00:00Z", 60, labels={"segment": "ent"})
    (point,) = points(tenant, query=every)
    assert (point["value"], point["denominator"]) == (0.05, 100)
    refused = tenant.client.call("GET", "/v1/kpis/churn/points?bucket=quarter")
    assert (refused.status_code, codes(refused.json())) == (409, {("/bucket", "base_of_period")})


def test_what_no_stock_takes_is_refused_by_name(tenant: Tenant, stranger: Tenant) -> None:
    churn(tenant)
    churn(tenant, "events", holds="events")
    kpi(tenant, "whole", "churn")
    record(tenant, "whole", period="2026-09", numerator=8, denominator=100)
    assert points(tenant, "whole", "bucket=quarter")[0]["value"] == 0.08
    cases: list[tuple[str, Json, tuple[str, str]]] = [
        ("churn", {"period": "2026-09", "numerator": 1, "denominator": 2}, ("/numerator", "not_taken")),
        ("churn", {"period": "2026-09", "flows": {"lost": -1}}, ("/flows/lost", "negative")),
        ("churn", {"period": "2026-09", "flows": {"grown": 1}}, ("/flows/grown", "unknown_field")),
        ("churn", {"period": "2026-09", "flows": {"lost": "1"}}, ("/flows/lost", "type")),
        ("churn", {"period": "2026-09"}, ("/flows", "required")),
        ("churn", {"base": 5, "observed_at": "2026-09-02T00:00:00Z"}, ("/observed_at", "not_a_start")),
        ("churn", {"base": 5.5, "observed_at": "2026-09-01T00:00:00Z"}, ("/base", "not_whole")),
        ("churn", {"base": 5}, ("/observed_at", "required")),
        ("churn", {"base": 5, "observed_at": "2026-09-01T00:00:00Z", "side": "lost"}, ("/side", "not_taken")),
        ("events", {"external_id": "x", "observed_at": "2026-09-02T00:00:00Z"}, ("/side", "choice")),
        ("events", {"side": "lost", "observed_at": "2026-09-02T00:00:00Z"}, ("/external_id", "required")),
        ("events", {"side": "lost", "external_id": "x"}, ("/observed_at", "required")),
        ("whole", {"period": "2026-09", "flows": {"lost": 1}}, ("/flows", "not_taken")),
    ]  # fmt: skip
    for key, body, issue in cases:
        assert issue in codes(record(tenant, key, 400, **body)), body
    assert codes(base(tenant, "2026-09-02T00:00:00Z", 5, 400)) == {("/at", "not_a_start")}
    assert codes(base(tenant, "2026-09-01T00:00:00Z", -5, 400)) == {("/count", "negative")}
    assert codes(base(tenant, "2026-09-01T00:00:00Z", 5, 400, key="whole")) >= {("/count", "not_taken")}
    path, body = "/v1/kpis/churn/base", {"at": "2026-09-01T00:00:00Z", "count": 5}
    assert stranger.client.call("POST", path, body).status_code == 404
    assert stranger.client.call("GET", path).status_code == 404
    assert tenant.key("kpis:read").call("POST", path, body).status_code == 403
    assert tenant.key("maps:read").call("GET", path).status_code == 403


def test_the_telco_file_gives_its_expected_churn(tenant: Tenant, shared_data: Path) -> None:
    with (shared_data / "kpi/telco/Telco-Customer-Churn.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    churn(tenant, holds="events")
    for contract, found in itertools.groupby(sorted(rows, key=_contract), key=_contract):
        mine = list(found)
        labels = {"contract": contract}
        base(tenant, "2026-09-01T00:00:00Z", len(mine), labels=labels)
        lost = [
            {
                "kpi": "churn",
                "side": "lost",
                "external_id": row["customerID"],
                "observed_at": "2026-09-15T00:00:00Z",
                "labels": labels,
            }
            for row in mine
            if row["Churn"] == "Yes"
        ]
        for start in range(0, len(lost), 1000):
            record_all(tenant, lost[start : start + 1000])
    (point,) = points(tenant, query="labels=" + quote('{"contract": "*"}'))
    assert (point["numerator"], point["denominator"]) == (1869, 7043)
    assert point["value"] == pytest.approx(0.26537, abs=5e-6)


def _contract(row: dict[str, str]) -> str:
    return row["Contract"]
