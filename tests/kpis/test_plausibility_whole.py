"""What is not plausible is drawn, neither judged nor reported until confirmed, however it comes about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from kpis.series.period import parse_period
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, week
from tests.kpis.make_readings import kpi, record_all
from tests.kpis.test_plausibility import now, settle

Items = list[dict[str, Any]]
JUMP = {"jump": 0.5}


@dataclass(frozen=True)
class Way:
    """A KPI (the last of `kpis`), what is told of a usual and of an odd week, and the figures of these."""

    kpis: tuple[tuple[str, dict[str, Any]], ...]
    told: Callable[[int, bool], Items]
    usual: float
    odd: float
    before: Callable[[Tenant], None] = lambda tenant: None


def start_of(ago: int) -> datetime:
    return parse_period(week(ago), "UTC").start


def events(ago: int, *figures: dict[str, Any], **more: Any) -> Items:
    """Single events of a week, an hour apart."""
    return [
        {
            "kpi": "it",
            "external_id": f"{ago}-{number}",
            "observed_at": (start_of(ago) + timedelta(hours=number)).isoformat(),
            **figure,
            **more,
        }
        for number, figure in enumerate(figures)
    ]


def base(tenant: Tenant) -> None:
    answer = tenant.client.call("POST", "/v1/kpis/it/base", {"at": start_of(4).isoformat(), "count": 100})
    assert answer.status_code == 201, answer.content


WAYS = {
    "single answers": Way(
        (("csat", {"input": "answers", "min_n": 1, "thresholds": {"breach": 0.6}, "plausibility": JUMP}),),
        lambda ago, odd: events(ago, *[{"value": 1 if odd else 5}] * 4),
        1,
        0,
    ),
    "counted events": Way(
        (("complaints", {"thresholds": {"breach": 5}, "plausibility": {"low": 1, "jump_share": 2}}),),
        lambda ago, odd: events(ago, *[{"value": 1}] * (9 if odd else 2)),
        2,
        9,
    ),
    "sides of a rate": Way(
        (("conversion", {"thresholds": {"breach": 0.6}, "plausibility": JUMP}),),
        lambda ago, odd: events(ago, *[{"numerator": 0 if odd else 1, "denominator": 1}] * 3),
        1,
        0,
    ),
    "durations": Way(
        (("time_on_task", {"thresholds": {"breach": 90}, "plausibility": {"high": 1000, "jump": 60}}),),
        lambda ago, odd: events(ago, {"value": 600 if odd else 60}, {"value": 600 if odd else 60}),
        60,
        600,
    ),
    "flows": Way(
        (("churn", {"input": "flows", "thresholds": {"breach": 0.2}, "plausibility": {"jump": 0.2}}),),
        lambda ago, odd: [
            {
                "kpi": "it",
                "period": week(ago),
                "flows": {"joined": 50 if odd else 1, "lost": 50 if odd else 1},
            }
        ],
        0.01,
        0.5,
        base,
    ),
    "days of a week": Way(
        (("complaints", {"thresholds": {"breach": 500}, "plausibility": {"low": 10, "high": 700}}),),
        lambda ago, odd: [
            {"kpi": "it", "period": day, "value": 120 if odd else 5}
            for number in range(7)
            for day in (f"{start_of(ago) + timedelta(days=number):%Y-%m-%d}",)
        ],
        35,
        840,
    ),
    "made of KPIs": Way(
        (
            ("count", {"key": "bought"}),
            ("count", {"key": "seen"}),
            (
                "derived",
                {
                    "expression": "bought / seen",
                    "direction": "up",
                    "thresholds": {"breach": 0.6},
                    "plausibility": {"jump": 0.4},
                },
            ),
        ),
        lambda ago, odd: [
            {"kpi": "seen", "period": week(ago), "value": 40},
            {"kpi": "bought", "period": week(ago), "value": 2 if odd else 30},
        ],
        0.75,
        0.05,
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_odd_figure_waits_however_it_comes_about(tenant: Tenant, way: Way) -> None:
    place = Place(tenant)
    for kind, more in way.kpis:
        held = {"holds": "events"} if way.told(1, False)[0].get("external_id") else {}
        kpi(tenant, **{"key": "it", "kind": kind, "period": "week", **held, **more})
    way.before(tenant)
    place.bind("it", "form")
    for ago, odd in ((4, False), (3, False), (2, True), (1, False)):
        told = record_all(tenant, way.told(ago, odd))
        assert told["counts"]["refused"] == 0, told

    def shown(query: str = "") -> list[tuple[str, Any, Any]]:
        points = place.call("GET", f"/v1/kpis/it/points?{query}")["points"]
        return [(one["label"], one["value"], one["suspect"] and one["suspect"]["value"]) for one in points]

    doubted = [
        (week(4), way.usual, None),
        (week(3), way.usual, None),
        (week(2), None, way.odd),
        (week(1), way.usual, None),
    ]
    assert shown() == doubted
    assert shown("limit=1") == doubted[-1:]
    seen = quote(start_of(2).isoformat())
    [point] = place.call("GET", f"/v1/kpis/it/points?from={seen}&to={quote(start_of(1).isoformat())}")[
        "points"
    ]
    assert (point["reason"], point["suspect"]["readings"]) == ("suspect", 1)
    [entry] = place.entries("form")
    assert (entry["value"], entry["status"], "suspect" in entry["caveats"]) == (way.usual, "ok", True)
    assert [value for _, value in entry["suspects"]] == [way.odd]
    explained = place.call("GET", f"/v1/kpis/it/explain?at={seen}")
    assert explained["point"]["suspect"]["id"] == point["suspect"]["id"]
    before = now()
    assert place.call("GET", "/v1/findings")["results"] == []
    made = settle(tenant, point["suspect"]["id"], "confirmations", body={"reason": "It was so."})
    assert (made["value"], made["state"], made["reason"]) == (way.odd, "current", "It was so.")
    assert place.call("GET", f"/v1/readings/{made['id']}") == made
    was = place.call("GET", f"/v1/readings/{made['id']}?known_at={before}")
    assert (was["state"], was["value"]) == ("suspect", way.odd)
    assert shown()[2] == (week(2), way.odd, None)
    assert shown(f"as_of={before}&known_at={before}") == doubted
    settle(tenant, made["id"], "confirmations", 409)
    assert settle(tenant, made["id"], "retractions", 409)["code"] == "not_a_reading"
    assert shown()[3] == (week(1), way.usual, None)
    [entry] = place.entries("form")
    figures = [value for _, value in entry["spark"]]
    assert (figures, entry["suspects"]) == ([way.usual] * 2 + [way.odd, way.usual], [])


def test_what_is_confirmed_is_judged_and_reported_and_a_longer_period_waits_with_it(tenant: Tenant) -> None:
    place, way = Place(tenant), WAYS["counted events"]
    kpi(tenant, "it", "complaints", holds="events", period="week", **way.kpis[0][1])
    place.bind("it", "form", selector={"shop": "*"})
    for ago, odd in ((3, False), (2, False), (1, True)):
        for shop in ("a", "b"):
            told = way.told(ago, odd and shop == "a")
            record_all(tenant, [{**one, "labels": {"shop": shop}} for one in told])
    [entry] = place.entries("form")  # a total without all of a shop says too little
    assert (entry["value"], entry["status"], entry["period"]["label"]) == (4, "ok", week(2))
    assert [value for _, value in entry["suspects"]] == [9]
    assert place.call("GET", "/v1/findings")["results"] == []
    [*_, every] = place.call("GET", '/v1/kpis/it/points?labels={"shop":"*"}')["points"]
    assert (every["value"], every["suspect"]) == (2, {"id": None, "readings": 1, "value": 9, "n": 9})
    years = place.call("GET", '/v1/kpis/it/points?labels={"shop":"a"}&bucket=year')["points"]
    assert [(one["value"], one["suspect"]["id"]) for one in years[-1:]] == [(None, None)]
    [*_, odd] = place.call("GET", '/v1/kpis/it/points?labels={"shop":"a"}')["points"]
    figure = odd["suspect"]["id"]
    record_all(tenant, [{**way.told(1, True)[-1], "external_id": "late", "labels": {"shop": "a"}}])
    assert settle(tenant, figure, "confirmations", 409)["code"] == "superseded"
    [*_, odd] = place.call("GET", '/v1/kpis/it/points?labels={"shop":"a"}')["points"]
    settle(tenant, odd["suspect"]["id"], "confirmations")
    [entry] = place.entries("form")
    assert (entry["value"], entry["status"], entry["suspects"]) == (12, "breach", [])
    assert [one["kind"] for one in place.call("GET", "/v1/findings")["results"]] == ["status"]
    [year] = place.call("GET", '/v1/kpis/it/points?labels={"shop":"a"}&bucket=year&limit=1')["points"]
    assert year["suspect"] is None


def test_a_figure_is_confirmed_by_whoever_may_record_in_its_workspace(
    tenant: Tenant, stranger: Tenant
) -> None:
    kpi(tenant, "it", "complaints", holds="events", period="week", plausibility={"high": 1})
    record_all(tenant, WAYS["counted events"].told(1, False))
    [point] = tenant.client.call("GET", "/v1/kpis/it/points").json()["points"]
    path = f"/v1/readings/{point['suspect']['id']}/confirmations"
    assert stranger.client.call("POST", path, {}).status_code == 404
    assert stranger.client.call("GET", path.removesuffix("/confirmations")).status_code == 404
    shown = tenant.client.call("GET", path.removesuffix("/confirmations")).json()
    assert (shown["state"], shown["value"], shown["n"]) == ("suspect", 2, 2)
    assert tenant.key("kpis:read").call("POST", path, {}).status_code == 403
    assert tenant.client.call("POST", "/v1/readings/figure.x/confirmations", {}).status_code == 404
    assert tenant.client.call("POST", path, {}).status_code == 201
