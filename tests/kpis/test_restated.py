"""A settled figure that was told otherwise says what it was, when and why: in points, live and explain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.actions.readings import Feed
from kpis.models.definitions import Series
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp, week
from tests.kpis.make_points import put, series_of
from tests.kpis.make_readings import kpi, record

EARLIER = datetime(2026, 5, 2, tzinfo=UTC)


def points(tenant: Tenant, ref: str, query: str = "") -> list[dict[str, Any]]:
    answer = tenant.client.call("GET", f"/v1/kpis/{ref}/points?{query}")
    assert answer.status_code == 200, answer.content
    shown: list[dict[str, Any]] = answer.json()["points"]
    return shown


def correct(tenant: Tenant, ref: str, **values: Any) -> dict[str, Any]:
    return record(tenant, ref, query="?on_conflict=correct", **values)


def test_corrections_are_told_with_the_figure_shown_first(tenant: Tenant) -> None:
    kpi(tenant, "visits", "count", period="month")
    record(tenant, "visits", period="2026-03", value=7)
    record(tenant, "visits", period="2026-04", value=10)
    assert [point["restated"] for point in points(tenant, "visits")] == [None, None]
    between = correct(tenant, "visits", period="2026-04", value=12, reason="double count")
    last = correct(tenant, "visits", period="2026-04", value=11, reason="robots")
    march, april = points(tenant, "visits")
    said = {"was": 10, "n": 10, "at": last["recorded_at"], "why": "correction", "reason": "robots"}
    assert (march["restated"], april["restated"]) == (None, said)
    explained = tenant.client.call("GET", april["explain"]).json()
    assert explained["point"] == april
    assert explained["restated"] == {**said, "reading": last["id"]}
    [known] = points(tenant, "visits", f"limit=1&known_at={quote(between['recorded_at'])}")
    assert known["restated"] == {**said, "at": between["recorded_at"], "reason": "double count"}
    correct(tenant, "visits", period="2026-04", value=10)
    assert points(tenant, "visits")[-1]["restated"] is None  # it is what it was


def test_a_batch_is_one_change_and_labels_are_summed_before(tenant: Tenant) -> None:
    kpi(tenant, "rate", "conversion", period="month")
    for plan in ("free", "paid"):
        for day in (1, 2):
            record(
                tenant, "rate", period=f"2026-04-0{day}", numerator=1, denominator=10, labels={"plan": plan}
            )
    items = [
        ReadingIn(kpi="rate", period=f"2026-04-0{day}", numerator=3, denominator=10, labels={"plan": "paid"})
        for day in (1, 2)
    ]
    put(tenant, items, at=now())
    [every] = points(tenant, "rate", "labels=" + quote('{"plan":"*"}'))
    assert (every["value"], every["restated"]["was"], every["restated"]["n"]) == (0.2, 0.1, 40)
    [free] = points(tenant, "rate", "labels=" + quote('{"plan":"free"}'))
    assert free["restated"] is None
    [quarter] = points(tenant, "rate", "bucket=quarter&labels=" + quote('{"plan":"paid"}'))
    assert (quarter["value"], quarter["restated"]["was"]) == (0.3, 0.1)


def test_what_is_made_of_kpis_is_restated_with_them(tenant: Tenant) -> None:
    for key in ("orders", "visits"):
        kpi(tenant, key, "count", period="month")
        record(tenant, key, period="2026-04", value=10)
    kpi(tenant, "per-visit", "ratio", numerator_kpi="orders", denominator_kpi="visits", period="month")
    told = correct(tenant, "orders", period="2026-04", value=5)
    [point] = points(tenant, "per-visit")
    assert (point["value"], point["restated"]["was"], point["restated"]["at"]) == (
        0.5,
        1,
        told["recorded_at"],
    )
    explained = tenant.client.call("GET", point["explain"]).json()
    assert (explained["restated"]["was"], explained["restated"]["reading"]) == (1, None)


@pytest.fixture
def answered(tenant: Tenant) -> Tenant:
    """April's answers as they were told in time: two of five."""
    kpi(tenant, "csat", "csat", input="answers", period="month", settle_s=86400)
    for name, value in (("a", 5), ("b", 1)):
        item = {"external_id": name, "observed_at": "2026-04-10T10:00:00Z", "value": value}
        record(tenant, "csat", **item)
    return tenant


def told_in_time(tenant: Tenant) -> None:
    """As if what is there had been told when it happened, which the clock of a test cannot say."""
    [ref] = series_of(tenant, "csat")
    with tenant.enter(), connection.cursor() as cursor:
        Series.objects.filter(pk=ref.id).update(created_at=datetime(2026, 4, 1, tzinfo=UTC))
        cursor.execute(
            "INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value) "
            "SELECT workspace_id, series_id, start_at, end_at, key, %s, value FROM reading "
            "WHERE series_id = %s",
            [EARLIER, ref.id],
        )


def test_what_comes_late_restates_what_was_told_by_then(answered: Tenant) -> None:
    record(answered, "csat", external_id="c", observed_at="2026-04-11T10:00:00Z", value=5)
    assert points(answered, "csat")[0]["restated"] is None  # a history that is loaded afterwards
    told_in_time(answered)
    last = record(answered, "csat", external_id="d", observed_at="2026-04-12T10:00:00Z", value=5)
    [point] = points(answered, "csat")
    assert (point["value"], point["n"]) == (0.75, 4)
    said = point["restated"]
    assert (said["n"], said["at"], said["why"]) == (3, last["recorded_at"], "late_data")
    taken = record(answered, "csat", external_id="b", retract=True, reason="a test")
    said = points(answered, "csat")[0]["restated"]
    assert (said["n"], said["at"], said["why"], said["reason"]) == (
        3,
        taken["recorded_at"],
        "retraction",
        "a test",
    )


@pytest.mark.parametrize(
    ("feed", "why"),
    [
        (Feed(None, None, "rules", backfill=True, replay=True), "replay"),
        (Feed(None, None, "source", backfill=True), "backfill"),
    ],
)
def test_what_is_told_again_says_so(answered: Tenant, feed: Feed, why: str) -> None:
    item = ReadingIn(kpi="csat", external_id="a", observed_at=datetime(2026, 4, 10, 10, tzinfo=UTC), value=2)
    put(answered, [item], at=now(), feed=feed)
    [point] = points(answered, "csat")
    assert (point["value"], point["restated"]["was"], point["restated"]["why"]) == (0, 0.5, why)


def test_an_event_that_moves_restates_both_places(answered: Tenant) -> None:
    record(answered, "csat", external_id="m", observed_at="2026-03-10T10:00:00Z", value=5)
    record(answered, "csat", external_id="n", observed_at="2026-03-11T10:00:00Z", value=5)
    correct(answered, "csat", external_id="m", observed_at="2026-04-10T10:00:00Z", value=5)
    march, april = points(answered, "csat")
    assert (march["n"], march["restated"]) == (1, None)  # all answers still say the same
    assert (april["restated"]["was"], april["restated"]["why"]) == (0.5, "correction")


def test_the_map_shows_it_and_says_so_in_words(tenant: Tenant) -> None:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"warn": 0.7, "breach": 0.6})
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    [entry] = place.entries("form")
    assert (entry["restated"], entry["caveats"]) == (None, ["window_untold"])
    then = stamp(now())
    bad = {"kpi": "completion", "period": week(1), "numerator": 65, "denominator": 100}
    place.record({**bad, "reason": "tracking was broken"}, correct=True)
    [entry] = place.entries("form")
    assert entry["caveats"] == ["window_untold", "restated"]
    assert {name: entry["restated"][name] for name in ("was", "n", "why", "reason")} == {
        "was": 0.82,
        "n": 100,
        "why": "correction",
        "reason": "tracking was broken",
    }
    assert place.entries("form", f"?as_of={stamp(now())}") == [entry]
    assert place.entries("form", f"?known_at={then}")[0]["restated"] is None
    page = place.client.call("GET", f"{place.path}/live", Accept="text/html").content.decode()
    assert f"Restated {datetime.now(UTC):%Y-%m-%d} (correction): it was 82" in page
    picture = place.client.call("GET", f"{place.path}/live", Accept="image/svg+xml").content.decode()
    assert "Restated" in picture
    place.rate("completion", 0, 1)  # the running week changes nothing of it
    assert place.entries("form")[0]["restated"] == entry["restated"]


def test_it_costs_as_many_statements_however_much_was_restated(tenant: Tenant) -> None:
    kpi(tenant, "visits", "count", period="day")
    days = [(datetime(2026, 4, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat() for day in range(20)]
    put(tenant, [ReadingIn(kpi="visits", period=day, value=1) for day in days], at=now())

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            points(tenant, "visits")
        return len(asked)

    before = statements()
    put(tenant, [ReadingIn(kpi="visits", period=days[0], value=2)], at=now())
    once = statements()
    for day in days:
        put(tenant, [ReadingIn(kpi="visits", period=day, value=3)], at=now())
    assert [point["restated"]["was"] for point in points(tenant, "visits")] == [1] * 20
    assert statements() == once <= before + 2
