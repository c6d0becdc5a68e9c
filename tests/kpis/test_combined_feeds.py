"""KPIs that several feeds tell of: kept apart, added up or preferred, and told whose figure it is."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from kpis.actions.readings import Feed
from kpis.actions.readings_series import release_series
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, week
from tests.kpis.make_points import put
from tests.kpis.make_readings import codes, kpi, record

SOURCE = {
    "name": "feed",
    "type": "http_json",
    "config": {"url": "https://example.com/a.json"},
    "mappings": [{"kpi": "sold", "value": "$.value", "period": "$.period"}],
    "schedule": {"every": "PT1H"},
}


def feed() -> Feed:
    return Feed(id=uuid.uuid4(), cause=None, name="feed")


def tell(tenant: Tenant, feed: Feed, day: int, value: int | None, **more: Any) -> str:
    item = ReadingIn(kpi="sold", period=f"2026-04-{day:02}", value=value, retract=value is None, **more)
    (outcome,) = put(tenant, [item], feed=feed)
    return outcome.status


def told(tenant: Tenant, query: str = "") -> list[tuple[str, Any, list[str]]]:
    shown = tenant.client.call("GET", f"/v1/kpis/sold/points?fill=none&{query}").json()
    return [(one["label"][-2:], one["value"], one["feeds"]) for one in shown["points"]]


def test_what_feeds_tell_apart_is_added_up(tenant: Tenant) -> None:
    kpi(tenant, "sold", "count", period="day", combine="sum")
    a, b = sorted((feed(), feed()), key=lambda one: str(one.id))
    assert tell(tenant, a, 1, 5) == tell(tenant, b, 1, 7) == tell(tenant, b, 2, 9) == "created"
    record(tenant, "sold", period="2026-04-02", value=100)
    assert tell(tenant, b, 1, 7) == "duplicate"
    before = quote(datetime.now(UTC).isoformat())
    assert tell(tenant, b, 1, 8) == "corrected"
    assert tell(tenant, a, 3, None) == "refused"
    shown = [("01", 13, sorted((str(a.id), str(b.id)))), ("02", 109, sorted((str(b.id), "api")))]
    assert [(day, value, sorted(feeds)) for day, value, feeds in told(tenant)] == shown
    assert told(tenant, f"known_at={before}&as_of={before}")[0][1] == 12
    (month,) = told(tenant, "bucket=month")
    assert (month[1], set(month[2])) == (122, {str(a.id), str(b.id), "api"})
    listed = tenant.client.call("GET", "/v1/kpis/sold/series").json()["results"]
    assert [(one["labels"], one["feed"]) for one in listed] == [({}, str(a.id)), ({}, str(b.id)), ({}, None)]
    # what a feed that is gone told stays its own
    with tenant.enter():
        release_series(workspace_id=tenant.workspace.id, feed_id=a.id)
    record(tenant, "sold", period="2026-04-01", value=1)
    assert told(tenant)[0][1] == 14


def test_the_preferred_feed_is_stood_in_for_where_it_lacks_a_period(tenant: Tenant) -> None:
    source = tenant.client.call("POST", "/v1/sources", SOURCE).json()
    preferred = {"combine": "prefer", "feeds": [source["id"], "api"]}
    kpi(tenant, "sold", "count", period="day", **preferred)
    first, other = Feed(id=uuid.UUID(source["id"]), cause=None, name="feed"), feed()
    for day, value in ((1, 1), (2, 2)):
        tell(tenant, first, day, value)
    for day in (1, 3):
        record(tenant, "sold", period=f"2026-04-{day:02}", value=100)
    for day in (2, 3, 4):
        tell(tenant, other, day, 1000)
    assert told(tenant) == [
        ("01", 1, [source["id"]]),
        ("02", 2, [source["id"]]),
        ("03", 100, ["api"]),
        ("04", 1000, [str(other.id)]),
    ]
    assert tell(tenant, first, 1, None) == "retracted"
    assert told(tenant)[0] == ("01", 100, ["api"])
    shown = tenant.client.call("GET", "/v1/kpis/sold/points?bucket=month").json()
    [month] = shown["points"]
    assert (month["value"], month["label"], shown["period"]) == (1202, "2026-04", "month")
    assert set(month["feeds"]) == {source["id"], "api", str(other.id)}
    assert (month["periods_told"], month["periods"]) == (4, 30)
    said = tenant.client.call("GET", month["explain"]).json()
    assert said["point"] == month
    weeks = tenant.client.call(
        "GET", "/v1/kpis/sold/points?bucket=week&from=2026-04-02T00:00:00Z&to=2026-04-03T00:00:00Z"
    ).json()["points"]
    assert [(one["label"], one["value"]) for one in weeks] == [("2026-W14", 1202)]
    assert len(told(tenant, "bucket=month&limit=1")) == 1
    refused = tenant.client.call("GET", "/v1/kpis/sold/points?bucket=hour")
    assert (refused.status_code, refused.json()["code"]) == (409, "finer_than_period")
    kpi(tenant, "twice", "derived", expression="2 * sold", unit="pairs", period="day")
    by_day = tenant.client.call("GET", "/v1/kpis/twice/points?fill=none").json()["points"]
    assert [one["value"] for one in by_day] == [200, 4, 200, 2000]
    [longer] = tenant.client.call("GET", "/v1/kpis/twice/points?bucket=month").json()["points"]
    assert (longer["value"], set(longer["feeds"])) == (2404, set(month["feeds"]))
    kpi(tenant, "monthly", "derived", expression="2 * sold + 1", unit="pairs", period="month")
    [made] = tenant.client.call("GET", "/v1/kpis/monthly/points").json()["points"]
    assert (made["value"], made["label"]) == (2405, "2026-04")
    before = quote(datetime.now(UTC).isoformat())
    tell(tenant, first, 2, 12)
    [made] = tenant.client.call("GET", "/v1/kpis/monthly/points").json()["points"]
    assert (made["value"], made["restated"]["was"]) == (2425, 2 * (1 + 2 + 100 + 1000) + 1)
    then = f"/v1/kpis/monthly/points?as_of={before}&known_at={before}"
    assert tenant.client.call("GET", then).json()["points"][0]["value"] == 2405


def test_a_kpi_takes_a_second_feed_from_when_it_says_so(tenant: Tenant) -> None:
    made = kpi(tenant, "sold", "count", period="day")
    a, b = feed(), feed()
    tell(tenant, a, 1, 5)
    assert tell(tenant, b, 2, 7) == "refused"
    changed = tenant.client.call("PATCH", "/v1/kpis/sold", {"combine": "sum"}, etag=made["etag"]).json()
    assert (changed["measure"], changed["combine"], changed["feeds"]) == (1, "sum", [])
    assert tell(tenant, a, 1, 6) == "corrected"  # its own series still
    back = tenant.client.call("PATCH", "/v1/kpis/sold", {"combine": None}, etag=changed["etag"]).json()
    assert tell(tenant, b, 1, 7) == "refused"
    again = tenant.client.call("PATCH", "/v1/kpis/sold", {"combine": "sum"}, etag=back["etag"]).json()
    assert tell(tenant, b, 1, 7) == "created"
    assert told(tenant)[0][1] == 13
    late = tenant.client.call("PATCH", "/v1/kpis/sold", {"combine": None}, etag=again["etag"])
    assert (late.status_code, late.json()["code"]) == (409, "several_feeds")


@pytest.mark.parametrize("feeds", [["api"], []])
def test_the_map_tells_whose_figure_it_shows(tenant: Tenant, feeds: list[str]) -> None:
    place = Place(tenant)
    how = {"combine": "prefer", "feeds": feeds} if feeds else {"combine": "sum"}
    place.kpi("completion", period="week", **how)
    place.bind("completion", "form")
    other = feed()
    item = ReadingIn(kpi="completion", period=week(1), numerator=10, denominator=100)
    put(tenant, [item], feed=other, at=datetime.now(UTC))
    [entry] = place.entries("form")
    assert (entry["value"], entry["feeds"]) == (0.1, [str(other.id)])
    place.rate("completion", 1, 90)
    [entry] = place.entries("form")
    both = sorted((str(other.id), "api"))
    assert (entry["value"], entry["feeds"]) == ((0.9, ["api"]) if feeds else (0.5, both))


def test_feeds_that_are_not_there_cannot_be_preferred(tenant: Tenant, stranger: Tenant) -> None:
    theirs = stranger.client.call("POST", "/v1/sources", SOURCE).json()["id"]
    body = {"key": "x", "name": "x", "kind": "count", "combine": "prefer", "feeds": ["api", theirs]}
    answer = tenant.client.call("POST", "/v1/kpis", body)
    assert (answer.status_code, codes(answer.json())) == (400, {("/feeds/1", "unknown_feed")})


@pytest.mark.parametrize("combine", ["sum", None])
def test_sides_meet_within_a_feed_that_is_kept_apart_and_across_feeds_that_labels_tell_apart(
    tenant: Tenant, combine: str | None
) -> None:
    """Two systems deliver, each numbers its mails from 1, and a third feed tells the opens of the first."""
    kpi(tenant, "opens", "open_rate", holds="events", combine=combine)
    one, two, opens = feed(), feed(), feed()

    def side(name: str, id: str, **more: Any) -> ReadingIn:
        at = datetime(2026, 4, 30, 12, tzinfo=UTC)
        return ReadingIn(kpi="opens", side=name, external_id=id, observed_at=at, **more)  # type: ignore[arg-type]

    for system, feed_ in (("one", one), ("two", two)):
        labels = {} if combine else {"labels": {"system": system}}
        ids = ("1", "2") if combine or system == "one" else ("two:1", "two:2")
        done = put(tenant, [side("denominator", id, **labels) for id in ids], feed=feed_)
        assert [outcome.status for outcome in done] == ["created"] * 2
    (done_,) = put(tenant, [side("numerator", "1")], feed=opens)
    assert done_.status == "created"
    every = "labels=" + quote('{"system": "*"}') if combine is None else ""
    shown = tenant.client.call("GET", f"/v1/kpis/opens/points?{every}").json()
    matched = [(point["value"], point["n"]) for point in shown["points"] if point["n"]]
    assert (matched, shown["unmatched"]) == (([(0, 4)], 1) if combine else ([(0.25, 4)], 0))
