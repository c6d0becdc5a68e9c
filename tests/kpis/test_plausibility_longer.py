"""What is not plausible in a KPI's own periods is doubted in every other one, and in what is made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kpis.series.period import parse_period
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_readings import kpi, record_all
from tests.kpis.test_plausibility import settle

YEAR = "2025"
NEW_YEAR = parse_period(YEAR, "UTC").start
Shown = list[tuple[str, Any, str | None]]


def answered(day: int, value: int, count: int = 2, **labels: str) -> list[dict[str, Any]]:
    """Answers to a survey on a day of the year."""
    return [
        {
            "kpi": "csat",
            "external_id": f"{day}-{number}-{labels}",
            "observed_at": (NEW_YEAR + timedelta(days=day - 1, hours=number)).isoformat(),
            "value": value,
            "labels": labels,
        }
        for number in range(count)
    ]


def surveyed(tenant: Tenant) -> Place:
    """Five days of answers in January, the fourth of them an odd one; and two days in February."""
    band = {"jump": 0.5}
    kpi(tenant, "csat", "csat", input="answers", period="day", min_n=1, plausibility=band)
    kpi(tenant, "worth", "derived", expression="csat * 10", unit="points", period="month", direction="up")
    for day in (1, 2, 3, 5, 33, 34):
        record_all(tenant, answered(day, 5))
    record_all(tenant, answered(4, 1))
    return Place(tenant)


def points(place: Place, key: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.call("GET", f"/v1/kpis/{key}/points?{query}")["points"]
    return found


def shown(place: Place, key: str, query: str = "") -> Shown:
    return [(one["label"], one["value"], one["reason"]) for one in points(place, key, query)]


def test_what_is_made_of_a_suspect_figure_waits_in_any_period(tenant: Tenant) -> None:
    place = surveyed(tenant)
    kpi(tenant, "daily", "derived", expression="csat * 10", unit="points", period="day", direction="up")
    doubted: Shown = [("2025-01", None, "suspect"), ("2025-02", 10, None)]
    assert shown(place, "csat", "bucket=month")[0] == doubted[0]
    assert shown(place, "worth") == shown(place, "daily", "bucket=month") == doubted
    assert shown(place, "worth", "bucket=year") == [(YEAR, None, "suspect")]
    january = points(place, "worth")[0]
    assert january["suspect"]["readings"] == 1
    [made_of] = place.call("GET", january["explain"])["inputs"]
    assert place.call("GET", made_of["explain"])["point"]["reason"] == "suspect"
    odd = next(one for one in points(place, "csat") if one["label"] == "2025-01-04")
    settle(tenant, odd["suspect"]["id"], "confirmations")
    sure: Shown = [("2025-01", 8, None), doubted[1]]
    assert shown(place, "worth") == shown(place, "daily", "bucket=month") == sure
    assert shown(place, "worth", "bucket=year")[0][1] == pytest.approx(120 / 14)


def test_one_label_set_that_waits_leaves_the_figure_of_all_waiting_or_without_it(tenant: Tenant) -> None:
    kpi(tenant, "calls", "complaints", holds="events", period="day", plausibility={"high": 3})
    kpi(tenant, "cost", "derived", expression="calls * 2", unit="points", period="month")
    items = [
        {
            "kpi": "calls",
            "external_id": f"{day}-{shop}-{number}",
            "observed_at": (NEW_YEAR + timedelta(days=day)).isoformat(),
            "value": 1,
            "labels": {"shop": shop},
        }
        for day, shop, count in (
            *((0, "a", 2), (1, "a", 9), (40, "a", 1)),
            *((0, "b", 2), (1, "b", 2), (40, "b", 1)),
        )
        for number in range(count)
    ]
    record_all(tenant, items)
    place = Place(tenant)
    every = 'labels={"shop":"*"}'
    assert shown(place, "cost", every) == [("2025-01", None, "suspect"), ("2025-02", 4, None)]
    assert shown(place, "cost", 'labels={"shop":"b"}') == [("2025-01", 8, None), ("2025-02", 2, None)]
    [january, _] = points(place, "calls", f"{every}&bucket=month")
    assert (january["value"], january["suspect"]["readings"], january["suspect"]["value"]) == (4, 1, 11)
