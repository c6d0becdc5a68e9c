"""Findings as of an instant: the list of then is answered as it was answered then."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from kpis.actions.findings import report_findings
from kpis.actions.findings_sources import report_source
from kpis.models.definitions import Series
from kpis.series.finding import Found, Over, Subject
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp, week

LINES = {"warn": 0.7, "breach": 0.6}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form", label="Done")
    return place


def record(place: Place, numerator: int) -> None:
    figure = {"kpi": "completion", "period": week(1), "numerator": numerator, "denominator": 100}
    place.record(figure, correct=True)


def told(place: Place, query: str = "") -> list[Any]:
    """Return the findings but for their ETags, which tell of now, and addresses, which tell of instants."""
    rows = place.call("GET", f"/v1/findings{query}")["results"]
    return [{name: row[name] for name in row if name not in ("etag", "feedback", "explain")} for row in rows]


def unplaced(rows: list[Any]) -> list[Any]:
    return [{name: value for name, value in row.items() if name != "places"} for row in rows]


def test_what_was_answered_then_is_answered_as_of_then(place: Place) -> None:
    kept: list[tuple[datetime, list[Any]]] = []

    def keep() -> None:
        kept.append((now(), told(place)))

    def tend(**values: Any) -> None:
        [row] = place.call("GET", "/v1/findings")["results"]
        place.call("PATCH", f"/v1/findings/{row['id']}", values, etag=row["etag"])
        keep()

    keep()
    record(place, 65)
    keep()
    tend(state="snoozed", snoozed_until=stamp(now() + timedelta(hours=3)))
    record(place, 50)
    keep()
    tend(state="acknowledged", note="seen")
    record(place, 64)
    keep()
    tend(state="closed")
    record(place, 90)
    keep()
    record(place, 40)
    keep()
    [binding] = place.call("GET", "/v1/bindings")["results"]
    pay = {"element": "pay", "label": "Paid"}
    place.call("PATCH", f"/v1/bindings/{binding['id']}", pay, etag=binding["etag"])
    keep()
    states = [rows[0]["state"] if rows else None for _, rows in kept]
    assert states == [
        None, "open", "snoozed", "open", "acknowledged", "acknowledged", "closed", "closed", "open", "open",
    ]  # fmt: skip
    for at, rows in kept:
        assert told(place, f"?known_at={stamp(at)}") == rows
        # What was corrected since is known now: figures stand otherwise where they stood, findings do not.
        assert unplaced(told(place, f"?as_of={stamp(at)}")) == unplaced(rows)
        for state in ("open", "closed"):
            found = told(place, f"?known_at={stamp(at)}&state={state}")
            assert found == [row for row in rows if row["state"] == state]
        assert told(place, f"?as_of={stamp(at)}&since={stamp(at)}") == []
        here = [row for row in rows if row["places"] and row["places"][0]["label"] == "Done"]
        assert told(place, f"?known_at={stamp(at)}&journey_map=claim&element=form") == here
    [finding] = place.call("GET", "/v1/findings")["results"]
    path = f"/v1/findings/{finding['id']}"
    assert place.call("GET", f"{path}?as_of={stamp(kept[2][0])}")["state"] == "snoozed"
    assert place.call("GET", f"{path}?as_of={stamp(kept[0][0])}", status=404)["code"] == "not_found"
    held = place.client.call("GET", f"{path}?as_of={stamp(kept[2][0])}", If_None_Match=finding["etag"])
    assert held.status_code == 200  # the ETag guards changes of now, it says nothing of then
    wrong = place.client.call("GET", f"{path}?as_of={stamp(kept[2][0])}", If_None_Match="*@+]zs<I!")
    assert wrong.status_code == 400
    refused = place.call("GET", f"{path}?as_of=2190-01-01T00:00:00Z", status=400)
    assert refused["errors"][0]["code"] == "in_the_future"


def test_what_tells_of_others_is_told_as_of_then(place: Place) -> None:
    """A replay gathers what it changed, until all of it is over; a broken source takes what is stale."""
    body = {
        "name": "Warehouse",
        "type": "http_json",
        "config": {"url": "http://127.0.0.1:1/"},
        "mappings": [{"kpi": "completion", "value": "$.v", "observed_at": "$.at"}],
        "schedule": {"every": "PT1H"},
    }
    source = uuid.UUID(place.call("POST", "/v1/sources", body, status=201)["id"])
    record(place, 90)
    workspace = place.tenant.workspace.id
    own, other = (
        Subject(uuid.UUID(kpi["id"])) for kpi in (place.call("GET", "/v1/kpis/completion"), place.kpi("b"))
    )
    kept: list[tuple[datetime, list[Any]]] = []

    def report(*seen: Found | Over, bulk: bool = False) -> None:
        with place.tenant.enter():
            report_findings(workspace_id=workspace, seen=seen, at=now(), bulk=bulk)
        kept.append((now(), told(place)))

    def breach(subject: Subject) -> Found:
        return Found("status", subject, "breach", "critical", "backfill", True)

    report(breach(own), breach(other), bulk=True)
    report(Over("status", own, "reading"))
    report(Over("status", other, "reading"))
    report(Found("freshness", own, "stale", "warning", "time"))
    with place.tenant.enter():
        Series.objects.update(feed_id=source)
        report_source(workspace_id=workspace, source_id=source, broken=True, at=now())
    kept.append((now(), told(place)))
    gathered = [next(row for row in rows if row["kind"] == "restated") for _, rows in kept]
    assert [row["state"] for row in gathered] == ["open", "open", "closed", "closed", "closed"]
    assert gathered[0]["facts"] == {"opened": 2}
    assert sum(row["parent"] == gathered[0]["id"] for row in kept[0][1]) == 2
    stale = [row for _, rows in kept for row in rows if row["kind"] == "freshness"]
    broken = next(row["id"] for row in kept[-1][1] if row["kind"] == "source_broken")
    assert [row["parent"] for row in stale] == [None, broken]
    for at, rows in kept:
        assert told(place, f"?known_at={stamp(at)}") == rows
    for row, lines in ((gathered[0], ["opened", "ended"]), (stale[0], ["opened", "covered"])):
        history = place.call("GET", f"/v1/findings/{row['id']}/changes")["results"]
        assert [one["change"] for one in history] == lines
