"""Tactical maps: how they fare is told at the touchpoint above them, and what is above changes with them."""

from __future__ import annotations

from typing import Any

import pytest

from kpis.serializers.live import LiveTacticalOut
from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import view_of
from tests.kpis.live_maps import DOCUMENT, Place, now, stamp, week
from tests.service.parallel import at_once

LINES = {"target": 0.8, "warn": 0.7, "breach": 0.6}
NOTHING = {"judged": 0, "of": 0, "without_rules": 0, "floor": 0.5}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


def element(place: Place, key: str) -> str:
    return str(place.call("GET", f"{place.path}/draft/touchpoints/{key}")["id"])


def below(place: Place, touchpoint: str, key: str) -> str:
    """Return the path of a published map that shows the touchpoint in detail; its one touchpoint is `t`."""
    stages = [{"name": "s", "touchpoints": [{"name": "t", "key": "t"}]}]
    document = {"name": key, "parent_touchpoint": touchpoint, "stages": stages}
    made = place.call("POST", "/v1/journey-maps", {"key": key, "document": document}, status=201)
    where = f"/v1/journey-maps/{made['id']}"
    place.call("POST", f"{where}/versions", {}, status=201, etag="*")
    return where


def measured(place: Place, where: str, kpi: str, value: int) -> None:
    place.kpi(kpi, period="week", thresholds=LINES)
    place.call("POST", f"{where}/bindings", {"kpi": kpi, "element": "t"}, status=201)
    place.rate(kpi, 1, value)


def tactical(place: Place, key: str = "form", query: str = "") -> Any:
    live = place.call("GET", f"{place.path}/live{query}")
    return live["live"].get(element(place, key), {}).get("tactical")


def revision(place: Place) -> str:
    return str(place.client.call("GET", f"{place.path}/live")["ETag"])


def test_a_map_below_is_told_in_short_at_its_touchpoint(place: Place) -> None:
    assert tactical(place) is None
    one, two = (below(place, element(place, "form"), key) for key in ("one", "two"))
    deep = below(place, str(place.call("GET", f"{one}/draft/touchpoints/t")["id"]), "deep")
    measured(place, one, "a", 90)
    measured(place, deep, "b", 50)
    told = tactical(place)
    assert told == [
        {
            "journey_map": one.rpartition("/")[2],
            "status": "breach",
            "worst": "breach",
            "coverage": {"judged": 2, "of": 2, "without_rules": 0, "floor": 0.5},
        },
        {
            "journey_map": two.rpartition("/")[2],
            "status": "unjudged",
            "worst": None,
            "coverage": NOTHING,
        },
    ]
    assert set(told[0]) == set(LiveTacticalOut().fields)
    assert tactical(place, "pay") is None
    page = place.client.call("GET", f"{place.path}/live", Accept="text/html").content.decode()
    assert page.count('class="below"') == 2
    # It is told, not added: the figures of the map above stay its own.
    live = place.call("GET", f"{place.path}/live")["live"]
    assert live["map"]["coverage"] == NOTHING
    assert "tactical" not in live["map"]


def test_a_past_tells_how_maps_below_fared_then(place: Place) -> None:
    before = stamp(now())
    one = below(place, element(place, "form"), "one")
    deep = below(place, str(place.call("GET", f"{one}/draft/touchpoints/t")["id"]), "deep")
    measured(place, deep, "b", 90)
    then, told = stamp(now()), tactical(place)
    pair = f"?as_of={then}&known_at={then}"
    assert (told[0]["status"], tactical(place, query=f"?as_of={then}")) == ("ok", told)
    assert tactical(place, query=f"?as_of={before}") is None
    first = place.client.call("GET", f"{place.path}/live{pair}").content

    # Figures, places and maps change; what was known then does not.
    place.record({"kpi": "b", "period": week(1), "numerator": 10, "denominator": 100}, correct=True)
    place.call("PATCH", f"{one}/draft", {"parent_touchpoint": element(place, "pay")}, etag="*")
    place.call("POST", f"{one}/versions", {}, status=201, etag="*")
    assert (tactical(place), tactical(place, "pay")[0]["status"]) == (None, "breach")
    moved = stamp(now())
    place.call("DELETE", deep, status=204, etag="*")
    assert tactical(place, "pay")[0]["status"] == "unjudged"
    assert tactical(place, "pay", f"?as_of={moved}")[0]["status"] == "breach"
    assert tactical(place, query=pair) == told
    assert place.client.call("GET", f"{place.path}/live{pair}").content == first
    assert tactical(place, query=f"?as_of={then}")[0]["status"] == "breach", "as it is known by now"
    assert tactical(place, query=f"?as_of={then}&stage=later") is None


def test_a_persona_is_told_how_maps_below_fare_for_her(tenant: Tenant) -> None:
    persona = {"key": "ana", "name": "Ana", "selector": {"segment": "ana"}}
    place = Place(tenant, {**DOCUMENT, "personas": [persona]})
    one = below(place, element(place, "form"), "one")
    place.kpi("a", period="week", thresholds=LINES)
    place.call("POST", f"{one}/bindings", {"kpi": "a", "element": "t"}, status=201)
    place.rate("a", 1, 90)
    place.rate("a", 1, 20, labels={"segment": "ana"})
    assert tactical(place)[0]["worst"] == "ok"
    assert tactical(place, query="?persona=ana")[0]["worst"] == "breach"
    assert tactical(place, query=f"?persona=ana&as_of={stamp(now())}")[0]["worst"] == "breach"


def test_a_view_tells_of_maps_below_by_its_own_kpis_and_where_it_says_so(place: Place) -> None:
    one = below(place, element(place, "form"), "one")
    measured(place, one, "a", 90)
    measured(place, one, "b", 10)
    later = [place.element("later")]

    def seen(query: str = "", **values: Any) -> Any:
        view = view_of(place, history=True, **values)
        live = place.call("GET", f"/v1/views/{view['id']}/live{query}")["live"]
        return live.get(element(place, "form"), {}).get("tactical")

    assert seen() is None
    for query in ("", f"?as_of={stamp(now())}"):
        [told] = seen(query, tactical=True)
        assert (told["journey_map"], told["worst"], told["coverage"]["of"]) == (None, "breach", 2)
        [told] = seen(query, tactical=True, kpis=["a"])
        assert (told["worst"], told["coverage"]["of"]) == ("ok", 1)
        [told] = seen(query, tactical=True, kpis=[])
        assert (told["worst"], told["coverage"]) == (None, NOTHING)
        assert seen(query, tactical=True, stages=later) is None
    view = view_of(place, kpis=["a"], tactical=True)
    etag = place.client.call("GET", f"/v1/views/{view['id']}/live")["ETag"]
    place.record({"kpi": "b", "period": week(1), "numerator": 90, "denominator": 100}, correct=True)
    assert place.client.call("GET", f"/v1/views/{view['id']}/live")["ETag"] == etag
    place.record({"kpi": "a", "period": week(1), "numerator": 10, "denominator": 100}, correct=True)
    assert place.client.call("GET", f"/v1/views/{view['id']}/live")["ETag"] != etag


def test_what_is_above_changes_with_what_is_below(place: Place) -> None:
    seen = [revision(place)]

    def changed() -> bool:
        seen.append(revision(place))
        return seen[-1] != seen[-2]

    one = below(place, element(place, "form"), "one")
    assert changed()
    deep = below(place, str(place.call("GET", f"{one}/draft/touchpoints/t")["id"]), "deep")
    assert changed()
    assert not changed()
    measured(place, deep, "b", 90)
    assert changed()
    place.record({"kpi": "b", "period": week(1), "numerator": 10, "denominator": 100}, correct=True)
    assert changed()
    assert tactical(place)[0]["worst"] == "breach"
    assert place.client.call("GET", f"{place.path}/live", If_None_Match=seen[-1]).status_code == 304
    place.call("PATCH", f"{one}/draft", {"parent_touchpoint": None}, etag="*")
    assert not changed()
    place.call("POST", f"{one}/versions", {}, status=201, etag="*")
    assert changed()
    assert tactical(place) is None


def test_an_archived_map_is_told_no_more(place: Place) -> None:
    one = below(place, element(place, "form"), "one")
    before = revision(place)
    place.call("DELETE", one, status=204, etag="*")
    assert revision(place) != before
    assert tactical(place) is None


def test_publishing_below_and_recording_above_do_not_wait_in_a_circle(place: Place) -> None:
    one = below(place, element(place, "form"), "one")
    place.kpi("both", period="week", thresholds=LINES)
    place.bind("both", "form")
    place.call("POST", f"{one}/bindings", {"kpi": "both", "element": "t"}, status=201)

    def work(number: int) -> int:
        client = ApiClient(place.tenant.secret)
        if number % 2:
            item = {"kpi": "both", "period": "2024-W10", "numerator": number, "denominator": 100}
            query = "/v1/readings/batch?on_conflict=correct"
            return int(client.call("POST", query, {"items": [item]}).status_code)
        client.call("PATCH", f"{one}/draft", {"description": str(number)}, etag="*")
        return int(client.call("POST", f"{one}/versions", {}, etag="*").status_code)

    assert set(at_once(12, work)) <= {201, 207, 409}
