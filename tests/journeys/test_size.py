"""A map of the largest size works; a larger one is told so."""

from __future__ import annotations

from typing import Any

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish


def document(touchpoints: int) -> dict[str, Any]:
    """Return stages of at most 100 touchpoints each."""
    named = [{"name": f"t{number}", "channels": ["web"]} for number in range(touchpoints)]
    rows = [named[first : first + 100] for first in range(0, touchpoints, 100)]
    return {"name": "m", "stages": [{"name": "s", "touchpoints": row} for row in rows]}


def test_two_thousand_touchpoints_are_kept_and_published(tenant: Tenant) -> None:
    shown = make_map(tenant, document=document(2_000))
    assert sum(len(stage["touchpoints"]) for stage in draft_of(tenant, shown)["stages"]) == 2_000
    publish(tenant, shown)
    version = tenant.client.call("GET", path(shown, "versions", "1"))
    assert (version.status_code, b't1999"' in version.content) == (200, True)


def test_one_more_is_refused_with_the_bound(tenant: Tenant) -> None:
    answer = tenant.client.call("POST", "/v1/journey-maps", {"document": document(2_001)})
    assert answer.status_code == 400
    assert [(i["pointer"], i["code"]) for i in answer.json()["errors"]] == [("/document/stages", "too_many")]
    assert "2000" in answer.json()["errors"][0]["detail"]
