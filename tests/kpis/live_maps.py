"""A published map with KPIs, made through actions and the API: what the tests of the live map stand on."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from journeys import queries as journeys
from journeys.actions.drafts import replace_draft
from journeys.actions.maps import create_map
from journeys.actions.publish import publish_draft
from journeys.document.validate import parse
from service.credentials import Caller
from tests.conftest import Tenant

DOCUMENT: dict[str, Any] = {
    "name": "Claim",
    "stages": [
        {
            "key": "apply",
            "name": "Apply",
            "touchpoints": [
                {"key": "form", "name": "Form", "emotions": [{"scale": "sentiment", "value": 0.5}]},
                {"key": "pay", "name": "Pay"},
            ],
        },
        {"key": "later", "name": "Later", "touchpoints": [{"key": "thanks", "name": "Thanks"}]},
    ],
}


class Place:
    """A tenant with one published map `claim`: calls that must succeed return their JSON."""

    def __init__(self, tenant: Tenant, document: dict[str, Any] = DOCUMENT, *, publish: bool = True) -> None:
        self.tenant = tenant
        self.client = tenant.client
        with tenant.enter():
            made = create_map(
                workspace_id=tenant.workspace.id, document=parse(document), key="claim", at=datetime.now(UTC)
            )
        self.map_id = made.id
        self.path = f"/v1/journey-maps/{made.id}"
        if publish:
            self.publish()

    def publish(self) -> None:
        """Publish the draft as this room's journeys alone would."""
        with self.tenant.enter():
            journey_map = journeys.journey_map(self.tenant.workspace.id, "claim")
            publish_draft(journey_map=journey_map, caller=self.caller, at=datetime.now(UTC))

    def redraft(self, document: dict[str, Any]) -> None:
        with self.tenant.enter():
            journey_map = journeys.journey_map(self.tenant.workspace.id, "claim")
            replace_draft(journey_map=journey_map, raw=document, at=datetime.now(UTC))

    @property
    def caller(self) -> Caller:
        return Caller(uuid.uuid4(), self.tenant.workspace.id, "api_key", "test", frozenset(), None)

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        answer = self.client.call(method, path, body, **headers)
        assert answer.status_code == status, (answer.status_code, answer.content)
        return answer.json() if answer.content else None

    def kpi(self, key: str, **fields: Any) -> Any:
        body = {"key": key, "name": key.title(), "kind": "conversion", **fields}
        return self.call("POST", "/v1/kpis", body, status=201)

    def bind(self, kpi: str, element: str | None = None, **fields: Any) -> Any:
        body = {"kpi": kpi, "element": element, **fields}
        return self.call("POST", f"{self.path}/bindings", body, status=201)

    def record(self, *items: dict[str, Any], correct: bool = False) -> None:
        query = "?on_conflict=correct" if correct else ""
        told = self.call("POST", f"/v1/readings/batch{query}", {"items": list(items)}, status=207)
        assert all(item["status"] < 300 for item in told["results"]), told

    def rate(self, kpi: str, weeks_ago: int, numerator: int, denominator: int = 100, **more: Any) -> None:
        figure = {"numerator": numerator, "denominator": denominator}
        self.record({"kpi": kpi, "period": week(weeks_ago), **figure, **more})

    def live(self, query: str = "") -> Any:
        return self.call("GET", f"{self.path}/live{query}")

    def element(self, key: str) -> str:
        """Return the id of an element of the latest version."""
        found = self.live()["document"]["stages"]
        every = [*found, *(point for stage in found for point in stage["touchpoints"])]
        return next(str(one["id"]) for one in every if one.get("key") == key)

    def entries(self, key: str, query: str = "") -> list[Any]:
        """Return what the live map shows at an element."""
        return list(self.live(query)["live"].get(self.element(key), {"kpis": []})["kpis"])


def week(ago: int) -> str:
    """Return the label of the ISO week that ended `ago` weeks before this one began (0: this one)."""
    year, number, _ = (datetime.now(UTC) - timedelta(weeks=ago)).isocalendar()
    return f"{year}-W{number:02d}"


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> datetime:
    return datetime.now(UTC)
