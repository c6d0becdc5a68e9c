"""KPIs and readings for the tests of this room, made over HTTP as anybody would."""

from __future__ import annotations

from typing import Any

from tests.conftest import Tenant


def kpi(tenant: Tenant, key: str, kind: str, **values: Any) -> dict[str, Any]:
    body = {"key": key, "name": key, "kind": kind, **values}
    answer = tenant.client.call("POST", "/v1/kpis", body)
    assert answer.status_code == 201, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


def record(tenant: Tenant, kpi: str, status: int = 201, query: str = "", **values: Any) -> dict[str, Any]:
    answer = tenant.client.call("POST", f"/v1/readings{query}", {"kpi": kpi, **values})
    assert answer.status_code == status, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


def record_all(tenant: Tenant, items: list[dict[str, Any]], query: str = "") -> dict[str, Any]:
    answer = tenant.client.call("POST", f"/v1/readings/batch{query}", {"items": items})
    assert answer.status_code in {201, 207}, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


def codes(shown: dict[str, Any]) -> set[tuple[str, str]]:
    """The (pointer, code) pairs of a refusal, or of a batch's item."""
    return {(issue["pointer"], issue["code"]) for issue in shown["errors"]}
