"""Pictures of the live map: the figures of the moment, each state drawn once."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from journeys.actions.renditions import keep_due_renditions
from journeys.models import Rendition
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, stamp


def measured(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"target": 0.8, "warn": 0.7, "breach": 0.6})
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    return place


def ask(place: Place, **body: Any) -> Any:
    return place.call("POST", f"{place.path}/live/renditions", {"format": "png", **body}, status=202)


def drawn(tenant: Tenant, shown: Any) -> str:
    with tenant.enter():
        return zlib.decompress(Rendition.objects.get(pk=shown["id"]).drawing).decode()


def test_figures_are_drawn_as_they_are_now(tenant: Tenant) -> None:
    place = measured(tenant)
    first = ask(place)
    assert first["subject"] == "live"
    assert "82.0\u202f%" in drawn(tenant, first) or "82.0 %" in drawn(tenant, first).replace("\u00a0", " ")
    assert ask(place)["id"] == first["id"]
    place.rate("completion", 2, 60)
    second = ask(place)
    assert second["id"] != first["id"]
    while keep_due_renditions(at=datetime.now(UTC) + timedelta(seconds=1)):
        pass
    ready = place.call("GET", f"{place.path}/renditions/{second['id']}")
    assert (ready["state"], ready["detail"]) == ("ready", "")


def test_an_instant_can_be_asked_for(tenant: Tenant) -> None:
    place = measured(tenant)
    at = datetime.now(UTC)
    pinned = ask(place, as_of=stamp(at), known_at=stamp(at))
    place.rate("completion", 2, 60)
    assert ask(place, as_of=stamp(at), known_at=stamp(at))["id"] == pinned["id"]
    late = stamp(datetime.now(UTC) + timedelta(days=1))
    place.call("POST", f"{place.path}/live/renditions", {"format": "png", "as_of": late}, status=400)


def test_strangers_and_narrow_keys(tenant: Tenant, stranger: Tenant) -> None:
    place = measured(tenant)
    body = {"format": "pdf"}
    assert stranger.client.call("POST", f"{place.path}/live/renditions", body).status_code == 404
    assert tenant.key("kpis:read").call("POST", f"{place.path}/live/renditions", body).status_code == 403
