"""Suspect readings: drawn, neither judged nor summed until somebody confirms them or takes them back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from kpis.actions.rollups import rebuild_dirty
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, week
from tests.kpis.make_points import AT, points_of, put
from tests.kpis.make_readings import codes, kpi, record, record_all

BAND = {"low": 0, "high": 1000, "jump_share": 1}


def told(tenant: Tenant, key: str, query: str = "") -> list[tuple[str, Any, Any]]:
    """(label, value, suspect value) of each point."""
    answer = tenant.client.call("GET", f"/v1/kpis/{key}/points?{query}")
    assert answer.status_code == 200, answer.content
    return [
        (one["label"], one["value"], one["suspect"] and one["suspect"]["value"])
        for one in answer.json()["points"]
    ]


def settle(tenant: Tenant, reading: str, noun: str, status: int = 201, body: dict | None = None) -> dict:
    answer = tenant.client.call("POST", f"/v1/readings/{reading}/{noun}", body or {})
    assert answer.status_code == status, answer.content
    shown: dict = answer.json()
    return shown


def now() -> str:
    return quote(datetime.now(UTC).isoformat())


@pytest.fixture
def sold(tenant: Tenant) -> Tenant:
    kpi(tenant, "sold", "count", period="day", plausibility=BAND)
    for day, value in ((1, 100), (2, 110)):
        assert record(tenant, "sold", period=f"2026-04-{day:02}", value=value)["state"] == "current"
    return tenant


def test_a_suspect_reading_waits_to_be_confirmed_and_both_clocks_tell_it(sold: Tenant) -> None:
    made = record(sold, "sold", period="2026-04-03", value=221)
    assert (made["state"], made["suspect"]) == ("suspect", True)
    doubted = [("2026-04-02", 110, None), ("2026-04-03", None, 221)]
    assert told(sold, "sold")[1:] == doubted
    before = now()
    record(sold, "sold", period="2026-04-04", value=120)  # held against the last that is not suspect
    row = settle(sold, made["id"], "confirmations", body={"reason": "A sale."})
    assert (row["state"], row["suspect"], row["reason"], row["value"]) == ("current", False, "A sale.", 221)
    assert told(sold, "sold")[2:] == [("2026-04-03", 221, None), ("2026-04-04", 120, None)]
    assert told(sold, "sold", f"known_at={before}&as_of={before}")[1:] == doubted
    was = sold.client.call("GET", f"/v1/readings/{made['id']}").json()
    assert (was["state"], was["suspect"]) == ("superseded", True)
    assert settle(sold, made["id"], "confirmations", 409)["code"] == "superseded"
    assert settle(sold, row["id"], "confirmations", 409)["code"] == "not_suspect"
    # what was confirmed stays so when it is sent again
    assert record(sold, "sold", 200, period="2026-04-03", value=221)["state"] == "current"


def test_suspects_are_listed_and_may_be_taken_back_or_corrected(sold: Tenant) -> None:
    items = [
        {"kpi": "sold", "period": f"2026-04-{day:02}", "value": value}
        for day, value in ((5, 5000), (3, 115), (4, 400), (6, 120))
    ]
    record_all(sold, items)

    def listed(query: str = "") -> list[tuple[float, str]]:
        page = sold.client.call("GET", f"/v1/readings?kpi=sold&suspect=true{query}").json()
        return [(one["value"], one["id"]) for one in page["results"]]

    assert [value for value, _ in listed()] == [400, 5000]
    assert [value for value, _ in listed("&page_size=1")] == [400]
    then = now()
    settle(sold, listed()[0][1], "retractions")
    record(sold, "sold", 201, "?on_conflict=correct", period="2026-04-05", value=118)
    assert listed() == []
    assert [value for value, _ in listed(f"&known_at={then}")] == [400, 5000]
    assert told(sold, "sold")[2:] == [
        ("2026-04-03", 115, None),
        ("2026-04-04", None, None),
        ("2026-04-05", 118, None),
        ("2026-04-06", 120, None),
    ]
    every = sold.client.call("GET", f"/v1/readings?kpi=sold&known_at={then}").json()["results"]
    assert [one["state"] for one in every if one["start"] >= "2026-04-04"] == [
        "suspect",
        "suspect",
        "current",
    ]
    early = sold.client.call("GET", "/v1/readings?kpi=sold&as_of=2026-04-02T00:00:00Z").json()["results"]
    assert [one["value"] for one in early] == [100]


def test_sums_leave_suspects_out_and_say_so(sold: Tenant) -> None:
    record(sold, "sold", period="2026-04-03", value=900)
    record(sold, "sold", period="2026-04-02", value=7, labels={"shop": "a"})
    record(sold, "sold", period="2026-04-02", value=7000, labels={"shop": "b"})
    shown = sold.client.call("GET", "/v1/kpis/sold/points?bucket=month").json()["points"]
    assert [(one["value"], one["suspect"]) for one in shown] == [
        (210, {"id": None, "readings": 1, "value": 900, "n": 900})
    ]
    assert told(sold, "sold", 'labels={"shop":"*"}') == [("2026-04-02", 7, 7000)]


def test_events_beyond_the_bounds_are_left_out_of_sums_and_rollups(tenant: Tenant) -> None:
    kpi(
        tenant,
        "handling",
        "time_on_task",
        method="mean",
        holds="events",
        period="day",
        plausibility={"high": 3600},
    )
    put(
        tenant,
        [
            ReadingIn(
                kpi="handling",
                external_id=str(hour),
                observed_at=datetime(2026, 4, 1 + hour // 4, hour % 4, tzinfo=UTC),
                value=value,
            )
            for hour, value in enumerate((60, 120, 10**9, 60, 10**8))
        ],
    )

    def shown() -> list[tuple[Any, int]]:
        return [(point.value, point.doubt.readings) for point in points_of(tenant, "handling")]

    assert shown() == [(80, 1), (None, 1)]
    with tenant.enter():
        rebuild_dirty(workspace_id=tenant.workspace.id, limit=100, at=AT)
    assert shown() == [(80, 1), (None, 1)]
    page = tenant.client.call("GET", "/v1/readings?kpi=handling&suspect=true").json()["results"]
    settle(tenant, page[0]["id"], "confirmations")
    assert shown()[0] == ((240 + 10**9) / 4, 0)
    settle(tenant, page[1]["id"], "retractions")
    assert len(shown()) == 1


def test_a_suspect_figure_is_drawn_on_the_map_and_not_judged(tenant: Tenant) -> None:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"breach": 0.6}, plausibility={"jump": 0.2})
    place.bind("completion", "form")
    place.rate("completion", 3, 80)
    place.rate("completion", 2, 82)
    made = record(tenant, "completion", period=week(1), numerator=10, denominator=100)
    [entry] = place.entries("form")
    assert (entry["value"], entry["status"], entry["period"]["label"]) == (0.82, "ok", week(2))
    assert [value for _, value in entry["spark"]] == [0.8, 0.82, None]
    assert [value for _, value in entry["suspects"]] == [0.1]
    assert ("suspect" in entry["caveats"], entry["freshness"]) == (True, "fresh")
    drawn = tenant.client.call("GET", f"{place.path}/live", accept="text/html").content.decode()
    assert "not yet confirmed: 10.0" in drawn
    settle(tenant, made["id"], "confirmations")
    [entry] = place.entries("form")
    assert (entry["value"], entry["status"], entry["suspects"]) == (0.1, "breach", [])


def test_a_band_is_changed_like_any_rule_and_says_what_is_wrong_with_it(sold: Tenant) -> None:
    shown = sold.client.call("GET", "/v1/kpis/sold").json()
    assert shown["plausibility"] == {"low": 0, "high": 1000, "jump": None, "jump_share": 1}
    refused = sold.client.call("PATCH", "/v1/kpis/sold", {"plausibility": {"low": 2000}}, etag=shown["etag"])
    assert codes(refused.json()) == {("/plausibility/high", "order")}
    wider = {"plausibility": {"high": 9000, "jump_share": None}}
    changed = sold.client.call("PATCH", "/v1/kpis/sold", wider, etag=shown["etag"]).json()
    assert (changed["revision"], changed["measure"]) == (2, 1)
    assert record(sold, "sold", period="2026-04-03", value=5000)["state"] == "current"
    gone = sold.client.call("PATCH", "/v1/kpis/sold", {"plausibility": None}, etag=changed["etag"]).json()
    assert gone["plausibility"] is None


def test_who_may_not_tell_readings_settles_none(sold: Tenant, stranger: Tenant) -> None:
    made = record(sold, "sold", period="2026-04-03", value=900)
    for noun in ("confirmations", "retractions"):
        path = f"/v1/readings/{made['id']}/{noun}"
        assert stranger.client.call("POST", path, {}).status_code == 404
        assert sold.key("kpis:read").call("POST", path, {}).status_code == 403
        assert sold.client.call("POST", f"/v1/readings/x/{noun}", {}).status_code == 404
        assert sold.client.call("POST", path, {"reason": 1}).status_code == 400
