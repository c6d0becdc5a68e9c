"""The live map as of an instant, as known at another: judged by what held then, the same bytes for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.actions.readings import Feed, record_readings
from kpis.queries import live_asked
from kpis.queries.bindings import terms_now
from kpis.queries.state_judged import judged
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import DOCUMENT, Place, now, stamp, week

LINES = {"target": 0.8, "warn": 0.7, "breach": 0.6}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form")
    place.rate("completion", 2, 80)
    place.rate("completion", 1, 82)
    return place


def body(place: Place, query: str) -> bytes:
    answer = place.client.call("GET", f"{place.path}/live?{query}")
    assert answer.status_code == 200, answer.content
    return bytes(answer.content)


def test_the_same_pair_gives_the_same_bytes_whatever_comes_later(place: Place) -> None:
    then = stamp(now())
    pair = f"as_of={then}&known_at={then}"
    first = body(place, pair)
    picture = place.client.call("GET", f"{place.path}/live?{pair}", Accept="image/svg+xml").content
    everything_changes(place)
    assert body(place, pair) == first
    assert place.client.call("GET", f"{place.path}/live?{pair}", Accept="image/svg+xml").content == picture
    assert place.live()["version"] == 2
    assert place.entries("form")[0]["value"] == 0.3


def everything_changes(place: Place) -> None:
    """Readings, thresholds, definition, names, labels, places, the document, a second binding."""
    bad = {"kpi": "completion", "period": week(1), "numerator": 30, "denominator": 100}
    place.record(bad, correct=True)
    place.rate("completion", 3, 11)
    binding = place.call("GET", f"{place.path}/bindings")["results"][0]
    changed = {"label": "Done", "place": 7, "thresholds": {"warn": 0.99}}
    place.call("PATCH", f"/v1/bindings/{binding['id']}", changed, etag=binding["etag"])
    place.bind("completion", "form", place=0)
    place.redraft({**place.live()["document"], "name": "Claim, again"})
    place.publish()


def test_the_present_asked_for_as_of_now_says_the_same(place: Place) -> None:
    present = place.live()
    past = place.live(f"?as_of={stamp(now())}")
    assert past["live"] == present["live"]
    assert past["document"] == present["document"]


def test_so_it_does_whatever_is_bound(place: Place) -> None:
    """Kept states and as-of reads go the same way: figures, events, instants, ratios, labels summed again."""
    place.kpi("nps", kind="nps", input="answers", holds="events", period="day", min_n=2)
    place.bind("nps", "thanks")
    place.kpi("queue", kind="gauge", unit="people", thresholds={"warn": 5, "direction": "down"})
    place.bind("queue", "later", thresholds={"warn": 7, "direction": "down"})
    place.kpi("orders", kind="count", period="week")
    place.kpi("visits", kind="visitors", period="week")
    place.kpi("per-visit", kind="ratio", numerator_kpi="orders", denominator_kpi="visits", period="week")
    place.bind("per-visit", selector={"shop": "*"})
    at = now()
    for number in range(12):
        told = stamp(at - timedelta(minutes=12 - number))
        place.record({"kpi": "queue", "observed_at": told, "value": number})
        answer = stamp(at - timedelta(hours=20 * number))
        place.record({"kpi": "nps", "observed_at": answer, "value": number % 11, "external_id": f"a{number}"})
        shop = {"labels": {"shop": str(number % 2)}, "period": week(number // 2)}
        place.record({"kpi": "orders", "value": 10 + number, **shop}, {"kpi": "visits", "value": 100, **shop})
    present, past = place.live(), place.live(f"?as_of={stamp(now())}")
    assert past["live"] == present["live"]
    queue = present["live"][place.element("later")]["kpis"][0]
    assert (queue["value"], queue["status"], queue["freshness"]) == (11, "warn", "fresh")
    assert queue["fresh_until"] is not None
    ratio = present["live"]["map"]["kpis"][0]
    assert (ratio["value"], ratio["running"]["value"]) == (0.125, 0.105)


def test_what_was_learnt_later_counts_unless_known_at_says_no(place: Place) -> None:
    then = stamp(now())
    place.record({"kpi": "completion", "period": week(1), "numerator": 40, "denominator": 100}, correct=True)
    assert place.entries("form", f"?as_of={then}")[0]["value"] == 0.4
    assert place.entries("form", f"?as_of={then}&known_at={then}")[0]["value"] == 0.82
    assert place.entries("form", f"?known_at={then}")[0]["value"] == 0.82


def test_a_final_answer_may_be_kept_unasked(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    then = stamp(now())
    fresh = place.client.call("GET", f"{place.path}/live?known_at={then}")
    assert fresh["Cache-Control"] == "private, no-cache"
    monkeypatch.setattr(live_asked, "FINAL_AFTER", timedelta(0))
    final = place.client.call("GET", f"{place.path}/live?known_at={then}")
    assert final["Cache-Control"] == "private, max-age=600"
    assert final.content == fresh.content
    place.rate("completion", 3, 11)
    again = place.client.call("GET", f"{place.path}/live?known_at={then}", If_None_Match=final["ETag"])
    assert again.status_code == 304
    open_ended = place.client.call("GET", f"{place.path}/live?as_of={then}")
    assert open_ended["Cache-Control"] == "private, no-cache"
    assert abs(parsedate_to_datetime(open_ended["Memento-Datetime"]) - now()) < timedelta(seconds=30)
    assert f"version=1&as_of={then[:19]}" in open_ended["Content-Location"].replace("%3A", ":")


def test_thresholds_judge_what_held_at_each_instant(place: Place) -> None:
    """A line raised in between: the week before is judged by the old one, the week after by the new."""
    middle = monday(1) + timedelta(hours=1)
    binding = place.call("GET", f"{place.path}/bindings")["results"][0]
    own = {"thresholds": LINES, "valid_from": stamp(monday(40))}
    binding = place.call("PATCH", f"/v1/bindings/{binding['id']}", own, etag=binding["etag"])
    raised = {"thresholds": {"warn": 0.9, "breach": 0.6}, "valid_from": stamp(middle)}
    place.call("PATCH", f"/v1/bindings/{binding['id']}", raised, etag=binding["etag"])
    # The week that ended before the line was raised is ok, the one that ended after it is not.
    [entry] = place.entries("form")
    assert (entry["status"], entry["since"]) == ("warn", entry["period"]["end"])


def monday(weeks_ago: int) -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday()) - timedelta(weeks=weeks_ago)


def test_an_instant_before_the_map_has_no_version(place: Place) -> None:
    refused = place.call("GET", f"{place.path}/live?as_of=2020-01-01T00:00:00Z", status=404)
    assert refused["code"] == "not_published"


def test_an_archived_map_answers_as_of_before(place: Place) -> None:
    then = stamp(now())
    etag = place.client.call("GET", f"{place.path}/live")["ETag"]
    before = body(place, f"as_of={then}&known_at={then}")
    archive(place)
    gone = place.client.call("GET", f"{place.path}/live", If_None_Match=etag)
    assert (gone.status_code, gone.json()["code"]) == (404, "archived")
    place.call("GET", f"{place.path}/live?as_of={stamp(now())}", status=404)
    assert body(place, f"as_of={then}&known_at={then}") == before
    assert body(place, f"as_of={then}")


def archive(place: Place) -> None:
    from journeys import queries as journeys
    from journeys.actions.maps import archive_map

    class Any_:
        def check(self, current: str) -> None: ...

    with place.tenant.enter():
        row = journeys.journey_map(place.tenant.workspace.id, "claim")
        archive_map(journey_map=row, expected=Any_(), at=now())  # type: ignore[arg-type]


def test_a_version_may_be_named(place: Place) -> None:
    place.redraft({**place.live()["document"], "name": "Second"})
    place.publish()
    assert place.live("?version=1")["document"]["name"] == "Claim"
    assert place.live()["document"]["name"] == "Second"


def test_on_the_third_of_a_month_churn_is_last_months(tenant: Tenant) -> None:
    """Figures are recorded by the calendar; the map is asked as of 3 November."""
    place = Place(tenant)
    place.kpi("churn", kind="churn", thresholds={"warn": 0.04, "breach": 0.06})
    binding = place.bind("churn", "pay")
    parts: list[dict[str, Any]] = [
        {"kpi": "churn", "period": "2025-09", "numerator": 5, "denominator": 100},
        {"kpi": "churn", "period": "2025-10", "numerator": 8, "denominator": 100},
        {"kpi": "churn", "period": "2025-11-01", "numerator": 1, "denominator": 100},
        {"kpi": "churn", "period": "2025-11-02", "numerator": 1, "denominator": 50},
    ]
    place.record(*parts)
    third = datetime(2025, 11, 3, 9, tzinfo=UTC)
    [entry] = judged_at(place, binding["id"], third)
    assert (entry["period"]["label"], float(entry["value"]), entry["status"]) == ("2025-10", 0.08, "breach")
    running = entry["running"]
    assert (running["period"]["label"], running["n"]) == ("2025-11", 150)
    assert float(running["value"]) == pytest.approx(2 / 150)
    [later] = judged_at(place, binding["id"], datetime(2025, 12, 5, tzinfo=UTC))
    assert later["period"]["label"] == "2025-11"
    assert later["running"] is None


def judged_at(place: Place, binding_id: str, at: datetime) -> list[dict[str, Any]]:
    """What the binding would have shown, had it been there."""

    with place.tenant.enter():
        workspace_id = place.tenant.workspace.id
        terms = terms_now(workspace_id=workspace_id, journey_map_ids=[place.map_id])
        return [one.state.entry for one in judged(workspace_id=workspace_id, terms=terms, at=at)]


def test_the_past_costs_as_many_statements_for_sixty_bindings_as_for_one(
    tenant: Tenant, stranger: Tenant
) -> None:
    counts = []
    for number, owner in ((1, tenant), (60, stranger)):
        place = many(owner, number)
        then = stamp(now())
        counts.append(statements(place, f"?as_of={then}&known_at={then}"))
    assert counts[0] == counts[1]


def many(tenant: Tenant, number: int) -> Place:
    touchpoints = [{"key": f"t{n}", "name": f"T{n}"} for n in range(number)]
    place = Place(tenant, {**DOCUMENT, "stages": [{"name": "All", "touchpoints": touchpoints}]})
    for n in range(number):
        place.kpi(f"k{n}", period="week", thresholds=LINES)
        place.bind(f"k{n}", f"t{n}")
    period = week(1)
    place.record(
        *({"kpi": f"k{n}", "period": period, "numerator": 80, "denominator": 100} for n in range(number))
    )
    return place


def statements(place: Place, query: str) -> int:

    with CaptureQueriesContext(connection) as captured:
        answer = place.client.call("GET", f"{place.path}/live{query}")
    assert answer.status_code == 200
    return len(captured)


def test_the_present_costs_a_fixed_number_too_and_304_one_beside_authentication(
    tenant: Tenant, stranger: Tenant
) -> None:
    counts = []
    for number, owner in ((1, tenant), (60, stranger)):
        place = many(owner, number)
        place.live()  # the version's bytes are kept from here on
        place.rate("k0", 2, 50)
        counts.append(statements(place, ""))
    assert counts[0] == counts[1]
    etag = place.client.call("GET", f"{place.path}/live")["ETag"]

    reads: list[str] = []

    def note(execute: Any, sql: str, *more: Any) -> Any:
        # Of what has its parameters beside it, CaptureQueriesContext would say None.
        reads.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(note):
        assert place.client.call("GET", f"{place.path}/live", If_None_Match=etag).status_code == 304
    assert len(reads) == 2, reads
    assert "FROM credential" in reads[0]
    assert "FROM journey_map" in reads[1]


def test_ingest_costs_a_fixed_number_of_statements(tenant: Tenant, stranger: Tenant) -> None:

    counts = []
    for number, owner in ((2, tenant), (60, stranger)):
        place = many(owner, number)
        items = [ReadingIn(kpi=f"k{n}", period=week(2), numerator=81, denominator=100) for n in range(number)]
        with place.tenant.enter(), CaptureQueriesContext(connection) as captured:
            record_readings(
                workspace_id=place.tenant.workspace.id,
                items=items,
                feed=Feed(None, None, "test"),
                on_conflict="refuse",
                at=now(),
            )
        counts.append(len(captured))
    assert counts[0] == counts[1]
