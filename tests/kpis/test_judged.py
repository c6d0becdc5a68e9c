"""Rules that look back, through the API: what ingest judges an as-of read judges alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp, week

YEAR_BACK = {
    "warn": {"before_times": 0.9},
    "breach": {"baseline_times": 0.5},
    "before": {"years": 1},
}


def same_week_last_year(ago: int) -> str:
    """The ISO week of the same number; a 53rd has the 52nd."""
    year, number = week(ago).split("-W")
    weeks = datetime(int(year) - 1, 12, 28, tzinfo=UTC).isocalendar().week
    return f"{int(year) - 1}-W{min(int(number), weeks):02d}"


def quarter_before_last() -> str:
    first = datetime.now(UTC).replace(day=1) - timedelta(days=200)
    return f"{first.year}-Q{(first.month - 1) // 3 + 1}"


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


def weeks_of(quarter: str) -> list[str]:
    year, number = quarter.split("-Q")
    middle = datetime(int(year), 3 * int(number) - 1, 1, tzinfo=UTC)
    return [f"{day:%G-W%V}" for day in (middle, middle + timedelta(days=7))]


def record(place: Place, period: str, numerator: int, denominator: int = 100) -> None:
    figure = {"kpi": "completion", "period": period, "numerator": numerator, "denominator": denominator}
    place.record(figure, correct=True)


def test_lines_move_with_last_year_and_with_a_named_quarter(place: Place) -> None:
    quarter = quarter_before_last()
    rules = YEAR_BACK | {"baseline": {"period": quarter}}
    place.kpi("completion", period="week", thresholds=rules)
    place.bind("completion", "form")

    def entry(query: str = "") -> Any:
        return place.entries("form", query)[0]

    record(place, week(1), 50)
    assert (entry()["status"], entry()["reason"]) in [
        ("insufficient", "no_baseline"),
        ("insufficient", "no_figure_before"),
    ]
    record(place, same_week_last_year(1), 60)
    for period in weeks_of(quarter):
        record(place, period, 80)
    told = entry()  # 0.50 is below 0.9 of 0.60, and above half of 0.80
    assert (told["status"], told["reason"]) == ("warn", "below_warn")
    assert told["thresholds"]["breach"] == {"low": 0.4, "high": None}
    limit = told["limit"]
    assert (limit["level"], limit["line"], limit["judged_by"]) == ("warn", 0.54, "figure")
    assert (limit["relative"]["to"], limit["relative"]["times"], limit["relative"]["figure"]) == (
        "before",
        0.9,
        0.6,
    )
    then = stamp(now())
    record(place, same_week_last_year(1), 50)
    assert entry()["status"] == "ok"
    record(place, week(1), 39)
    assert (entry()["status"], entry()["limit"]["relative"]["to"]) == ("breach", "baseline")
    assert entry(f"?as_of={stamp(now())}") == entry()
    assert entry(f"?as_of={then}&known_at={then}") == told


def test_few_answers_are_judged_over_several_weeks_and_the_map_says_so(place: Place) -> None:
    rules = {"warn": 0.7, "min_n": 30, "window": {"max": 4}}
    place.kpi("happy", kind="csat", period="week", thresholds=rules)
    place.bind("happy", "form")
    for ago in (4, 3, 2, 1):
        place.record(
            {"kpi": "happy", "period": week(ago), "distribution": {"1": 8, "5": 4}},
        )
    (entry,) = place.entries("form")
    assert (entry["value"], entry["n"], entry["status"]) == (0.333333333333, 12, "warn")
    assert (entry["window"]["value"], entry["window"]["n"], entry["window"]["periods"]) == (
        0.333333333333,
        36,
        3,
    )
    assert (entry["certainty"], entry["limit"]["judged_by"]) == ("clear", "interval")
    page = place.client.call("GET", f"{place.path}/live", Accept="text/html")
    assert "judged over 3 periods" in page.content.decode()


def test_rules_that_contradict_themselves_are_refused_with_their_place(place: Place) -> None:
    body = {"name": "Revenue", "kind": "revenue", "currency": "EUR", "thresholds": {"window": {"max": 3}}}
    answer = place.client.call("POST", "/v1/kpis", body)
    assert answer.status_code == 400
    pointers = [(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]]
    assert ("/thresholds/window", "not_summable") in pointers
    place.kpi("completion", period="week")
    body = {"kpi": "completion", "element": None, "thresholds": {"before": {"years": 1}, "warn": 0.5}}
    answer = place.client.call("POST", f"{place.path}/bindings", body)
    assert answer.status_code == 400
    assert [(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]] == [
        ("/thresholds/before", "unused")
    ]
