"""A total that is sent beside its parts: where they differ that is a finding, until they agree."""

from __future__ import annotations

from typing import Any

import pytest

from kpis.actions.findings_states import settle_workspace
from kpis.actions.readings import Feed
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import now
from tests.kpis.make_points import put
from tests.kpis.make_readings import codes, kpi, record


@pytest.fixture
def orders(tenant: Tenant) -> Tenant:
    kpi(tenant, "orders", "count", period="month", total={"label": "plan"})
    return tenant


def tell(tenant: Tenant, value: float, plan: str | None = None, period: str = "2026-04") -> None:
    labels = {"labels": {"plan": plan}} if plan else {}
    correct = "?on_conflict=correct"
    record(tenant, "orders", query=correct, period=period, value=value, **labels)


def findings(tenant: Tenant) -> list[dict[str, Any]]:
    listed = tenant.client.call("GET", "/v1/findings?kind=total_mismatch").json()["results"]
    return [one for one in listed if one["kind"] == "total_mismatch"]


def states(tenant: Tenant) -> list[tuple[str, bool]]:
    return [(one["state"], one["standing"]) for one in findings(tenant)]


def test_a_mismatch_is_found_told_and_closed(orders: Tenant) -> None:
    tell(orders, 60, "free")
    tell(orders, 40, "paid")
    assert findings(orders) == []  # no total was sent
    tell(orders, 110)
    [found] = findings(orders)
    assert (found["state"], found["level"], found["severity"], found["labels"]) == (
        "open",
        "differs",
        "warning",
        {},
    )
    assert found["facts"] == {
        "label": "plan",
        "period": {"start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z", "label": "2026-04"},
        "sent": 110,
        "summed": 100,
        "differs_in": ["value"],
        "periods": 1,
        "compared": 1,
    }
    tell(orders, 50, "paid")
    assert states(orders) == [("closed", False)]
    tell(orders, 10, "new")
    assert states(orders) == [("open", True)]  # the same one again
    tell(orders, 120)
    assert states(orders) == [("closed", False)]


def test_the_explanation_shows_both_sides(orders: Tenant) -> None:
    tell(orders, 60, "free")
    tell(orders, 110)
    sent = orders.client.call("GET", "/v1/kpis/orders/explain?period=2026-04").json()
    assert {name: sent["total"][name] for name in ("label", "sent", "summed", "agrees", "differs_in")} == {
        "label": "plan",
        "sent": 110,
        "summed": 60,
        "agrees": False,
        "differs_in": ["value"],
    }
    summed = orders.client.call("GET", sent["total"]["explain"]).json()
    assert (summed["point"]["value"], summed["labels"], summed["total"]["sent"]) == (60, {"plan": "*"}, 110)
    part = orders.client.call("GET", '/v1/kpis/orders/explain?labels={"plan":"free"}').json()
    assert part["total"] is None


def test_rates_are_held_against_each_other_by_their_sides(tenant: Tenant) -> None:
    kpi(tenant, "rate", "conversion", period="month", total={"label": "plan", "tolerance": 0.05})
    for plan, entered in (("free", 60), ("paid", 36)):
        record(
            tenant,
            "rate",
            period="2026-04",
            numerator=entered / 2,
            denominator=entered,
            labels={"plan": plan},
        )
    record(tenant, "rate", period="2026-04", numerator=50, denominator=100)
    assert findings(tenant) == []  # within a twentieth
    record(tenant, "rate", period="2026-03", numerator=20, denominator=40)
    record(tenant, "rate", period="2026-03", numerator=5, denominator=10, labels={"plan": "free"})
    [found] = findings(tenant)
    assert (found["facts"]["sent"], found["facts"]["summed"]) == (0.5, 0.5)
    assert found["facts"]["differs_in"] == ["numerator", "denominator"]


def test_other_labels_have_totals_of_their_own(orders: Tenant) -> None:
    for region, total in (("north", 5), ("south", 9)):
        record(orders, "orders", period="2026-04", value=total, labels={"region": region})
        record(orders, "orders", period="2026-04", value=5, labels={"region": region, "plan": "free"})
    assert [one["labels"] for one in findings(orders)] == [{"region": "south"}]


def test_a_running_period_is_not_compared_and_a_replay_is_settled_at_its_end(orders: Tenant) -> None:
    tell(orders, 5, "free", f"{now():%Y-%m}")
    tell(orders, 9, None, f"{now():%Y-%m}")
    items = [
        ReadingIn(kpi="orders", period="2026-04", value=7),
        ReadingIn(kpi="orders", period="2026-04", value=5, labels={"plan": "free"}),
    ]
    put(orders, items, at=now(), feed=Feed(None, None, "history", backfill=True))
    assert findings(orders) == []
    with orders.enter():
        settle_workspace(workspace_id=orders.workspace.id, at=now())
    assert states(orders) == [("open", True)]


def test_a_kpi_may_begin_and_cease_to_say_what_its_total_is(tenant: Tenant) -> None:
    made = kpi(tenant, "orders", "count", period="month")
    assert made["total"] is None
    tell(tenant, 110)
    tell(tenant, 60, "free")
    assert findings(tenant) == []
    said = {"total": {"label": "plan"}}
    changed = tenant.client.call("PATCH", "/v1/kpis/orders", said, etag=made["etag"]).json()
    assert (changed["total"], changed["measure"]) == ({"label": "plan", "tolerance": 0.001}, 1)
    assert states(tenant) == [("open", True)]
    tenant.client.call("PATCH", "/v1/kpis/orders", {"total": None}, etag=changed["etag"])
    assert states(tenant) == [("closed", False)]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"total": {"label": ""}}, ("/total/label", "label_name")),
        ({"total": {"label": "plan", "tolerance": 2}}, ("/total/tolerance", "range")),
        (
            {"kind": "gauge", "unit": "people", "period": "day", "total": {"label": "a"}},
            ("/total", "not_taken"),
        ),
        ({"kind": "churn", "input": "flows", "total": {"label": "plan"}}, ("/total", "not_taken")),
    ],
)
def test_what_cannot_be_said_is_refused(
    tenant: Tenant, fields: dict[str, Any], wrong: tuple[str, str]
) -> None:
    body = {"key": "k", "name": "K", "kind": "count", **fields}
    answer = tenant.client.call("POST", "/v1/kpis", body)
    assert answer.status_code == 400
    assert codes(answer.json()) & {wrong, (wrong[0], "blank"), (wrong[0], "required")}
