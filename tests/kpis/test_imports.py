"""A map edited as text or imported anew keeps its KPIs where they were bound."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant

DIAGRAM = b"journey\ntitle Day\nsection Work\nMake tea: 5: Me\nWrite: 2: Me\nsection Home\nSit down: 5: Me\n"
EDITED = DIAGRAM.replace(b"Write: 2", b"Write pages: 4").replace(
    b"section Home\n", b"Read: 3\nsection Home\n"
)


def told(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


@pytest.mark.parametrize("how", ["import", "draft"])
def test_a_renamed_task_keeps_its_kpi(tenant: Tenant, how: str) -> None:
    call = tenant.client.call
    kind = "text/vnd.mermaid"
    [done] = told(call("POST", "/v1/journey-maps/imports", DIAGRAM, content_type=kind))["maps"]
    where = f"/v1/journey-maps/{done['journey_map']}"
    element = told(call("GET", f"{where}/draft"))["stages"][0]["touchpoints"][1]["id"]
    kpi = {"key": "typos", "name": "Without errors", "kind": "task_success", "period": "month", "zone": "UTC"}
    told(call("POST", "/v1/kpis", kpi))
    told(call("POST", f"{where}/bindings", {"element": element, "kpi": "typos"}))
    told(call("POST", f"{where}/versions", {}, etag="*"))
    if how == "import":
        into = f"/v1/journey-maps/imports?into={done['journey_map']}"
        told(call("POST", into, EDITED, content_type=kind, etag="*"))
    else:
        told(call("PUT", f"{where}/draft", EDITED, content_type=kind, etag="*"))
    bindings = told(call("POST", f"{where}/versions", {}, etag="*"))["bindings"]
    assert (len(bindings["kept"]), bindings["carried"], bindings["orphaned"]) == (1, [], [])
    live = told(call("GET", f"{where}/live"))
    assert [kpi["name"] for kpi in live["live"][element]["kpis"]] == ["Without errors"]
    names = {
        touchpoint["id"]: touchpoint["name"] for touchpoint in live["document"]["stages"][0]["touchpoints"]
    }
    assert names[element] == "Write pages"
