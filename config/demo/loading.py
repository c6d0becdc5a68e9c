"""Loading the demo: through the API alone, as any other client would."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.demo import carers, carers_measures, carers_views, replay, subscription
from config.demo.client import Api


def load(api: Api, *, feed_url: str, began: datetime) -> dict[str, Any]:
    """Create both maps with all that feeds them; return {"pages": {name: url}, "maps": {name: id}}."""
    found: dict[str, Any] = {"pages": {}, "maps": {}}
    persona = api.call("POST", "/v1/personas", carers.PERSONA)["id"]
    document = carers.document(persona, replay.notice(began))
    _map(api, found, carers.KEY, document, carers_measures.kpis(), carers_measures.bindings())
    for view in carers_views.VIEWS:
        _view(api, found, f"{carers.KEY}, {view['name'].lower()}", {"journey_map": carers.KEY, **view})
    api.call("POST", "/v1/sources", _source(feed_url))
    endpoint = {"key": subscription.ENDPOINT, "name": "Demo generator", "rules": subscription.RULES}
    _map(
        api,
        found,
        subscription.KEY,
        subscription.document(),
        subscription.KPIS,
        subscription.BINDINGS,
    )
    api.call("POST", "/v1/inbound-endpoints", endpoint)
    for demo in (carers, subscription):
        for improvement in demo.improvements(began):
            api.call("POST", "/v1/improvements", {"journey_map": demo.KEY, **improvement})
    _view(api, found, "all maps", {"kind": "overview", "key": "all-maps", "name": "All maps"})
    return found


def _source(feed_url: str) -> dict[str, Any]:
    return {
        "key": "carers-feed",
        "name": "Carer's Allowance replay",
        "type": "http_json",
        "config": {"url": f"{feed_url}/carers-allowance"},
        "mappings": carers_measures.mappings(),
        "schedule": {"every": "PT5S"},
    }


def _map(
    api: Api,
    found: dict[str, Any],
    key: str,
    document: dict[str, Any],
    kpis: list[dict[str, Any]],
    bindings: list[dict[str, Any]],
) -> None:
    """Create a map, define its KPIs, bind them while it is a draft, publish it, and open a page on it."""
    made = api.call("POST", "/v1/journey-maps", {"key": key, "document": document})
    for kpi in kpis:
        api.call("POST", "/v1/kpis", kpi)
    for place, binding in enumerate(bindings):
        api.call("POST", f"/v1/journey-maps/{key}/bindings", {"place": place, **binding})
    draft = api.call("GET", f"/v1/journey-maps/{key}/draft")
    api.call("POST", f"/v1/journey-maps/{key}/versions", {"message": "First version"}, If_Match=draft["etag"])
    found["maps"][key] = made["id"]
    _view(api, found, key, {"journey_map": key, "key": key, "name": "Everything", "history": True})


def _view(api: Api, found: dict[str, Any], page: str, view: dict[str, Any]) -> None:
    """Define what an audience sees, and open a page on it."""
    made = api.call("POST", "/v1/views", view)
    token = api.call("POST", f"/v1/views/{made['id']}/tokens", {"name": "Demo page"})
    found["pages"][page] = token["url"]
