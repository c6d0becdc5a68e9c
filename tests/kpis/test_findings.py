"""Findings: opened, changed and closed in the transaction that noticed; nothing is written for no news."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.actions.findings import report_findings
from kpis.models.findings import Finding, FindingChange
from kpis.series.finding import Found, Subject
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, week
from tests.kpis.test_findings_http import told
from tests.kpis.test_states import next_change, side_by_side, sweep

LINES = {"warn": 0.7, "breach": 0.6}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds=LINES)
    return place


def findings(place: Place) -> list[tuple[str, str, str, str]]:
    with place.tenant.enter():
        rows = Finding.objects.order_by("created_at", "id")
        return [(row.kind, row.level, row.state, row.cause) for row in rows]


def changes(place: Place) -> list[str]:
    with place.tenant.enter():
        return list(FindingChange.objects.order_by("created_at", "id").values_list("change", flat=True))


def test_a_series_has_one_finding_however_many_bindings_show_it(place: Place) -> None:
    for element in ("form", "pay", None):
        place.bind("completion", element)
    place.rate("completion", 1, 50)
    assert findings(place) == [("status", "breach", "open", "reading")]
    correct(place, 65)
    assert findings(place) == [("status", "warn", "open", "correction")]
    correct(place, 90)
    assert findings(place) == [("status", "warn", "closed", "correction")]
    correct(place, 50)
    assert findings(place) == [("status", "breach", "open", "correction")]
    assert changes(place) == ["opened", "eased", "closed", "reopened"]


def test_segments_are_found_apart(place: Place) -> None:
    place.bind("completion", "form", selector={"shop": "a"})
    place.bind("completion", "form", selector={"shop": "b"})
    place.rate("completion", 1, 50, labels={"shop": "a"})
    place.rate("completion", 1, 50, labels={"shop": "b"})
    assert len(findings(place)) == 2


def test_an_ingest_that_changes_no_status_costs_nothing(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 2, 50)
    place.rate("completion", 1, 51)
    with CaptureQueriesContext(connection) as seen:
        place.rate("completion", 0, 52)
    assert not [one["sql"] for one in seen.captured_queries if "finding" in one["sql"]]
    assert changes(place) == ["opened"]


def test_what_is_bound_no_more_is_over(place: Place) -> None:
    bound = place.bind("completion", "form")
    place.rate("completion", 1, 50)
    place.call("DELETE", f"/v1/bindings/{bound['id']}", status=204, etag=bound["etag"])
    assert findings(place) == [("status", "breach", "closed", "binding")]


def test_history_that_is_loaded_piece_by_piece_opens_nothing_before_its_last_piece(place: Place) -> None:
    place.bind("completion", "form")
    for ago in range(9, 3, -1):
        place.rate("completion", ago, 40 if ago % 2 else 90)
    place.rate("completion", 1, 90)
    assert findings(place) == []
    correct(place, 40)
    assert findings(place) == [("status", "breach", "open", "correction")]


def test_time_alone_makes_a_figure_stale_and_a_reading_makes_it_fresh(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 1, 90)
    sweep(place, next_change(place))
    assert findings(place) == [("freshness", "late", "open", "time")]
    assert told(place) == []  # a note, for whoever asks
    sweep(place, next_change(place))
    assert findings(place) == [("freshness", "stale", "open", "time")]
    assert told(place) == [("finding.opened", "worsened")]
    correct(place, 91)  # worked out as of now, when it is fresh
    assert findings(place) == [("freshness", "stale", "closed", "correction")]


def test_two_who_notice_the_same_open_one_finding(place: Place) -> None:
    """The second waits for the first to commit, then finds its finding and leaves it at that."""
    found = Found("drift", Subject(about="x"), "drift", "warning", "reading")
    go, opened = threading.Event(), threading.Event()

    def notice() -> int:
        with place.tenant.enter():
            done = report_findings(workspace_id=place.tenant.workspace.id, seen=[found], at=now())
            opened.set()
            assert go.wait(timeout=10)
            return len(done)

    told: list[int] = []
    with side_by_side(lambda: told.append(notice()), lambda: (opened.wait(10), told.append(notice()))[1]):
        assert opened.wait(timeout=10)
        go.set()
    assert sorted(told) == [0, 1]
    assert findings(place) == [("drift", "drift", "open", "reading")]


def correct(place: Place, numerator: int) -> None:
    """Say something else of the last complete week."""
    figure = {"kpi": "completion", "period": week(1), "numerator": numerator, "denominator": 100}
    place.record(figure, correct=True)
