"""A new order of everything, in one guarded write."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, names, path, publish

Json = dict[str, Any]


def reorder(tenant: Tenant, shown: Json, stages: Any, etag: str = "*") -> Any:
    return tenant.client.call("POST", path(shown, "draft/reorderings"), {"stages": stages}, etag=etag)


def test_everything_finds_its_place_at_once(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    draft = draft_of(tenant, shown)
    visit = draft["stages"][0]["touchpoints"][1]["id"]
    answer = reorder(
        tenant,
        shown,
        [{"stage": "contract", "touchpoints": ["sign", visit.upper()]}, {"stage": "search"}],
        etag=draft["etag"],
    )
    assert answer.status_code == 200, answer.content
    now = draft_of(tenant, shown)
    assert names(now) == [["Contract", "Signs", "Visits"], ["Search", "Reads adverts"]]
    assert answer["ETag"] == answer.json()["etag"] == now["etag"]
    assert answer.json()["stages"] == [
        {"stage": s["id"], "touchpoints": [t["id"] for t in s["touchpoints"]]} for s in now["stages"]
    ]
    again = reorder(tenant, shown, answer.json()["stages"])
    assert again.json() == answer.json()
    changes = tenant.client.call("GET", path(shown, "diff")).json()["changes"]
    assert {c["verb"] for c in changes} == {"moved"}


@pytest.mark.parametrize(
    ("stages", "pointer", "code"),
    [
        ([{"stage": "search"}], "/stages", "missing"),
        ([{"stage": "search", "touchpoints": []}, {"stage": "contract"}], "/stages", "missing"),
        ([{"stage": "search"}, {"stage": "search"}], "/stages/1/stage", "duplicate"),
        ([{"stage": "visit"}, {"stage": "contract"}], "/stages/0/stage", "unknown_reference"),
        ([{"stage": "search", "touchpoints": ["contract"]}], "/stages/0/touchpoints/0", "unknown_reference"),
        ([{"stage": "search", "touchpoints": ["visit"] * 2}], "/stages/0/touchpoints/1", "duplicate"),
        ([{"stage": "search", "after": None, "x": 1}], "/stages/0/x", "unknown_field"),
        ({}, "/stages", "wrong_type"),
        ([{"stage": "search", "touchpoints": [1]}], "/stages/0/touchpoints/0", "wrong_type"),
    ],
)
def test_an_order_that_does_not_fit_changes_nothing(
    tenant: Tenant, stages: Any, pointer: str, code: str
) -> None:
    shown = make_map(tenant)
    before = draft_of(tenant, shown)
    refused = reorder(tenant, shown, stages)
    assert refused.status_code == 400, refused.content
    assert (pointer, code) in {(i["pointer"], i["code"]) for i in refused.json()["errors"]}
    assert draft_of(tenant, shown) == before


def test_an_order_is_of_a_draft_that_was_seen(tenant: Tenant) -> None:
    shown = make_map(tenant)
    order = [{"stage": "contract"}, {"stage": "search"}]
    assert reorder(tenant, shown, order, etag='"r7"').status_code == 412
    where = path(shown, "draft/reorderings")
    assert tenant.client.call("POST", where, {"stages": order}).status_code == 428
