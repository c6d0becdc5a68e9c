"""KPIs made of KPIs over HTTP: defined by keys, summed first, followed over three levels."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.kpis.at_once import at_once
from tests.kpis.live_maps import Place, now, stamp, week
from tests.kpis.make_readings import codes, kpi, record, record_all


@pytest.fixture
def shops(tenant: Tenant) -> Tenant:
    """Two shops' visitors and buyers by the day."""
    for key in ("web", "app", "bought"):
        kpi(tenant, key, "count", period="day")
    items = [
        {"kpi": key, "period": f"2026-02-{day:02}", "value": value, "labels": {"land": land}}
        for land, day, figures in (("de", 2, (6, 4, 1)), ("de", 3, (50, 40, 45)), ("fr", 2, (0, 10, 2)))
        for key, value in zip(("web", "app", "bought"), figures, strict=True)
    ]
    record_all(tenant, items)
    return tenant


def points(tenant: Tenant, key: str, query: str = "") -> list[Any]:
    answer = tenant.client.call("GET", f"/v1/kpis/{key}/points?{query}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["points"])


def test_parts_are_summed_over_time_and_labels_before_the_expression(shops: Tenant) -> None:
    made = kpi(shops, "rate", "derived", expression="bought / (web + app)")
    assert (made["unit"], made["period"], made["input"]) == ("fraction", "day", "none")
    assert (made["expression"], made["numerator_kpi"]) == ("bought / (web + app)", None)
    by_day = points(shops, "rate", 'labels={"land":"de"}')
    assert [(point["value"], point["n"]) for point in by_day] == [(0.1, 10), (0.5, 90)]
    [month] = points(shops, "rate", 'labels={"land":"de"}&bucket=month')
    assert (month["value"], month["numerator"], month["denominator"]) == (0.46, 46, 100)
    assert (month["periods_told"], month["periods"]) == (2, 28)
    [everywhere] = points(shops, "rate", 'labels={"land":"*"}&bucket=month')
    assert (everywhere["numerator"], everywhere["denominator"]) == (48, 110)
    assert points(shops, "rate") == []
    refused = record(shops, "rate", 400, period="2026-02-02", value=1)
    assert codes(refused) == {("", "computed")}


def test_missing_inputs_and_divisions_by_zero_are_null_and_say_why(shops: Tenant) -> None:
    kpi(shops, "left", "derived", expression="1 - bought / web")
    kpi(shops, "twice", "derived", expression="left * 2", unit="per visit")
    record(shops, "bought", period="2026-02-04", value=1, labels={"land": "fr"})
    for key in ("left", "twice"):
        found = points(shops, key, 'labels={"land":"fr"}')
        assert [point["reason"] for point in found] == ["division_by_zero", "no_figure", "missing_input"]
        assert [point["value"] for point in found] == [None, None, None]


def test_a_map_follows_three_levels_and_its_past_stays(tenant: Tenant) -> None:
    place = Place(tenant)
    for key in ("a", "b"):
        place.kpi(key, kind="count", period="week")
    place.kpi("both", kind="derived", expression="a + b", unit="count")
    place.kpi("part", kind="ratio", numerator_kpi="a", denominator_kpi="both")
    lines = {"warn": 0.5, "breach": 0.6}
    place.kpi("rest", kind="derived", expression="1 - part", direction="down", thresholds=lines)
    place.bind("rest", "pay")
    place.record({"kpi": "a", "period": week(1), "value": 30}, {"kpi": "b", "period": week(1), "value": 10})
    [first] = place.entries("pay")
    assert (first["value"], first["status"]) == (0.25, "ok")
    then = stamp(now())
    place.record({"kpi": "b", "period": week(1), "value": 90}, correct=True)
    [second] = place.entries("pay")
    assert (second["value"], second["status"]) == (0.75, "breach")
    [before] = place.entries("pay", f"?as_of={then}&known_at={then}")
    assert (before["value"], before["status"]) == (0.25, "ok")


def test_an_expression_keeps_to_its_kpis_when_keys_change(shops: Tenant) -> None:
    made = kpi(shops, "rate", "derived", expression="bought / (web + app)")
    web = shops.client.call("GET", "/v1/kpis/web").json()
    changed = shops.client.call("PATCH", "/v1/kpis/web", {"key": "2-sites"}, etag=web["etag"])
    assert changed.status_code == 200
    shown = shops.client.call("GET", "/v1/kpis/rate").json()
    assert shown["expression"] == "bought / ({2-sites} + app)"
    [listed] = shops.client.call("GET", "/v1/kpis?kind=derived").json()["results"]
    assert listed == shown
    copy = shops.client.call("POST", "/v1/kpis", {**shown, "key": "copy"}).json()
    assert copy["expression"] == shown["expression"]
    renamed = shops.client.call("PATCH", "/v1/kpis/rate", {"name": "Rate"}, etag=shown["etag"]).json()
    assert (renamed["revision"], renamed["expression"]) == (1, shown["expression"])
    other = {"expression": f"bought / {{{web['id']}}}"}
    again = shops.client.call("PATCH", "/v1/kpis/rate", other, etag=renamed["etag"]).json()
    assert (again["measure"], again["expression"]) == (made["measure"] + 1, "bought / {2-sites}")


def test_a_ratio_is_an_expression_and_can_be_sent_back(shops: Tenant) -> None:
    made = kpi(shops, "rate", "ratio", numerator_kpi="bought", denominator_kpi="web")
    assert made["expression"] == "bought / web"
    copy = shops.client.call("POST", "/v1/kpis", {**made, "key": "copy"}).json()
    assert (copy["numerator_kpi"], copy["expression"]) == (made["numerator_kpi"], "bought / web")
    moved = {"denominator_kpi": "app"}
    changed = shops.client.call("PATCH", "/v1/kpis/rate", moved, etag=made["etag"]).json()
    assert (changed["expression"], changed["measure"]) == ("bought / app", 2)
    as_derived = {"kind": "derived", "expression": "bought / app"}
    other = shops.client.call("PATCH", "/v1/kpis/rate", as_derived, etag=changed["etag"])
    assert other.status_code == 200, other.content
    assert (other.json()["method"], other.json()["numerator_kpi"]) == ("expression", None)
    [de, _] = points(shops, "rate", 'labels={"land":"de"}')
    assert de["value"] == 0.25


def test_nothing_is_made_of_itself_now_or_in_the_past(shops: Tenant) -> None:
    low = kpi(shops, "low", "derived", expression="web + app")
    high = kpi(shops, "high", "derived", expression="low + web")
    path, cycle = f"/v1/kpis/{low['id']}", {("/expression", "cycle")}
    for expression in ("high - web", "low + web"):
        refused = shops.client.call("PATCH", path, {"expression": expression}, etag=low["etag"])
        assert (refused.status_code, codes(refused.json())) == (400, cycle)
    freed = shops.client.call("PATCH", f"/v1/kpis/{high['id']}", {"expression": "web"}, etag=high["etag"])
    assert freed.status_code == 200
    refused = shops.client.call("PATCH", path, {"expression": "high - web"}, etag=low["etag"])
    assert (refused.status_code, codes(refused.json())) == (400, cycle)


def test_two_who_close_a_cycle_at_once(shops: Tenant) -> None:
    made = [kpi(shops, key, "derived", expression="web + app") for key in ("one", "two")]

    told: list[int] = []

    def close(number: int) -> None:
        body = {"expression": f"web + {['two', 'one'][number]}"}
        path = f"/v1/kpis/{made[number]['id']}"
        told.append(shops.client.call("PATCH", path, body, etag=made[number]["etag"]).status_code)

    at_once(lambda: close(0), lambda: close(1))
    assert sorted(told) == [200, 400]


def test_what_others_are_made_of_stays_fit_for_it(shops: Tenant) -> None:
    kpi(shops, "sum", "derived", expression="web + app")
    kpi(shops, "half", "derived", expression="sum / 2", unit="count", period="week")
    web = shops.client.call("GET", "/v1/kpis/web").json()
    for method, body in (("PATCH", {"period": "month"}), ("PATCH", {"zone": "Asia/Tokyo"}), ("DELETE", None)):
        refused = shops.client.call(method, "/v1/kpis/web", body, etag=web["etag"])
        assert (refused.status_code, refused.json()["code"]) == (409, "in_use"), body
    assert shops.client.call("GET", "/v1/kpis/web").json() == web
    finer = shops.client.call("PATCH", "/v1/kpis/web", {"period": "hour"}, etag=web["etag"])
    assert finer.status_code == 200


def test_money_keeps_its_currency(tenant: Tenant, stranger: Tenant) -> None:
    for key, currency in (("eur", "EUR"), ("fee", "EUR"), ("usd", "USD")):
        kpi(tenant, key, "revenue", currency=currency)
    net = kpi(tenant, "net", "derived", expression="eur - fee")
    assert (net["unit"], net["currency"], net["period"]) == ("currency", "EUR", "month")
    body = {"key": "x", "name": "x", "kind": "derived", "expression": "eur + usd"}
    assert codes(tenant.client.call("POST", "/v1/kpis", body).json()) == {("/expression", "unit_mismatch")}
    body = {**body, "expression": "eur - fee", "currency": "USD"}
    assert codes(tenant.client.call("POST", "/v1/kpis", body).json()) == {("/unit", "unit")}
    theirs = {"key": "x", "name": "x", "kind": "derived", "expression": f"{{{net['id']}}} * 2", "unit": "x"}
    assert codes(stranger.client.call("POST", "/v1/kpis", theirs).json()) == {("/expression", "unknown_kpi")}
