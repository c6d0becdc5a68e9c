"""What was bound, and of what label sets something had been told, as of then and as known then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp, week


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"target": 0.8, "warn": 0.7, "breach": 0.6})
    place.rate("completion", 1, 75)
    return place


def test_bindings_are_listed_as_they_stood(place: Place) -> None:
    before = stamp(now())
    made = place.bind("completion", "form", key="done", label="Done", thresholds={"warn": 0.7})
    then = stamp(now())
    path = f"/v1/bindings/{made['id']}"
    changed = {"element": "pay", "label": "Paid", "place": 3, "thresholds": {"warn": 0.8, "breach": 0.76}}
    place.call("PATCH", path, changed, etag=made["etag"])
    later = stamp(now())
    place.call("DELETE", path, etag=place.call("GET", path)["etag"], status=204)
    for listed in (f"{place.path}/bindings", "/v1/bindings"):
        [stood] = place.call("GET", f"{listed}?as_of={then}")["results"]
        assert (stood["element"], stood["label"], stood["place"]) == (place.element("form"), "Done", 0)
        assert (stood["thresholds"], stood["status"]) == ({"warn": 0.7}, "ok")
        [moved] = place.call("GET", f"{listed}?as_of={later}")["results"]
        assert (moved["element"], moved["label"], moved["place"]) == (place.element("pay"), "Paid", 3)
        assert moved["thresholds"] == {"warn": 0.8, "breach": 0.76}
        assert stood["since"] < moved["since"]
        assert place.call("GET", f"{listed}?as_of={before}")["results"] == []
        assert place.call("GET", listed)["results"] == []
    at_form = f"{place.path}/bindings?element=form&as_of="
    assert len(place.call("GET", at_form + then)["results"]) == 1
    assert place.call("GET", at_form + later)["results"] == []
    assert place.call("GET", f"{path}?as_of={then}")["label"] == "Done"
    place.call("GET", f"{path}?as_of={before}", status=404)
    place.call("GET", path, status=404)


def test_what_a_binding_showed_is_judged_by_what_was_known(place: Place) -> None:
    made = place.bind("completion", "form")
    then = stamp(now())
    place.record(
        {"kpi": "completion", "period": _last_week(), "numerator": 1, "denominator": 100}, correct=True
    )
    path = f"/v1/bindings/{made['id']}"
    assert place.call("GET", path)["status"] == "breach"
    assert place.call("GET", f"{path}?as_of={then}")["status"] == "breach"
    assert place.call("GET", f"{path}?known_at={then}")["status"] == "ok"
    [listed] = place.call("GET", f"/v1/bindings?kpi=completion&known_at={then}")["results"]
    assert listed["status"] == "ok"


def _last_week() -> str:
    year, number, _ = (datetime.now(UTC) - timedelta(weeks=1)).isocalendar()
    return f"{year}-W{number:02d}"


def test_label_sets_are_those_of_which_something_was_told(place: Place) -> None:
    path = "/v1/kpis/completion/series"
    then = stamp(now())
    place.rate("completion", 1, 60, labels={"shop": "b"})
    shown = place.call("GET", path)["results"]
    assert [one["labels"] for one in shown] == [{}, {"shop": "b"}]
    at = stamp(now())
    held = place.call("GET", f"{path}?as_of={at}")["results"]
    assert [{**one, "explain": ""} for one in held] == [{**one, "explain": ""} for one in shown]
    assert all(f"as_of={at}" in one["explain"] for one in held)
    known = place.call("GET", f"{path}?known_at={then}")["results"]
    assert [one["labels"] for one in known] == [{}]
    figure = place.call("GET", known[0]["explain"])
    assert (figure["known_at"], figure["point"]["value"]) == (then[:-1] + "Z", 0.75)
    last_year = stamp(now() - timedelta(days=366))
    assert place.call("GET", f"{path}?as_of={last_year}")["results"] == []


def test_a_map_that_was_archived_since_is_there_as_it_was(place: Place) -> None:
    place.bind("completion", "form")
    place.rate("completion", 1, 20, labels={"shop": "b"})
    place.record({"kpi": "completion", "period": week(1), "numerator": 20, "denominator": 100}, correct=True)
    then = stamp(now())
    paths = (f"{place.path}/bindings?", f"/v1/findings?journey_map={place.map_id}&")
    place.call("DELETE", place.path, etag=place.call("GET", place.path)["etag"], status=204)
    for path in paths:
        assert len(place.call("GET", f"{path}as_of={then}")["results"]) == 1
        place.call("GET", path, status=404)
        place.call("GET", f"{path}as_of={stamp(now())}", status=404)


def _two_weeks_ago() -> dict[str, object]:
    return {"kpi": "completion", "period": week(2), "denominator": 100}


def test_a_reading_is_told_by_its_state_of_then(place: Place) -> None:
    before = stamp(now())
    place.record({**_two_weeks_ago(), "numerator": 60})
    then = stamp(now())
    [made] = place.call("GET", f"/v1/readings?kpi=completion&known_at={then}")["results"][:1]
    path = f"/v1/readings/{made['id']}"
    place.record({**_two_weeks_ago(), "numerator": 65}, correct=True)
    assert place.call("GET", path)["state"] == "superseded"
    assert place.call("GET", f"{path}?known_at={then}") == made
    assert place.call("GET", f"{path}?as_of={then}")["state"] == "superseded"
    place.call("GET", f"{path}?known_at={before}", status=404)
    place.call("GET", f"{path}?as_of={stamp(now() - timedelta(weeks=9))}", status=404)


def test_the_future_and_what_is_no_longer_kept_are_refused(place: Place) -> None:
    place.bind("completion", "form", key="done")
    lists = ("/v1/kpis/completion/series", "/v1/bindings", f"{place.path}/bindings", "/v1/bindings/done")
    [reading, *_] = place.call("GET", "/v1/readings?kpi=completion")["results"]
    lists = (f"/v1/readings/{reading['id']}", *lists)
    ahead = stamp(now() + timedelta(days=1))
    for path in lists:
        for name in ("as_of", "known_at"):
            refused = place.call("GET", f"{path}?{name}={ahead}", status=400)
            assert [issue["pointer"] for issue in refused["errors"]] == [f"/{name}"]
    Workspace.objects.filter(pk=place.tenant.workspace.id).update(readings_from=now() - timedelta(days=9))
    old = stamp(now() - timedelta(days=30))
    for path in lists[:4]:
        assert place.call("GET", f"{path}?as_of={old}", status=410)["code"] == "beyond_retention"
