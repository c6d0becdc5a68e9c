"""Everything that waits to be confirmed stands in one list: readings, and figures of whole periods."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.conftest import Tenant
from tests.kpis.live_maps import Place, week
from tests.kpis.make_readings import codes, kpi, record_all
from tests.kpis.test_plausibility import now, settle
from tests.kpis.test_plausibility_whole import WAYS

WAITING = "/v1/readings?suspect=true"


def doubted(tenant: Tenant) -> Place:
    """Three readings of two KPIs, two weeks of counted events of two shops, and a figure made of KPIs."""
    for key, high in (("sold", 100), ("lost", 10)):
        kpi(tenant, key, "count", period="week", plausibility={"high": high})
    kpi(tenant, "fine", "count", period="week", plausibility={"high": 100})
    kpi(tenant, "it", "complaints", holds="events", period="week", plausibility={"high": 5})
    kpi(tenant, "twice", "derived", expression="fine * 2", unit="pairs", plausibility={"high": 150})
    counted = WAYS["counted events"].told
    record_all(
        tenant,
        [
            {"kpi": "sold", "period": week(2), "value": 900},
            {"kpi": "sold", "period": week(1), "value": 901},
            {"kpi": "lost", "period": week(1), "value": 11},
            *({"kpi": "fine", "period": week(ago), "value": 80 - 20 * (ago - 1)} for ago in (1, 2)),
            *({**one, "labels": {"shop": "a"}} for one in counted(2, True)),
            *({**one, "labels": {"shop": "b"}} for one in counted(1, True)),
            *({**one, "labels": {"shop": "b"}} for one in counted(3, False)),
        ],
    )
    return Place(tenant)


def listed(tenant: Tenant, query: str = "") -> list[dict[str, Any]]:
    """Every row, however many pages."""
    found: list[dict[str, Any]] = []
    path: str | None = f"{WAITING}{query}"
    while path is not None:
        answer = tenant.client.call("GET", path)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        found, path = found + page["results"], page["next"]
    return found


def test_whatever_waits_is_found_in_one_place_and_confirmed_by_its_id(
    tenant: Tenant, stranger: Tenant
) -> None:
    doubted(tenant)
    every = listed(tenant)
    assert sorted(one["value"] for one in every) == [9, 9, 11, 160, 900, 901]
    assert {one["state"] for one in every} == {"suspect"}
    for size in (1, 2, 4):
        assert listed(tenant, f"&page_size={size}") == every
    shops = [one for one in every if one["labels"]]
    assert [(one["labels"]["shop"], one["value"], one["n"]) for one in shops] == [("a", 9, 9), ("b", 9, 9)]
    assert listed(tenant, "&kpi=it") == shops
    assert listed(tenant, '&labels={"shop":"b"}') == shops[1:]
    since = quote(shops[1]["start"])
    after = quote(shops[1]["end"])
    assert sorted(one["value"] for one in listed(tenant, f"&from={after}")) == [9, 11, 160, 901]
    assert listed(tenant, f"&kpi=it&to={since}") == shops[:1]
    assert listed(stranger) == []
    for one in every:
        assert tenant.client.call("GET", f"/v1/readings/{one['id']}").json() == one
    then = now()
    for one in every:
        settle(tenant, one["id"], "confirmations")
    assert listed(tenant) == []
    assert sorted(one["value"] for one in listed(tenant, f"&as_of={then}&known_at={then}")) == [
        *(9, 9, 11, 160, 900, 901)
    ]


def test_what_its_map_shows_under_a_selector_of_a_kpi_made_of_kpis_is_listed_too(tenant: Tenant) -> None:
    place = Place(tenant)
    kpi(tenant, "sold", "count", period="week")
    kpi(tenant, "twice", "derived", expression="sold * 2", unit="pairs", plausibility={"high": 15})
    place.bind("twice", "form", selector={"shop": "*"})
    told = [{"kpi": "sold", "period": week(1), "value": 5, "labels": {"shop": shop}} for shop in ("a", "b")]
    record_all(tenant, told)
    [one] = listed(tenant)
    assert (one["labels"], one["value"]) == ({"shop": "*"}, 20)
    settle(tenant, one["id"], "confirmations")
    [entry] = place.entries("form")
    assert (entry["value"], listed(tenant)) == (20, [])


def test_readings_that_do_not_wait_are_listed_by_kpi(tenant: Tenant) -> None:
    refused = tenant.client.call("GET", "/v1/readings")
    assert (refused.status_code, codes(refused.json())) == (400, {("/kpi", "required")})
    doubted(tenant)
    page = tenant.client.call("GET", f"{WAITING}&page_size=5").json()
    other = page["next"].replace("suspect=true", "suspect=true&kpi=it")
    assert codes(tenant.client.call("GET", other).json()) == {("/cursor", "cursor_of_other_filters")}
