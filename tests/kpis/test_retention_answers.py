"""Readings beyond the horizon, asked for in whichever way: 410 that names it, as the contract declares."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpis.actions.retention import LIMIT, expire_readings
from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.audience import Browser, token_of, view_of
from tests.kpis.live_maps import Place

CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8")
)


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("visits", kind="visitors", period="day")
    place.bind("visits", "form")
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    place.record({"kpi": "visits", "value": 7, "period": day})
    return place


def _forget(tenant: Tenant) -> None:
    """Let ten weeks pass in a workspace that keeps a month: what was recorded just now lies beyond."""
    Workspace.objects.filter(pk=tenant.workspace.id).update(limits={LIMIT: 1})
    expire_readings(workspace_id=tenant.workspace.id, at=datetime.now(UTC) + timedelta(days=70))


def test_every_read_of_before_the_horizon_is_told_of_it(place: Place, tenant: Tenant) -> None:
    view = view_of(place, history=True)
    pinned = place.call("POST", f"/v1/views/{view['id']}/snapshots", {"name": "Then"}, status=201)
    snapshot = f"/v1/views/{view['id']}/snapshots/{pinned['id']}"
    (reading,) = place.call("GET", "/v1/readings?kpi=visits")["results"]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    before = {"reason": "Of then."}
    for path in (snapshot, f"{snapshot}/live", f"/v1/readings/{reading['id']}"):
        place.call("GET", path)
    browser = Browser(token_of(place, view)["secret"])
    _forget(tenant)
    asked: list[tuple[str, str, str, Any]] = [
        ("getLiveMap", "GET", f"{place.path}/live?as_of={now}", None),
        ("renderLiveMap", "POST", f"{place.path}/live/renditions", {"as_of": now, "format": "png"}),
        ("getViewLive", "GET", f"/v1/views/{view['id']}/live?as_of={now}", None),
        ("getSnapshotLive", "GET", f"{snapshot}/live", None),
        ("getSnapshot", "GET", snapshot, None),
        ("pinSnapshot", "POST", f"/v1/views/{view['id']}/snapshots", {"name": "Late", "as_of": now}),
        ("explainKpi", "GET", f"/v1/kpis/visits/explain?as_of={now}", None),
        ("explainKpi", "GET", "/v1/kpis/visits/explain?period=2020-02-29", None),
        ("explainKpi", "GET", f"/v1/kpis/visits/explain?at={now}", None),
        ("getKpiPoints", "GET", f"/v1/kpis/visits/points?known_at={now}", None),
        ("listKpiSeries", "GET", f"/v1/kpis/visits/series?as_of={now}", None),
        ("listBindings", "GET", f"/v1/bindings?as_of={now}", None),
        ("listReadings", "GET", f"/v1/readings?kpi=visits&to={now}", None),
        ("getReading", "GET", f"/v1/readings/{reading['id']}", None),
        ("retractReading", "POST", f"/v1/readings/{reading['id']}/retractions", before),
        ("confirmReading", "POST", f"/v1/readings/{reading['id']}/confirmations", before),
    ]
    declared = _declared()
    for name, method, path, body in asked:
        answer = tenant.client.call(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (410, "beyond_retention"), (
            path,
            answer.content,
        )
        assert "keeps readings from" in answer.json()["detail"]
        assert name in declared, f"{name} answers 410 and does not say so"
    assert browser.get(f"/view/{view['id']}/?as_of={now}").status_code == 410
    assert tenant.client.call("GET", f"{place.path}/live").status_code == 200
    assert tenant.client.call("GET", f"/v1/views/{view['id']}/live").status_code == 200
    assert tenant.client.call("DELETE", snapshot).status_code == 204


def test_whatever_takes_the_instant_of_figures_declares_what_is_answered_beyond() -> None:
    """But for what is kept whatever readings go: bases of a stock, versions, words and moments of a map."""
    taking = {
        operation["operationId"]
        for operation in _operations()
        if {"as_of", "known_at"} & {parameter.get("name") for parameter in operation.get("parameters", ())}
    }
    assert {"getLiveMap", "getKpiPoints", "explainKpi"} <= taking
    assert taking - _declared() == {"listKpiBases", "getVersion", "getFeedback", "getTimeline"}


def _operations() -> list[dict[str, Any]]:
    return [one for path in CONTRACT["paths"].values() for one in path.values() if "operationId" in one]


def _declared() -> set[str]:
    return {operation["operationId"] for operation in _operations() if "410" in operation["responses"]}
