"""What mappings found is recorded, and told in so many issues and no more."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpis.actions.readings import Feed
from kpis.actions.recording import record_extract
from kpis.connectors.mapping import MAX_ISSUES, Extract
from service.errors import Issue
from service.ids import new_id
from tests.conftest import Tenant

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "told"), [(0, 2), (MAX_ISSUES - 1, 1), (MAX_ISSUES, 0), (MAX_ISSUES + 1, 0)]
)
def test_there_is_room_for_the_first_issues_alone(tenant: Tenant, before: int, told: int) -> None:
    """A source tells notes of its own beside the issues of its mappings."""
    body = {"key": "csat", "name": "C", "kind": "csat", "period": "month"}
    assert tenant.client.call("POST", "/v1/kpis", body).status_code == 201
    found = Extract(issues=[Issue("", "note", f"{number}") for number in range(before)])
    found.items.append(
        {"kpi": "csat", "value": Decimal("0.5"), "labels": {"Not a name": "x", "y": ""}, "period": "2026-13"}
    )
    with tenant.enter():
        recorded = record_extract(
            found, workspace_id=tenant.workspace.id, feed=Feed(id=new_id(), cause=None, name="Feed"), at=AT
        )
    assert recorded.counts == {"refused": 1}
    assert [one["code"] for one in recorded.issues[:before]] == ["note"] * before
    assert len(recorded.issues[before:]) == told, recorded.issues
