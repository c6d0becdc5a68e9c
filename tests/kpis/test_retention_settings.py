"""How long things are kept is said over the API, and goes by itself from then on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kpis.tasks import keep_readings
from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import points_of

PATH = "/v1/retention-settings"
NOTHING_SAID = {
    "reading_months": None,
    "source_run_days": None,
    "inbound_body_days": None,
    "inbound_event_days": None,
    "event_days": None,
}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


def test_what_is_said_is_what_goes(place: Place, tenant: Tenant) -> None:
    now = datetime.now(UTC)
    this_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    place.kpi("sold", kind="count", holds="events", period="day")
    told = [last_month - timedelta(microseconds=1), last_month, now]
    place.record(
        *(
            {"kpi": "sold", "value": 1, "external_id": str(one), "observed_at": one.isoformat()}
            for one in told
        )
    )
    kept = place.call("GET", PATH)
    assert kept == NOTHING_SAID | {"readings_from": None, "etag": kept["etag"]}
    said = place.call("PATCH", PATH, {"reading_months": 1, "event_days": 60}, etag=kept["etag"])
    assert (said["reading_months"], said["event_days"], said["readings_from"]) == (1, 60, None)
    assert place.call("GET", "/v1/workspace")["limits"] == {"reading_months": 1, "event_days": 60}
    keep_readings()
    assert [point.value for point in points_of(tenant, "sold", as_of=now)] == [1, 1]
    kept = place.call("GET", PATH)
    assert datetime.fromisoformat(kept["readings_from"]) == last_month
    before = f"{told[0]:%Y-%m-%dT%H:%M:%S}Z"
    place.call("GET", f"/v1/kpis/sold/points?as_of={before}", status=410)
    unsaid = place.call("PATCH", PATH, {"reading_months": None, "event_days": None}, etag=kept["etag"])
    assert unsaid == NOTHING_SAID | {"readings_from": kept["readings_from"], "etag": unsaid["etag"]}


def test_other_limits_stay_and_what_was_not_seen_is_not_overwritten(place: Place, tenant: Tenant) -> None:
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits={"journey_maps": 7, "source_run_days": 30})
    kept = place.call("GET", PATH)
    assert kept["source_run_days"] == 30
    place.call("PATCH", PATH, {"inbound_body_days": 5}, status=428)
    place.call("PATCH", PATH, {"inbound_body_days": 5}, etag='"r999"', status=412)
    changed = place.call("PATCH", PATH, {"inbound_body_days": 5}, etag=kept["etag"])
    limits = place.call("GET", "/v1/workspace")["limits"]
    assert limits == {"journey_maps": 7, "source_run_days": 30, "inbound_body_days": 5}
    again = place.call("PATCH", PATH, changed, etag=changed["etag"])
    assert again == changed | {"etag": again["etag"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reading_months", 0),
        ("reading_months", 1_201),
        ("reading_months", "12"),
        ("reading_months", 1.5),
        ("inbound_event_days", 34),
        ("event_days", 36_501),
        ("journey_maps", 9),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(place: Place, name: str, value: object) -> None:
    told = place.call("PATCH", PATH, {name: value}, etag="*", status=400)
    assert [one["pointer"] for one in told["errors"]] == [f"/{name}"]
    assert place.call("GET", "/v1/workspace")["limits"] == {}


def test_administrators_say_it_of_their_own_workspace(tenant: Tenant, stranger: Tenant) -> None:
    reader = tenant.key("workspace:read")
    assert reader.call("GET", PATH).status_code == 200
    assert reader.call("PATCH", PATH, {"event_days": 1}, etag="*").status_code == 403
    assert tenant.key("kpis:read").call("GET", PATH).status_code == 403
    assert stranger.client.call("PATCH", PATH, {"event_days": 9}, etag="*").status_code == 200
    assert tenant.client.call("GET", PATH).json()["event_days"] is None
