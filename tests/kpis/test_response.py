"""Of how many who were asked a survey's figure is: told by another KPI, shown with the figure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp, week
from tests.kpis.make_readings import codes, kpi, record


def points(tenant: Tenant, ref: str, query: str = "") -> list[dict[str, Any]]:
    answer = tenant.client.call("GET", f"/v1/kpis/{ref}/points?{query}")
    assert answer.status_code == 200, answer.content
    shown: list[dict[str, Any]] = answer.json()["points"]
    return shown


@pytest.fixture
def asked(tenant: Tenant) -> Tenant:
    kpi(tenant, "sent", "count", period="day")
    kpi(tenant, "csat", "csat", period="month", invited_kpi="sent")
    return tenant


def test_points_say_how_many_were_asked_and_answered(asked: Tenant) -> None:
    record(asked, "csat", period="2026-03", distribution={"5": 10})
    record(asked, "csat", period="2026-04", distribution={"5": 30, "1": 10})
    for day, count in ((1, 120), (2, 40)):
        record(asked, "sent", period=f"2026-04-0{day}", value=count)
    march, april = points(asked, "csat")
    assert (march["response"], april["response"]) == (None, {"invited": 160, "rate": 0.25})
    explained = asked.client.call("GET", april["explain"]).json()
    assert explained["point"] == april
    record(asked, "sent", period="2026-02-03", value=100)
    [quarter] = points(asked, "csat", "bucket=quarter&as_of=2026-04-01T00:00:00Z")
    assert (quarter["n"], quarter["response"]) == (10, {"invited": 100, "rate": 0.1})


def test_labels_are_told_apart_and_summed_again(asked: Tenant) -> None:
    for plan, answers, invitations in (("free", 10, 100), ("paid", 30, 60)):
        labels = {"plan": plan}
        record(asked, "csat", period="2026-04", distribution={"4": answers}, labels=labels)
        record(asked, "sent", period="2026-04-01", value=invitations, labels=labels)
    [free] = points(asked, "csat", 'labels={"plan":"free"}')
    [every] = points(asked, "csat", 'labels={"plan":"*"}')
    assert (free["response"]["rate"], every["response"]) == (0.1, {"invited": 160, "rate": 0.25})


def test_the_map_shows_it_as_soon_as_either_is_told(tenant: Tenant) -> None:
    place = Place(tenant)
    place.kpi("sent", kind="count", period="week")
    place.kpi("nps", kind="nps", period="week", invited_kpi="sent")
    place.bind("nps", "form")
    place.record({"kpi": "nps", "period": week(1), "distribution": {"10": 40}})
    [entry] = place.entries("form")
    assert (entry["response"], entry["caveats"]) == (None, [])
    then = stamp(now())
    place.record({"kpi": "sent", "period": week(1), "value": 160})
    [entry] = place.entries("form")
    assert (entry["response"], entry["caveats"]) == ({"invited": 160, "rate": 0.25}, ["nonresponse"])
    assert place.entries("form", f"?as_of={stamp(now())}") == [entry]
    assert place.entries("form", f"?known_at={then}")[0]["response"] is None
    page = place.client.call("GET", f"{place.path}/live", Accept="text/html").content.decode()
    assert "40 answered of 160 who were asked (25" in page


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "csat", "invited_kpi": "nobody"}, "unknown_kpi"),
        ({"kind": "csat", "invited_kpi": "gauge"}, "no_count"),
        ({"kind": "csat", "period": "week", "invited_kpi": "monthly"}, "period_too_long"),
        ({"kind": "count", "invited_kpi": "monthly"}, "not_taken"),
        ({"kind": "sentiment", "invited_kpi": "monthly"}, "not_taken"),
    ],
)
def test_who_cannot_be_asked_is_refused(tenant: Tenant, fields: dict[str, Any], code: str) -> None:
    kpi(tenant, "monthly", "count", period="month")
    kpi(tenant, "gauge", "gauge", unit="people", period="day")
    answer = tenant.client.call("POST", "/v1/kpis", {"key": "k", "name": "K", **fields})
    assert answer.status_code == 400
    assert codes(answer.json()) == {("/invited_kpi", code)}


def test_what_counts_those_asked_is_kept_while_it_is_needed(asked: Tenant) -> None:
    sent = asked.client.call("GET", "/v1/kpis/sent").json()
    csat = asked.client.call("GET", "/v1/kpis/csat").json()
    assert csat["invited_kpi"] == sent["id"]
    kept = asked.client.call("DELETE", "/v1/kpis/sent", etag=sent["etag"])
    assert (kept.status_code, kept.json()["code"]) == (409, "in_use")
    other = asked.client.call("PATCH", "/v1/kpis/sent", {"period": "year"}, etag=sent["etag"])
    assert (other.status_code, other.json()["code"]) == (409, "in_use")
    freed = asked.client.call("PATCH", "/v1/kpis/csat", {"invited_kpi": None}, etag=csat["etag"]).json()
    assert (freed["invited_kpi"], freed["measure"]) == (None, csat["measure"])
    assert asked.client.call("DELETE", "/v1/kpis/sent", etag=sent["etag"]).status_code == 204
