"""What the judges find: a workspace with a few of everything, made through the API itself.

A new operation needs nothing here: it is judged with the ids that `configuration` finds in the API's lists.
A new kind of resource gets a line in `_lay_each`, so that its list is not empty.
Only what no list shows (a token in a path) is returned by `lay_ground`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from tests.stories.running import Api

KEPT = 4  # of each, for all that is done but DELETE
GONE = 12  # of each, for DELETE to take away
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


@dataclass(frozen=True)
class Laid:
    """What no list of the API shows: values of path parameters by name, the secret that signs webhooks."""

    told: dict[str, list[str]]
    secret: str


def lay_ground(api: Api) -> Laid:
    """Make the resources."""
    for group, number in (("kept", KEPT), ("gone", GONE)):
        for index in range(number):
            _lay_each(api, f"{group}-{index}")
    kpi = api.call("GET", "/v1/kpis/kpi-kept-0").json["id"]
    for ago in range(KEPT):
        _reading(api, kpi, ago)
    for index in range(KEPT):
        _finding(api, f"kpi-found-{index}")
    endpoint = _endpoint(api, "endpoint-fed", kpi)
    for number in range(KEPT):
        _send(endpoint, number)
    return Laid({"token": [endpoint["url"].rpartition("/")[2]]}, endpoint["secret"])


def _lay_each(api: Api, name: str) -> None:
    """Make one of everything; of what stands on something else, on what was made with it."""
    _map(api, f"map-{name}")
    _kpi(api, f"kpi-{name}")
    api.made("/v1/personas", {"key": f"persona-{name}", "name": "Ada"})
    api.made(f"/v1/journey-maps/map-{name}/bindings", {"kpi": f"kpi-{name}", "element": "form"})
    _source(api, f"source-{name}", f"kpi-{name}")
    _endpoint(api, f"endpoint-{name}", f"kpi-{name}")
    ends_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    api.made("/v1/notices", {"key": f"notice-{name}", "name": "Desk"})
    improved = {"key": f"improvement-{name}", "journey_map": f"map-{name}", "title": "Shorter form"}
    aimed = {"kpi": f"kpi-{name}", "direction": "up"}
    api.made("/v1/improvements", {**improved, "at": "2026-03-04T15:00:00Z", "kpis": [aimed]})
    api.made("/v1/silences", {"key": f"silence-{name}", "ends_at": ends_at, "reason": "Holidays"})
    api.made("/v1/feedback", {"text": "Slow.", "journey_map": f"map-{name}", "element": "form"})
    api.made("/v1/api-keys", {"name": "narrow", "scopes": ["maps:read"]})
    view = api.made("/v1/views", {"name": "board", "journey_map": f"map-{name}"})
    api.made(f"/v1/views/{view['id']}/tokens", {"name": "board"})


def _map(api: Api, key: str) -> None:
    api.made("/v1/journey-maps", {"key": key, "document": DOCUMENT})
    draft = api.call("GET", f"/v1/journey-maps/{key}/draft")
    api.made(f"/v1/journey-maps/{key}/versions", {}, If_Match=draft.headers["ETag"])


def _kpi(api: Api, key: str) -> None:
    api.made("/v1/kpis", {"key": key, "name": "Completed", "kind": "conversion", "period": "day"})


def _finding(api: Api, key: str) -> None:
    """A KPI that is in breach where it is shown."""
    body = {"key": key, "name": "Completed", "kind": "conversion", "period": "day"}
    api.made("/v1/kpis", {**body, "thresholds": {"breach": 0.9}})
    api.made("/v1/journey-maps/map-kept-0/bindings", {"kpi": key})
    _reading(api, key, 0)


def _source(api: Api, key: str, kpi: str) -> None:
    body = {
        "key": key,
        "name": "Analytics",
        "type": "http_json",
        "config": {"url": "https://figures.invalid/weekly.json"},
        "mappings": [_RULE | {"kpi": kpi}],
        "schedule": {"every": 86400},
        "enabled": False,
    }
    api.made("/v1/sources", body)


_RULE = {"numerator": "$.part", "denominator": "$.whole", "period": "$.day"}


def _endpoint(api: Api, key: str, kpi: str) -> dict[str, Any]:
    made: dict[str, Any] = api.made(
        "/v1/inbound-endpoints", {"key": key, "name": "Shop", "rules": [_RULE | {"kpi": kpi}]}
    )
    return made


def _reading(api: Api, kpi: str, ago: int) -> None:
    day = datetime.now(UTC).date() - timedelta(days=ago + 1)
    body = {"kpi": kpi, "numerator": 40 + ago, "denominator": 100, "period": day.isoformat()}
    api.made("/v1/readings", body)


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
