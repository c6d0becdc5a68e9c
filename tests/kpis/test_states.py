"""States of bindings: nothing is lost between writers, and time alone changes nothing without a revision."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from journeys import queries as journeys
from kpis.actions.bindings import bind_kpi
from kpis.actions.freshness import sweep_due, sweep_freshness
from kpis.actions.freshness_due import KIND
from kpis.actions.readings import Feed, record_readings
from kpis.actions.states import refresh_feed
from kpis.models.bindings import BindingState
from kpis.models.definitions import Series
from kpis.models.sources import Source
from kpis.series.reading_in import ReadingIn
from service.models import Due
from tests.conftest import Tenant
from tests.kpis.live_maps import DOCUMENT, Place, now, stamp, week

LINES = {"warn": 0.7, "breach": 0.6}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds=LINES)
    return place


def revision(place: Place) -> int:
    return int(place.client.call("GET", f"{place.path}/live")["ETag"].split('"')[1].split(".")[0])


def sweep(place: Place, at: datetime) -> int:
    with place.tenant.enter():
        return sweep_freshness(workspace_id=place.tenant.workspace.id, at=at)


def next_change(place: Place) -> datetime:
    with place.tenant.enter():
        found = BindingState.objects.get(journey_map_id=place.map_id).next_change_at
    assert found is not None
    return found


def test_the_running_period_becomes_the_last_complete_one(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    place.rate("completion", 0, 50)
    [entry] = place.entries("form")
    assert (entry["value"], entry["status"], entry["running"]["value"]) == (0.82, "ok", 0.5)
    before = revision(place)
    assert sweep(place, now()) == 0
    assert revision(place) == before
    turn = next_change(place)
    assert turn.weekday() == 0  # the week ends
    assert sweep(place, turn - timedelta(seconds=1)) == 0
    assert sweep(place, turn) == 1
    assert revision(place) == before + 1
    [entry] = place.entries("form")
    assert (entry["value"], entry["status"], entry["running"]) == (0.5, "breach", None)
    events = place.call("GET", "/v1/events?page_size=100")["results"]
    turns = [event["data"] for event in events if event["type"] == "kpi.status_changed"]
    assert [(turn["from"], turn["to"]) for turn in turns][-1] == ("ok", "breach")


def test_a_figure_gets_late_then_stale_each_with_a_revision(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    seen = []
    for _ in range(2):
        before = revision(place)
        assert sweep(place, next_change(place)) == 1
        assert revision(place) == before + 1
        seen.append(place.entries("form")[0]["freshness"])
    assert seen == ["late", "stale"]
    with place.tenant.enter():
        assert BindingState.objects.get(journey_map_id=place.map_id).next_change_at is None
    assert place.live()["live"]["map"]["status"] == "insufficient"  # a stale figure is not current
    place.rate("completion", 2, 80)
    assert place.entries("form")[0]["freshness"] in ("fresh", "late")


def test_the_sweep_is_appointed_and_done_once_by_whoever_claims_it(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    turn = next_change(place)
    assert due(place) == turn
    before = revision(place)
    sweep_due(at=now(), limit=10)
    assert (revision(place), due(place)) == (before, turn)
    while sweep_due(at=turn, limit=100):
        pass
    assert revision(place) == before + 1
    assert due(place) == next_change(place) > turn


def due(place: Place) -> datetime:
    return Due.objects.get(kind=KIND, row_id=place.map_id).due_at


def test_a_failing_source_breaks_what_it_feeds(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    workspace_id = place.tenant.workspace.id
    feed = uuid.uuid4()
    with place.tenant.enter():
        broken_source(place, feed)
    [entry] = place.entries("form")
    assert (entry["freshness"], entry["value"]) == ("broken", 0.82)
    with place.tenant.enter():
        Source.objects.filter(id=feed).update(broken=False)
        refresh_feed(workspace_id=workspace_id, feed_id=feed, at=now())
    assert place.entries("form")[0]["freshness"] == "fresh"


def broken_source(place: Place, feed: uuid.UUID) -> None:
    """Make every series fed by a source that fails."""
    workspace_id = place.tenant.workspace.id
    Source.objects.create(
        id=feed,
        workspace_id=workspace_id,
        name="Failing",
        type="http_json",
        config={},
        mappings=[],
        schedule={},
        broken=True,
        created_at=now(),
        updated_at=now(),
    )
    Series.objects.filter(workspace_id=workspace_id).update(feed_id=feed)
    refresh_feed(workspace_id=workspace_id, feed_id=feed, at=now())


@contextmanager
def side_by_side(*works: Callable[[], None]) -> Iterator[None]:
    """Run the works in threads beside the block; what one raises is raised at the end."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


def record(place: Place, **figure: Any) -> None:
    with place.tenant.enter():
        write(place, **figure)


def write(place: Place, **figure: Any) -> None:
    """Record in the transaction that is open."""
    outcomes = record_readings(
        workspace_id=place.tenant.workspace.id,
        items=[ReadingIn(kpi="completion", **figure)],
        feed=Feed(None, None, "test"),
        on_conflict="refuse",
        at=now(),
    )
    assert [outcome.status for outcome in outcomes] == ["created"], outcomes


def test_writers_of_one_binding_lose_nothing_of_each_other(place: Place) -> None:
    """Two shops are fed side by side; the binding that sums them waits for the first, then shows both."""
    place.bind("completion", "form", selector={"shop": "*"})
    for shop in ("a", "b"):
        record(place, period=week(2), numerator=1, denominator=100, labels={"shop": shop})
    recorded, go = threading.Event(), threading.Event()

    def first() -> None:
        with place.tenant.enter():
            write(place, period=week(1), numerator=10, denominator=100, labels={"shop": "a"})
            recorded.set()
            assert go.wait(timeout=10)

    def second() -> None:
        assert recorded.wait(timeout=10)
        timer = threading.Timer(0.3, go.set)
        timer.start()
        record(place, period=week(1), numerator=20, denominator=100, labels={"shop": "b"})
        timer.join()

    with side_by_side(first, second):
        pass
    [entry] = place.entries("form")
    assert (entry["n"], entry["value"]) == (200, 0.15)


def test_who_binds_while_a_reading_is_recorded_sees_it(place: Place) -> None:
    """The reading's transaction is still open when the binding is made: the binding waits for it."""
    recorded, go = threading.Event(), threading.Event()

    def feed() -> None:
        with place.tenant.enter():
            write(place, period=week(1), numerator=82, denominator=100)
            recorded.set()
            assert go.wait(timeout=10)

    def bind() -> None:
        assert recorded.wait(timeout=10)
        timer = threading.Timer(0.3, go.set)
        timer.start()
        with place.tenant.enter():
            journey_map = journeys.journey_map(place.tenant.workspace.id, "claim")
            bind_kpi(journey_map=journey_map, values={"kpi": "completion", "element": "form"}, at=now())
        timer.join()

    with side_by_side(feed, bind):
        pass
    assert place.entries("form")[0]["value"] == 0.82


def test_recording_publishing_and_binding_at_once_never_wait_in_a_circle(place: Place) -> None:
    place.bind("completion", "form")
    place.bind("completion", "pay", selector={"shop": "*"})

    def readings(shop: str) -> Callable[[], None]:
        def work() -> None:
            for ago in range(1, 9):
                record(place, period=week(ago), numerator=80, denominator=100, labels={"shop": shop})

        return work

    def publish() -> None:
        for number in range(5):
            document = {**place.live()["document"], "name": f"Claim {number}"}
            place.redraft(document)
            etag = place.client.call("GET", f"{place.path}/draft")["ETag"]
            place.call("POST", f"{place.path}/versions", {}, etag=etag, status=201)

    def rebind() -> None:
        for number in range(5):
            made = place.bind("completion", "thanks", selector={"shop": "a"}, label=str(number))
            changed = place.call(
                "PATCH", f"/v1/bindings/{made['id']}", {"selector": {"shop": "*"}}, etag=made["etag"]
            )
            place.call("DELETE", f"/v1/bindings/{made['id']}", etag=changed["etag"], status=204)

    with side_by_side(readings("a"), readings("b"), publish, rebind):
        sweep(place, now())
    assert place.live()["version"] == 6
    [entry] = place.entries("pay")
    assert entry["n"] == 200
    assert len(entry["spark"]) == 8


def test_a_new_definition_leaves_the_last_figure_what_it_was(place: Place) -> None:
    """Measured otherwise from now on: the old figure stays in its own measure until there is a new one."""
    place.kpi("joy", kind="csat", method="mean", period="week", min_n=0, thresholds={"warn": 3})
    place.bind("joy", "form")
    place.record({"kpi": "joy", "period": week(2), "distribution": {"5": 10, "3": 10}})
    kpi = place.call("GET", "/v1/kpis/joy")
    changed = {"method": "top_2_box", "thresholds": {"warn": 0.5}}
    place.call("PATCH", "/v1/kpis/joy", changed, etag=kpi["etag"])
    [entry] = place.entries("form")
    assert (entry["value"], entry["method"]) == (4, "mean")
    place.record({"kpi": "joy", "period": week(1), "distribution": {"5": 10, "3": 10}})
    [entry] = place.entries("form")
    assert (entry["value"], entry["method"], entry["trend"]) == (0.5, "top_2_box", None)
    assert entry["definition_break"] is not None


def test_a_period_that_is_over_is_over_for_personas_too(tenant: Tenant) -> None:
    """Only the persona's labels are fed, so no state of a binding changes; the map does."""
    small = {"key": "small", "name": "Small firm", "selector": {"segment": "smb"}}
    place = Place(tenant, {**DOCUMENT, "personas": [small]})
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form")
    record(place, period=week(0), numerator=50, denominator=100, labels={"segment": "smb"})
    form = place.element("form")
    seen = place.live("?persona=small")["live"][form]["kpis"][0]
    assert (seen["value"], seen["running"]["value"]) == (None, 0.5)
    before, turn = revision(place), next_change(place)
    assert turn.weekday() == 0
    assert sweep(place, turn) == 1
    assert revision(place) == before + 1


def test_a_source_that_was_broken_then_is_so_as_of_then(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    feed = uuid.uuid4()
    instants = [stamp(now())]
    with place.tenant.enter():
        broken_source(place, feed)
    instants.append(stamp(now()))
    with place.tenant.enter():
        Source.objects.filter(id=feed).update(broken=False)
        refresh_feed(workspace_id=place.tenant.workspace.id, feed_id=feed, at=now())
    instants.append(stamp(now()))
    seen = [place.entries("form", f"?as_of={at}&known_at={at}")[0]["freshness"] for at in instants]
    assert seen == ["fresh", "broken", "fresh"]
