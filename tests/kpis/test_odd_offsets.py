"""RFC 3339 has offsets of up to 23:59, Postgres only up to 15:59: what is read here is in UTC thereafter."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_readings import kpi, record

INSTANTS = ("2026-03-04T12:00:00-23:26", "2026-03-04T12:00:00+23:59", "2026-03-04T12:00:00+16:00")


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_reading_is_of_the_instant_that_was_meant(tenant: Tenant, instant: str) -> None:
    kpi(tenant, "nps", "nps", input="answers")
    shown = record(tenant, "nps", value=9, observed_at=instant, external_id="one")
    read = tenant.client.call("GET", f"/v1/readings/{shown['id']}").json()
    assert datetime.fromisoformat(read["start"]) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("instant", INSTANTS)
def test_the_past_is_found_under_any_offset(tenant: Tenant, instant: str) -> None:
    live = Place(tenant)
    sent = instant.replace("+", "%2B")
    places = (
        f"{live.path}/live?as_of={sent}",
        f"{live.path}/versions/{sent}",
        f"{live.path}/diff?from={sent}&to=latest",
    )
    for place in places:
        answer = tenant.client.call("GET", place)
        assert answer.status_code in {200, 404}, (place, answer.content)
    copied = tenant.client.call("POST", f"{live.path}/copies", {"name": "of then", "from": instant})
    assert copied.status_code == 404, copied.content  # nothing was published then
