"""Findings, notices and silences over HTTP: what people do about findings, who is told, who is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kpis.actions.findings_due import tend_due
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp, week

LINES = {"warn": 0.7, "breach": 0.6}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form", label="Done")
    place.bind("completion", None)
    return place


def breach(place: Place, numerator: int = 50) -> Any:
    """Let the KPI be in breach; return the finding."""
    figure = {"kpi": "completion", "period": week(1), "numerator": numerator, "denominator": 100}
    place.record(figure, correct=True)
    return the_finding(place)


def the_finding(place: Place, query: str = "") -> Any:
    [found] = place.call("GET", f"/v1/findings{query}")["results"]
    return found


def tend(place: Place, etag: str, status: int = 200, **values: Any) -> Any:
    return place.call("PATCH", path(place), values, status=status, etag=etag)


def path(place: Place) -> str:
    return f"/v1/findings/{the_finding(place)['id']}"


def told(place: Place) -> list[tuple[str, str]]:
    return [(event["type"], event["data"]["change"]) for event in events(place)]


def events(place: Place) -> list[Any]:
    found = place.call("GET", "/v1/events?page_size=100")["results"]
    return [event for event in found if event["type"].startswith("finding.")]


def changes(place: Place) -> list[Any]:
    return list(place.call("GET", f"{path(place)}/changes")["results"])


def test_a_finding_says_what_where_and_since_when(place: Place) -> None:
    found = breach(place)
    assert (found["kind"], found["level"], found["severity"], found["state"]) == (
        "status", "breach", "critical", "open",
    )  # fmt: skip
    assert found["facts"]["value"] == 0.5
    assert found["facts"]["reason"] == "below_breach"
    assert [(one["label"], one["status"]) for one in found["places"]] == [
        ("Done", "breach"), ("Completion", "breach"),
    ]  # fmt: skip
    assert found["since"] < found["opened_at"]
    assert the_finding(place, f"?journey_map=claim&element={place.element('form')}") == found
    assert place.call("GET", f"/v1/findings/{found['id']}") == found
    for query in ("state=closed", "kind=freshness", "journey_map=claim&element=pay", "severity=info",
                  "since=2200-01-01T00:00:00Z"):  # fmt: skip
        assert place.call("GET", f"/v1/findings?{query}")["results"] == [], query
    assert place.call("GET", "/v1/findings?element=form", status=400)["errors"][0]["pointer"] == "/element"


def test_people_acknowledge_note_and_close_with_their_names(place: Place) -> None:
    found = breach(place)
    seen = tend(place, found["etag"], state="acknowledged", note="Ada looks at it")
    assert tend(place, found["etag"], 412, state="closed")["code"] == "precondition_failed"
    assert place.call("PATCH", path(place), {"state": "closed"}, status=428)["status"] == 428
    assert tend(place, seen["etag"], state="acknowledged") == seen  # the same again
    assert place.call("PATCH", path(place), seen, etag=seen["etag"]) == seen  # its own bytes
    noted = tend(place, seen["etag"], note="still")
    closed = tend(place, noted["etag"], state="closed")
    assert (closed["state"], closed["standing"]) == ("closed", True)
    breach(place, 51)
    assert the_finding(place)["state"] == "closed"  # seen to, though it holds still
    history = [(one["change"], one["author_name"], one["note"]) for one in changes(place)]
    assert history == [
        ("opened", "", ""), ("acknowledged", "all", "Ada looks at it"), ("noted", "all", "still"),
        ("closed", "all", ""),
    ]  # fmt: skip
    over = breach(place, 90)
    assert (over["state"], over["standing"]) == ("closed", False)
    assert tend(place, over["etag"], 409, state="open")["code"] == "finding_over"
    assert told(place) == [
        ("finding.opened", "opened"), ("finding.changed", "acknowledged"), ("finding.closed", "closed"),
    ]  # fmt: skip


def test_a_snooze_ends_by_itself_or_when_it_gets_worse(place: Place) -> None:
    found = breach(place, 65)
    until = now() + timedelta(hours=1)
    for wrong in (None, stamp(now() - timedelta(hours=1)), stamp(now() + timedelta(days=400))):
        refused = tend(place, found["etag"], 400, state="snoozed", snoozed_until=wrong)
        assert refused["errors"][0]["pointer"] == "/snoozed_until"
    tend(place, found["etag"], 400, state="acknowledged", snoozed_until=stamp(until))
    snoozed = tend(place, found["etag"], state="snoozed", snoozed_until=stamp(until))
    tend_due(at=now(), limit=100)
    assert the_finding(place) == snoozed
    tend_due(at=until, limit=100)
    woken = the_finding(place)
    assert (woken["state"], woken["snoozed_until"]) == ("open", None)
    tend(place, woken["etag"], state="snoozed", snoozed_until=stamp(now() + timedelta(hours=2)))
    worse = breach(place, 50)
    assert (worse["state"], worse["level"]) == ("open", "breach")
    history = sorted(one["change"] for one in changes(place))  # it was woken by a clock that went ahead
    assert history == ["opened", "snoozed", "snoozed", "woken", "worsened"]


def test_a_notice_says_who_is_told_of_what(place: Place) -> None:
    body = {"name": "Desk", "key": "desk", "selector": {"severity": "critical", "journey_maps": ["claim"]},
            "occasions": ["opened"], "tell": ["#desk"]}  # fmt: skip
    made = place.call("POST", "/v1/notices", body, status=201)
    other = {"name": "Other", "selector": {"kpis": ["completion"], "labels": {"shop": "*"}}}
    place.call("POST", "/v1/notices", other, status=201)
    breach(place, 65)
    assert told(place) == []
    breach(place, 50)
    breach(place, 90)
    breach(place, 50)
    assert told(place) == [("finding.opened", "worsened"), ("finding.opened", "reopened")]
    *_, event = [e for e in place.call("GET", "/v1/events")["results"] if e["type"] == "finding.opened"]
    assert (event["data"]["notices"], event["data"]["tell"]) == ([made["id"]], ["#desk"])
    assert event["data"]["journey_maps"] == [str(place.map_id)]
    assert changes(place)[-1]["notices"] == [made["id"]]
    changed = place.call("PATCH", "/v1/notices/desk", {"enabled": False}, etag=made["etag"])
    assert place.call("PATCH", "/v1/notices/desk", changed, etag=changed["etag"]) == changed
    place.call("DELETE", "/v1/notices/desk", status=204, etag=changed["etag"])
    refused = place.call("POST", "/v1/notices", {"name": "x", "selector": {"kpis": ["?"]}}, status=400)
    assert refused["errors"][0]["pointer"] == "/selector/kpis/0"


def test_a_silence_hides_nothing_but_the_telling(place: Place) -> None:
    body = {"selector": {"kpis": ["completion"]}, "ends_at": stamp(now() + timedelta(hours=1)),
            "reason": "Release night"}  # fmt: skip
    quiet = place.call("POST", "/v1/silences", body, status=201)
    found = breach(place)
    assert (found["state"], told(place)) == ("open", [])
    assert changes(place)[0]["silences"] == [quiet["id"]]
    listed = place.call("GET", f"/v1/silences?holding_at={stamp(now())}".replace("+", "%2B"))["results"]
    assert listed == [quiet]
    breach(place, 90)
    tend_due(at=now() + timedelta(hours=2), limit=10)
    assert (told(place), changes(place)[-1]["silences"]) == ([], [quiet["id"]])  # it is over, and nobody knew
    breach(place)
    early = {"ends_at": stamp(datetime.fromisoformat(quiet["starts_at"]) + timedelta(microseconds=1))}
    ended = place.call("PATCH", f"/v1/silences/{quiet['id']}", early, etag=quiet["etag"])
    for _ in range(2):
        tend_due(at=now(), limit=10)
        assert told(place) == [("finding.opened", "told_opened")]
    assert changes(place)[-1]["events"] == [events(place)[0]["id"]]
    breach(place, 90)
    assert told(place)[1:] == [("finding.closed", "closed")]
    wrong = {"ends_at": quiet["starts_at"]}
    refused = place.call("PATCH", f"/v1/silences/{quiet['id']}", wrong, status=400, etag=ended["etag"])
    assert refused["errors"][0]["pointer"] == "/ends_at"
    place.call("DELETE", f"/v1/silences/{quiet['id']}", status=204, etag=ended["etag"])


def test_what_a_silence_kept_back_is_told_as_its_net_when_no_silence_holds_any_more(place: Place) -> None:
    breach(place, 65)
    told_before = [("finding.opened", "opened")]
    assert told(place) == told_before
    quiet = [
        place.call("POST", "/v1/silences", {"selector": {}, "ends_at": stamp(at), "reason": "x"}, status=201)
        for at in (now() + timedelta(hours=1), now() + timedelta(hours=2))
    ]
    breach(place, 50)
    first, second = (f"/v1/silences/{one['id']}" for one in quiet)
    place.call("DELETE", first, status=204, etag=quiet[0]["etag"])
    tend_due(at=now(), limit=10)
    assert told(place) == told_before
    length = len(changes(place))
    assert changes(place)[-1]["silences"] == [one["id"] for one in quiet]
    place.call("DELETE", second, status=204, etag=quiet[1]["etag"])
    tend_due(at=now(), limit=10)
    assert told(place) == [*told_before, ("finding.changed", "told_changed")]
    assert len(changes(place)) == length + 1


def test_who_was_told_that_it_is_open_is_told_that_it_ended_within_a_silence(place: Place) -> None:
    breach(place)
    body = {"selector": {}, "ends_at": stamp(now() + timedelta(hours=1)), "reason": "x"}
    place.call("POST", "/v1/silences", body, status=201)
    breach(place, 90)
    assert told(place) == [("finding.opened", "opened")]
    tend_due(at=now() + timedelta(hours=1, minutes=1), limit=10)
    assert told(place)[1:] == [("finding.closed", "told_closed")]
    tend_due(at=now() + timedelta(hours=3), limit=10)
    assert len(told(place)) == 2


def test_what_somebody_took_care_of_is_not_told_after_the_silence(place: Place) -> None:
    body = {"selector": {}, "ends_at": stamp(now() + timedelta(hours=1)), "reason": "x"}
    place.call("POST", "/v1/silences", body, status=201)
    found = breach(place)
    tend(place, found["etag"], state="acknowledged")
    tend_due(at=now() + timedelta(hours=2), limit=10)
    assert told(place) == []


def test_strangers_find_nothing_and_keys_need_their_scopes(place: Place, stranger: Tenant) -> None:
    found = breach(place)
    quiet = {"ends_at": stamp(now() + timedelta(hours=1)), "reason": "x"}
    made = place.call("POST", "/v1/silences", quiet, status=201)
    notice = place.call("POST", "/v1/notices", {"name": "x"}, status=201)
    every = [f"findings/{found['id']}", f"notices/{notice['id']}", f"silences/{made['id']}"]
    for one in every:
        assert stranger.client.call("GET", f"/v1/{one}").status_code == 404, one
        assert stranger.client.call("PATCH", f"/v1/{one}", {"x": 1}, etag="*").status_code == 404, one
        assert place.tenant.key("kpis:read").call("GET", f"/v1/{one}").status_code == 403
        reads = place.tenant.key("findings:read")
        assert reads.call("GET", f"/v1/{one}").status_code == 200
        assert reads.call("PATCH", f"/v1/{one}", {}, etag="*").status_code == 403
    assert stranger.client.call("GET", f"/v1/findings/{found['id']}/changes").status_code == 404
    assert stranger.client.call("GET", "/v1/findings").json()["results"] == []
    writes = place.tenant.key("findings:write")
    assert writes.call("POST", "/v1/silences", quiet).status_code == 403
    assert writes.call("PATCH", f"/v1/findings/{found['id']}", {"note": "x"}, etag="*").status_code == 200
