"""An endpoint that is told of mails, by rules over messages of its own: what several tests speak of."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import ApiClient, Tenant
from tests.kpis.test_inbound import process

OPENS = {"key": "opens", "name": "Opens", "kind": "open_rate", "holds": "events", "period": "month"}
NPS = {"key": "nps", "name": "NPS", "kind": "nps", "holds": "events", "input": "answers", "period": "month"}
_TIMES = {"external_id": "$.m", "observed_at": "$.at"}
DELIVERED = {
    "kpi": "opens",
    "op": "denominator",
    "when": [{"path": "$.e", "equals": "delivered"}],
    **_TIMES,
}
OPENED = {"kpi": "opens", "op": "numerator", "when": [{"path": "$.e", "equals": "open"}], **_TIMES}
ANSWER = {"kpi": "nps", "value": "$.score", **_TIMES}
PATH = "/v1/inbound-endpoints/mail"


def make(tenant: Tenant, *rules: dict[str, Any], key: str = "mail") -> dict[str, Any]:
    body = {
        "key": key,
        "name": "Mail",
        "provider": "url",
        "event": {"id": ["/id"], "time": "/at"},
        "rules": list(rules) or [DELIVERED, OPENED],
    }
    made = tenant.client.call("POST", "/v1/inbound-endpoints", body)
    assert made.status_code == 201, made.content
    return made.json()


def post(endpoint: dict[str, Any], **message: Any) -> None:
    path = "/hooks/" + endpoint["url"].rsplit("/", 1)[1]
    answer = ApiClient().call("POST", path, json.dumps(message).encode())
    assert answer.status_code == 202, answer.content


def points(tenant: Tenant, kpi: str, query: str = "") -> list[tuple[str, Any, Any]]:
    told = tenant.client.call("GET", f"/v1/kpis/{kpi}/points?from=2026-01-01T00:00:00Z{query}").json()
    return [(point["start"][:7], point["value"], point["n"]) for point in told["points"]]


def states(tenant: Tenant, endpoint: str = "mail") -> dict[str, str]:
    rows = tenant.client.call("GET", f"/v1/inbound-events?endpoint={endpoint}").json()["results"]
    return {row["message_id"]: row["state"] for row in rows}


def change(tenant: Tenant, *rules: dict[str, Any]) -> None:
    assert tenant.client.call("PATCH", PATH, {"rules": list(rules)}, etag="*").status_code == 200


def replay(tenant: Tenant, **asked: Any) -> Any:
    answer = tenant.client.call("POST", f"{PATH}/replays", asked)
    process()
    return answer


TOLD = [
    {"id": "d1", "e": "delivered", "m": "m1", "at": "2026-09-30T12:00:00Z"},
    {"id": "d2", "e": "delivered", "m": "m2", "at": "2026-09-30T12:00:00Z"},
    {"id": "o1", "e": "open", "m": "m1", "at": "2026-09-30T13:00:00Z"},
    {"id": "o2", "e": "open", "m": "m1", "at": "2026-10-02T13:00:00Z"},
    {"id": "o3", "e": "open", "m": "m3", "at": "2026-10-02T13:00:00Z"},
]
