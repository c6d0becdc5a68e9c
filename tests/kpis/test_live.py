"""The live map over HTTP: figures at their places, conditional, narrowed, roll-ups with coverage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from journeys import queries as journeys
from kpis.serializers.live import (
    LiveCoverageOut,
    LiveGroupOut,
    LiveMapNameOut,
    LiveOut,
    MeasuredEmotionOut,
)
from kpis.serializers.live_figure import LiveEntryOut, LivePeriodOut, LiveRunningOut, LiveTrendOut
from tests.conftest import Tenant
from tests.kpis.live_maps import DOCUMENT, Place, now, stamp, week

LINES = {"target": 0.8, "warn": 0.7, "breach": 0.6}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


@pytest.fixture
def measured(place: Place) -> Place:
    """A weekly rate, judged, bound to the form, with two complete weeks."""
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form")
    place.rate("completion", 2, 80)
    place.rate("completion", 1, 82)
    return place


def test_figures_stand_at_their_touchpoints(measured: Place) -> None:
    [entry] = measured.entries("form")
    assert (entry["value"], entry["n"], entry["status"], entry["freshness"]) == (0.82, 100, "ok", "fresh")
    assert (entry["name"], entry["key"], entry["period"]["label"]) == ("Completion", "completion", week(1))
    assert entry["trend"] == {"previous": 0.8, "delta": 0.02, "verdict": "better"}
    assert [figure for _, figure in entry["spark"]] == [0.8, 0.82]


def test_the_document_goes_out_as_published(measured: Place) -> None:
    live = measured.live()
    assert live["document"]["name"] == live["map"]["name"] == "Claim"
    assert (live["version"], live["as_of"], live["known_at"]) == (1, None, None)
    with measured.tenant.enter():
        journey_map = journeys.journey_map(measured.tenant.workspace.id, "claim")
        published = journeys.version_bytes(journeys.version_of(journey_map, "1"))
    assert published in measured.client.call("GET", f"{measured.path}/live").content


def test_stage_and_map_roll_up_and_say_what_they_cover(measured: Place) -> None:
    measured.kpi(
        "wait", kind="time_on_task", method="mean", period="week", thresholds={"warn": 60, "breach": 120}
    )
    measured.bind("wait", "thanks")
    measured.kpi("visits", kind="visitors")
    measured.bind("visits")
    live = measured.live()["live"]
    stage, whole = live[measured.element("apply")], live["map"]
    assert (stage["status"], stage["coverage"]) == (
        "ok",
        {"judged": 1, "of": 1, "without_rules": 0, "floor": 0.5},
    )
    assert (live[measured.element("later")]["status"]) == "insufficient"
    assert whole["coverage"] == {"judged": 1, "of": 2, "without_rules": 1, "floor": 0.5}
    assert whole["counts"] == {"ok": 1, "missing": 1, "unjudged": 1}
    assert whole["status"] == "ok"
    strict = measured.live("?floor=0.6")["live"]["map"]
    assert (strict["status"], strict["worst"], strict["coverage"]["floor"]) == ("insufficient", "ok", 0.6)
    then = measured.live(f"?as_of={stamp(now())}")["live"]["map"]
    assert then["coverage"] == whole["coverage"]
    refused = measured.client.call("GET", f"{measured.path}/live?floor=1.1")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/floor")
    assert [entry["key"] for entry in whole["kpis"]] == ["visits"]
    assert live[measured.element("form")]["emotion"] == {"drawn": 0.5, "measured": None}


def test_a_measured_emotion_stands_beside_the_drawn_one(place: Place) -> None:
    place.kpi("joy", kind="csat", method="mean", period="week", min_n=0)
    place.bind("joy", "form")
    place.record({"kpi": "joy", "period": week(1), "distribution": {"5": 10, "3": 10}})
    live = place.live()["live"]
    assert live[place.element("form")]["emotion"] == {"drawn": 0.5, "measured": 0.5}
    assert live["map"]["emotion"] == {"drawn": 0.5, "measured": 0.5}


def test_nothing_new_is_304_and_a_reading_is_new(measured: Place) -> None:
    path = f"{measured.path}/live"
    first = measured.client.call("GET", path)
    again = measured.client.call("GET", path, If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Content-Location"):
        assert again[name] == first[name]
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Content-Location"] == f"/v1/journey-maps/{measured.map_id}/live?version=1"
    measured.rate("completion", 3, 70)
    changed = measured.client.call("GET", path, If_None_Match=first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_from_ok_to_breach_is_one_event_and_a_new_validator(measured: Place) -> None:
    first = measured.client.call("GET", f"{measured.path}/live")
    measured.rate("completion", 1, 50, correct=True) if False else None
    measured.record(
        {"kpi": "completion", "period": week(1), "numerator": 50, "denominator": 100}, correct=True
    )
    assert measured.entries("form")[0]["status"] == "breach"
    assert measured.client.call("GET", f"{measured.path}/live")["ETag"] != first["ETag"]
    turns = status_changes(measured)
    assert [(turn["from"], turn["to"]) for turn in turns] == [("missing", "ok"), ("ok", "breach")]
    assert turns[-1]["element"] == measured.element("form")
    assert turns[-1]["value"] == 0.5


def status_changes(place: Place) -> list[dict[str, Any]]:
    events = place.call("GET", "/v1/events?page_size=100")["results"]
    return [event["data"] for event in events if event["type"] == "kpi.status_changed"]


def test_other_labels_change_nothing_that_is_shown(measured: Place) -> None:
    first = measured.client.call("GET", f"{measured.path}/live")
    measured.rate("completion", 1, 10, labels={"segment": "smb"})
    again = measured.client.call("GET", f"{measured.path}/live", If_None_Match=first["ETag"])
    assert again.status_code == 304


def test_every_label_is_summed_again_and_new_ones_join(place: Place) -> None:
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form", selector={"segment": "*"})
    place.rate("completion", 1, 90, 100, labels={"segment": "smb"})
    place.rate("completion", 1, 10, 100)  # the total without labels is not part of it
    place.rate("completion", 1, 150, 300, labels={"segment": "large"})
    [entry] = place.entries("form")
    assert (entry["value"], entry["n"], entry["labels"]) == (0.6, 400, {"segment": "*"})


def test_a_ratio_follows_both_its_kpis(place: Place) -> None:
    place.kpi("orders", kind="count", period="week")
    place.kpi("visits", kind="visitors", period="week")
    place.kpi("per-visit", kind="ratio", numerator_kpi="orders", denominator_kpi="visits", period="week")
    place.bind("per-visit", "pay")
    place.record({"kpi": "orders", "period": week(1), "value": 30})
    assert place.entries("pay")[0]["value"] is None
    place.record({"kpi": "visits", "period": week(1), "value": 120})
    assert place.entries("pay")[0]["value"] == 0.25


def test_persona_narrows_to_its_own_figures(tenant: Tenant) -> None:
    document = {
        **DOCUMENT,
        "personas": [{"key": "small", "name": "Small firm", "selector": {"segment": "smb"}}],
    }
    place = Place(tenant, document)
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form")
    place.kpi("uptime", kind="share", period="week")
    place.bind("uptime", "pay")
    place.kpi("large", kind="share", period="week")
    place.bind("large", "thanks", selector={"segment": "large"})
    place.rate("completion", 1, 82)
    place.rate("uptime", 1, 99)
    first = place.client.call("GET", f"{place.path}/live?persona=small")
    assert json.loads(first.content)["live"][place.element("form")]["kpis"][0]["value"] == 0.82
    place.rate("completion", 1, 55, labels={"segment": "smb"})
    again = place.client.call("GET", f"{place.path}/live?persona=small", If_None_Match=first["ETag"])
    assert again.status_code == 200
    seen = again.json()["live"]
    [entry] = seen[place.element("form")]["kpis"]
    assert (entry["value"], entry["status"], entry["labels"]) == (0.55, "breach", {"segment": "smb"})
    assert seen[place.element("pay")]["kpis"][0]["value"] == 0.99  # nobody tells it apart
    assert place.element("thanks") not in seen  # another segment's
    assert place.entries("form")[0]["value"] == 0.82
    place.call("GET", f"{place.path}/live?persona=nobody", status=404)


def test_stage_narrows_the_live_part_only(measured: Place) -> None:
    live = measured.live("?stage=later")
    assert set(live["live"]) == {"map"}
    assert len(live["document"]["stages"]) == 2
    assert set(measured.live("?stage=apply")["live"]) >= {"map", measured.element("form")}
    measured.call("GET", f"{measured.path}/live?stage=nowhere", status=404)


def test_a_picture_and_a_page_by_accept(measured: Place) -> None:
    path = f"{measured.path}/live"
    drawn = measured.client.call("GET", path, Accept="image/svg+xml")
    page = measured.client.call("GET", path, Accept="text/html")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"82.0" in drawn.content
    assert page["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    tags = {measured.client.call("GET", path)["ETag"], drawn["ETag"], page["ETag"]}
    assert len(tags) == 3
    refused = measured.client.call("GET", path, Accept="image/png")
    assert (refused.status_code, refused["Content-Type"]) == (406, "application/problem+json")
    unknown = measured.client.call("GET", f"{path}?stage=nowhere", Accept="image/svg+xml")
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "application/problem+json")
    assert unknown.json()["code"] == "not_found"


def test_queries_are_strict(measured: Place) -> None:
    for query, code in (
        ("format=svg", "unknown_field"),
        ("as_of=2026-01-01", "offset"),
        ("as_of=2199-01-01T00:00:00Z", "in_the_future"),
        ("known_at=2199-01-01T00:00:00Z", "in_the_future"),
        ("version=0", "min_value"),
    ):
        refused = measured.call("GET", f"{measured.path}/live?{query}", status=400)
        assert [issue["code"] for issue in refused["errors"]] == [code], query
    measured.call("GET", f"{measured.path}/live?version=9", status=404)


def test_head_answers_like_get_without_a_body(measured: Place) -> None:
    path = f"{measured.path}/live"
    shown, head = measured.client.call("GET", path), measured.client.call("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == shown["ETag"]


def test_the_declared_members_are_the_served_ones(measured: Place) -> None:
    """No serializer stands between the entry and the client, so the contract is held against the bytes."""
    measured.rate("completion", 0, 50)
    live = measured.live()
    group = live["live"][measured.element("form")]
    [entry] = group["kpis"]
    for served, declared in (
        (live, LiveOut),
        (live["map"], LiveMapNameOut),
        (group, LiveGroupOut),
        (group["coverage"], LiveCoverageOut),
        (group["emotion"], MeasuredEmotionOut),
        (entry, LiveEntryOut),
        (entry["period"], LivePeriodOut),
        (entry["trend"], LiveTrendOut),
        (entry["running"], LiveRunningOut),
    ):
        always = {name for name, field in declared().fields.items() if field.required}
        assert set(served) == always, declared


def test_a_draft_has_no_live_map(tenant: Tenant) -> None:
    place = Place(tenant, publish=False)
    refused = place.call("GET", f"{place.path}/live", status=404)
    assert refused["code"] == "not_published"


def test_a_stranger_sees_nothing(measured: Place, stranger: Tenant) -> None:
    for path in (f"{measured.path}/live", "/v1/journey-maps/claim/live"):
        assert stranger.client.call("GET", path).status_code == 404
        etag = measured.client.call("GET", path)["ETag"]
        assert stranger.client.call("GET", path, If_None_Match=etag).status_code == 404


def test_key_and_scope(measured: Place, tenant: Tenant) -> None:
    assert measured.call("GET", "/v1/journey-maps/claim/live") == measured.live()
    assert tenant.key("kpis:read").call("GET", f"{measured.path}/live").status_code == 403
    assert tenant.key("maps:read").call("GET", f"{measured.path}/live").status_code == 200


def test_a_renamed_kpi_shows_its_new_name_and_the_past_the_old(measured: Place) -> None:
    before = now()
    then = measured.live(f"?as_of={before.isoformat().replace('+00:00', 'Z')}")
    shown = measured.call("GET", "/v1/kpis/completion")
    measured.call("PATCH", "/v1/kpis/completion", {"name": "Done", "key": "done"}, etag=shown["etag"])
    [entry] = measured.entries("form")
    assert (entry["name"], entry["key"]) == ("Done", "done")
    assert measured.live(f"?as_of={before.isoformat().replace('+00:00', 'Z')}") == then
