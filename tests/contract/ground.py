"""What the judges find: a workspace with a few of everything, made through the API itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from tests.stories.running import Api

EACH = 4
SPARE = 12  # of what a DELETE may take away
DOCUMENT: dict[str, Any] = {
    "name": "Renewing a licence",
    "stages": [
        {
            "key": "apply",
            "name": "Apply",
            "touchpoints": [
                {"key": "form", "name": "Form", "channels": ["web"], "emotions": [{"value": 0.2}]},
                {"key": "letter", "name": "Letter", "channels": ["post"]},
            ],
        },
        {"key": "wait", "name": "Wait", "touchpoints": [{"key": "call", "name": "Call"}]},
    ],
}
Ground = dict[str, list[str]]


def lay_ground(api: Api) -> Ground:
    """Make the resources; return their references by kind."""
    ground: Ground = {
        "any-etag": ["*"],
        "stages": ["apply", "wait"],
        "touchpoints": ["form", "letter", "call"],
    }
    ground["versions"] = ["1", "latest"]
    for kind, number in (("", EACH), ("-spare", SPARE)):
        ground[f"maps{kind}"] = [_map(api, f"map{kind}-{index}") for index in range(number)]
        ground[f"kpis{kind}"] = [_kpi(api, f"kpi{kind}-{index}") for index in range(number)]
        ground[f"personas{kind}"] = [
            api.made("/v1/personas", {"key": f"persona{kind}-{index}", "name": "Ada"})["id"]
            for index in range(number)
        ]
        ground[f"bindings{kind}"] = [
            api.made(
                f"/v1/journey-maps/{ref}/bindings", {"kpi": ground[f"kpis{kind}"][0], "element": "form"}
            )["id"]
            for ref in ground[f"maps{kind}"]
        ]
        ground[f"sources{kind}"] = [
            _source(api, f"source{kind}-{index}", ground["kpis"][0]) for index in range(number)
        ]
        ground[f"api-keys{kind}"] = [
            api.made("/v1/api-keys", {"name": "narrow", "scopes": ["maps:read"]})["id"] for _ in range(number)
        ]
        ground[f"views{kind}"] = [
            api.made("/v1/views", {"name": "board", "journey_map": ref})["id"]
            for ref in ground[f"maps{kind}"]
        ]
        ground[f"view-tokens{kind}"] = [
            api.made(f"/v1/views/{ref}/tokens", {"name": "board"})["id"] for ref in ground[f"views{kind}"]
        ]
        endpoints = [_endpoint(api, f"endpoint{kind}-{index}", ground["kpis"][1]) for index in range(number)]
        ground[f"endpoints{kind}"] = [endpoint["id"] for endpoint in endpoints]
    ground["tokens"] = [endpoints[0]["url"].rpartition("/")[2]]
    ground["readings"] = [_reading(api, ground["kpis"][0], index) for index in range(EACH)]
    for number in range(EACH):
        _send(endpoints[0], number)
    ground["events"] = [event["id"] for event in api.call("GET", "/v1/inbound-events").json["results"]]
    return ground


def _map(api: Api, key: str) -> str:
    made = api.made("/v1/journey-maps", {"key": key, "document": DOCUMENT})
    draft = api.call("GET", f"/v1/journey-maps/{key}/draft")
    api.made(f"/v1/journey-maps/{key}/versions", {}, If_Match=draft.headers["ETag"])
    return str(made["id"])


def _kpi(api: Api, key: str) -> str:
    body = {"key": key, "name": "Completed", "kind": "conversion", "period": "day"}
    return str(api.made("/v1/kpis", body)["id"])


def _source(api: Api, key: str, kpi: str) -> str:
    body = {
        "key": key,
        "name": "Analytics",
        "type": "http_json",
        "config": {"url": "https://figures.invalid/weekly.json"},
        "mappings": [_RULE | {"kpi": kpi}],
        "schedule": {"every": 86400},
        "enabled": False,
    }
    return str(api.made("/v1/sources", body)["id"])


_RULE = {"numerator": "$.part", "denominator": "$.whole", "period": "$.day"}


def _endpoint(api: Api, key: str, kpi: str) -> dict[str, Any]:
    made: dict[str, Any] = api.made(
        "/v1/inbound-endpoints", {"key": key, "name": "Shop", "rules": [_RULE | {"kpi": kpi}]}
    )
    return made


def _reading(api: Api, kpi: str, ago: int) -> str:
    day = datetime.now(UTC).date() - timedelta(days=ago + 1)
    body = {"kpi": kpi, "numerator": 40 + ago, "denominator": 100, "period": day.isoformat()}
    return str(api.made("/v1/readings", body)["id"])


def _send(endpoint: dict[str, Any], number: int) -> None:
    body = json.dumps({"day": "2026-01-01", "part": 1, "whole": 2})
    now = datetime.now(UTC)
    answer = Api(endpoint["url"]).call(
        "POST",
        "",
        body.encode(),
        webhook_id=f"ground_{number}",
        webhook_timestamp=str(int(now.timestamp())),
        webhook_signature=Webhook(endpoint["secret"]).sign(f"ground_{number}", now, body),
    )
    assert answer.status == 202, answer.body
