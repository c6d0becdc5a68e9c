"""How much must be judged for a map to have a status: settled for the workspace, and for a map."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.kpis.audience import view_of
from tests.kpis.live_maps import Place, now, stamp
from tests.kpis.test_overview import LINES

ALL = "/v1/judgement-settings"


@pytest.fixture
def place(tenant: Tenant) -> Place:
    """One figure of three is judged."""
    place = Place(tenant)
    for key in ("completion", "payment", "thanks"):
        place.kpi(key, period="week", thresholds=LINES)
        place.bind(key, "form")
    for ago in (2, 1):
        place.rate("completion", ago, 20)
    return place


def settle(place: Place, path: str, floor: float | None, status: int = 200) -> Any:
    etag = place.call("GET", path)["etag"]
    return place.call("PATCH", path, {"coverage_floor": floor}, etag=etag, status=status)


def statuses(place: Place, query: str = "") -> tuple[str, str]:
    """Of the live map and of its row in the overview."""
    row = place.call("GET", "/v1/overview")["maps"][0]
    return place.live(query)["live"]["map"]["status"], row["status"]


def test_a_floor_is_settled_for_the_workspace_and_a_map_may_have_its_own(place: Place) -> None:
    own = f"{place.path}/judgement-settings"
    told = place.call("GET", own)
    assert (told["coverage_floor"], told["in_force"], told["etag"]) == (None, 0.5, '"r0"')
    assert statuses(place) == ("insufficient", "insufficient")
    before = place.client.call("GET", f"{place.path}/live")
    assert settle(place, ALL, 0.3)["in_force"] == 0.3
    after = place.client.call("GET", f"{place.path}/live", If_None_Match=before["ETag"])
    assert (after.status_code, after.json()["live"]["map"]["coverage"]["floor"]) == (200, 0.3)
    assert statuses(place) == ("breach", "breach")
    told = settle(place, own, 0.4)
    assert (told["coverage_floor"], told["in_force"]) == (0.4, 0.4)
    assert statuses(place) == ("insufficient", "insufficient")
    assert place.live("?floor=0")["live"]["map"]["status"] == "breach"
    assert settle(place, own, 0.4)["etag"] == told["etag"]
    assert settle(place, own, None)["in_force"] == 0.3
    assert b"breach" in place.client.call("GET", "/v1/overview", Accept="text/html").content
    view = view_of(place)
    for query, status in (("", "breach"), ("?floor=1", "insufficient")):
        seen = place.call("GET", f"/v1/views/{view['id']}/live{query}")
        assert seen["live"]["map"]["status"] == status


def test_what_was_seen_before_it_was_settled_stays_as_it_was(place: Place) -> None:
    then = stamp(now())
    settle(place, ALL, 0)
    assert statuses(place) == ("breach", "breach")
    assert place.live(f"?as_of={then}")["live"]["map"]["status"] == "insufficient"
    assert place.live(f"?as_of={stamp(now())}")["live"]["map"]["status"] == "breach"


def test_a_floor_is_a_share_and_is_settled_by_who_may(place: Place, stranger: Tenant) -> None:
    own = f"{place.path}/judgement-settings"
    assert settle(place, own, 0.12345)["coverage_floor"] == 0.1234  # half to even
    settle(place, own, None)
    for wrong in (-0.1, 1.5, "half"):
        settle(place, own, wrong, status=400)  # type: ignore[arg-type]
    settled = settle(place, own, 0.4)
    assert place.call("PATCH", own, {}, etag=settled["etag"]) == settled
    place.call("PATCH", own, {"coverage_floor": 1}, status=428)
    place.call("PATCH", own, {"coverage_floor": 1}, etag='"r99"', status=412)
    assert stranger.client.call("GET", own).status_code == 404
    assert stranger.client.call("PATCH", own, {"coverage_floor": 1}, etag="*").status_code == 404
    assert stranger.client.call("GET", ALL).json()["in_force"] == 0.5
    key = place.tenant.key
    assert key("maps:read").call("GET", own).status_code == 403
    assert key("kpis:read").call("PATCH", own, {"coverage_floor": 1}, etag="*").status_code == 403
    assert key("kpis:write").call("PATCH", ALL, {"coverage_floor": 1}, etag="*").status_code == 403
