"""Points over HTTP: of a selector, in longer periods, as of then; what cannot be told is refused by place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Tenant
from tests.kpis.make_readings import codes, kpi, record, record_all


def points(tenant: Tenant, ref: str, status: int = 200, **query: Any) -> dict:
    text = "&".join(f"{name.strip('_')}={quote(str(value))}" for name, value in query.items())
    answer = tenant.client.call("GET", f"/v1/kpis/{ref}/points?{text}")
    assert answer.status_code == status, answer.content
    return answer.json()


def values(shown: dict) -> list[tuple[str, float | None]]:
    return [(point["label"], point["value"]) for point in shown["points"]]


@pytest.fixture
def csat(tenant: Tenant) -> dict:
    made = kpi(tenant, "csat", "csat", period="day")
    for day in range(1, 11):
        record(tenant, "csat", period=f"2026-04-{day:02}", distribution={"5": day, "3": 1})
    return made


def test_a_point_says_all_that_is_known_of_its_figure(tenant: Tenant, csat: dict) -> None:
    shown = points(tenant, "csat", limit=1, as_of="2026-04-12T00:00:00Z")
    assert shown == {
        "kpi": csat["id"],
        "kind": "csat",
        "method": "top_2_box",
        "unit": "fraction",
        "currency": None,
        "period": "day",
        "zone": "UTC",
        "measure": 1,
        "labels": {},
        "as_of": "2026-04-12T00:00:00Z",
        "known_at": None,
        "unmatched": None,
        "points": [
            {
                "start": "2026-04-10T00:00:00Z",
                "end": "2026-04-11T00:00:00Z",
                "label": "2026-04-10",
                "value": 0.909090909091,
                "n": 11,
                "numerator": 10,
                "denominator": 11,
                "interval": {"low": 0.622642, "high": 0.983768, "method": "wilson"},
                "reason": None,
                "drift": None,
                "preliminary": False,
                "complete": True,
                "feeds": None,
                "suspect": None,
                "response": None,
                "restated": None,
                "filled": None,
                "periods_told": None,
                "periods": None,
                "measure": 1,
                "explain": f"/v1/kpis/{csat['id']}/explain"
                "?at=2026-04-10T00:00:00Z&as_of=2026-04-12T00:00:00Z",
            }
        ],
    }


def test_longer_periods_are_summed_and_say_what_they_cover(tenant: Tenant, csat: dict) -> None:
    shown = points(tenant, "csat", bucket="month")
    (april,) = shown["points"]
    assert (april["label"], april["numerator"], april["denominator"]) == ("2026-04", 55, 65)
    assert (april["periods_told"], april["periods"]) == (10, 30)
    weeks = points(tenant, "csat", bucket="week", from_="2026-04-06T00:00:00Z", to="2026-04-13T00:00:00Z")
    assert [(point["n"], point["periods_told"], point["periods"]) for point in weeks["points"]] == [
        (45, 5, 7)
    ]


@pytest.mark.parametrize(
    ("given", "query", "wrong"),
    [
        ({"kind": "count"}, {"bucket": "day"}, ("/bucket", "finer_than_period")),
        ({"kind": "count"}, {"bucket": "month"}, ("/bucket", "periods_overlap")),
        ({"kind": "count", "period": "day"}, {"zone": "Asia/Tokyo"}, ("/zone", "zone_of_figures")),
        ({"kind": "visitors", "period": "day"}, {"bucket": "week"}, ("/bucket", "unique_counts")),
        ({"kind": "conversion", "input": "value"}, {"bucket": "year"}, ("/bucket", "periods_overlap")),
        (
            {"kind": "conversion", "input": "value", "period": "day"},
            {"bucket": "year"},
            ("/bucket", "not_summable"),
        ),
        ({"kind": "csat", "period": "day"}, {"fill": "zero"}, ("/fill", "no_zero")),
    ],
)
def test_figures_are_not_resampled_into_nonsense(
    tenant: Tenant, given: dict, query: dict, wrong: tuple[str, str]
) -> None:
    kpi(tenant, "it", **given)
    refused = points(tenant, "it", 409, **query)
    assert (refused["code"], codes(refused)) == (wrong[1], {wrong})
    assert refused["detail"] == refused["errors"][0]["detail"]


def test_a_ratio_is_refused_what_its_parts_are(tenant: Tenant) -> None:
    for key in ("went", "came"):
        kpi(tenant, key, "visitors", period="day")
    kpi(tenant, "share", "ratio", numerator_kpi="went", denominator_kpi="came")
    assert codes(points(tenant, "share", 409, bucket="month")) == {("/bucket", "unique_counts")}


def test_events_fit_into_any_period_of_any_zone(tenant: Tenant) -> None:
    """A day that begins in Berlin before the clocks change has 23 hours, and its hours are 23."""
    kpi(tenant, "sold", "count", holds="events", period="month", zone="Europe/Berlin")
    first = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    for hour in range(26):
        at = (first + timedelta(hours=hour)).isoformat()
        record(tenant, "sold", observed_at=at, value=1, external_id=str(hour))
    days = points(tenant, "sold", bucket="day")
    assert values(days) == [("2026-03-28", 1), ("2026-03-29", 23), ("2026-03-30", 2)]
    assert (days["period"], days["zone"]) == ("day", "Europe/Berlin")
    hours = points(tenant, "sold", bucket="hour", from_="2026-03-28T23:00:00Z", to="2026-03-29T22:00:00Z")
    assert len(hours["points"]) == 23
    assert [label for label, _ in values(hours)][1:3] == ["2026-03-29T01", "2026-03-29T03"]
    assert values(points(tenant, "sold", bucket="week")) == [("2026-W13", 24), ("2026-W14", 2)]
    assert values(points(tenant, "sold", zone="Pacific/Apia", bucket="day")) == [
        ("2026-03-29", 13),
        ("2026-03-30", 13),
    ]


def test_gaps_are_points_without_a_value_and_filled_only_if_asked(tenant: Tenant) -> None:
    kpi(tenant, "sold", "count", period="day", zone="Europe/Paris")
    for day, value in ((1, 4), (4, None), (5, 6)):
        record(tenant, "sold", period=f"2026-04-{day:02}", value=value)

    def told(**query: Any) -> list[tuple[float | None, str | None]]:
        return [(point["value"], point["filled"]) for point in points(tenant, "sold", **query)["points"]]

    gap = (None, None)
    assert told() == [(4, None), gap, gap, gap, (6, None)]
    assert told(fill="none") == [(4, None), gap, (6, None)]
    assert told(fill="previous") == [(4, None), (4, "previous"), (4, "previous"), gap, (6, None)]
    assert told(fill="zero") == [(4, None), (0, "zero"), (0, "zero"), gap, (6, None)]
    assert told(fill="zero", limit=3) == [gap, (6, None)]
    within = {"from_": "2026-03-31T00:00:00+02:00", "to": "2026-04-08T00:00:00+02:00"}
    early = {"as_of": "2026-04-06T12:00:00Z"}
    assert len(told(**within)) == 5
    assert told(fill="zero", **within, **early)[:2] == [(0, "zero"), (4, None)]
    assert told(fill="previous", **within, **early)[0] == gap
    assert told(fill="previous", **within, **early)[-2:] == [(6, None), gap]  # 6 April runs still
    gone = points(tenant, "sold")["points"][1]
    assert (gone["label"], gone["complete"], gone["n"], gone["interval"]) == ("2026-04-02", True, None, None)


def test_instants_can_be_put_into_periods(tenant: Tenant) -> None:
    kpi(tenant, "load", "custom", method="mean", unit="ms", holds="events")
    kpi(tenant, "stock", "gauge", unit="boxes")
    for hour in range(5):
        at = f"2026-05-01T{hour:02}:00:00Z"
        record(tenant, "load", observed_at=at, value=hour, external_id=str(hour))
        record(tenant, "stock", observed_at=at, value=hour)
    assert [point["value"] for point in points(tenant, "load")["points"]] == [0, 1, 2, 3, 4]
    assert values(points(tenant, "load", bucket="day")) == [("2026-05-01", 2)]
    assert values(points(tenant, "stock", bucket="hour", limit=2)) == [
        ("2026-05-01T03", 3),
        ("2026-05-01T04", 4),
    ]
    assert values(points(tenant, "stock", bucket="month")) == [("2026-05", 4)]


def test_a_selector_names_a_series_or_sums_several(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    for labels, value in (({}, 100), ({"page": "a"}, 1), ({"page": "b"}, 2), ({"page": "b", "geo": "x"}, 4)):
        record(tenant, "visits", period="2026-W10", value=value, labels=labels)

    def of(labels: str) -> list[float]:
        return [point["value"] for point in points(tenant, "visits", labels=labels)["points"]]

    assert [point["value"] for point in points(tenant, "visits")["points"]] == [100]
    assert of('{"page": "b"}') == [2]
    assert of('{"page": "*"}') == [3]
    assert of('{"page": "*", "geo": "*"}') == [4]
    assert of('{"page": "c"}') == []
    listed = tenant.client.call("GET", "/v1/kpis/visits/series?page_size=3").json()
    assert [one["labels"] for one in listed["results"]] == [{}, {"page": "a"}, {"page": "b"}]
    rest = tenant.client.call("GET", listed["next"]).json()
    assert ([one["labels"] for one in rest["results"]], rest["next"]) == ([{"page": "b", "geo": "x"}], None)


def test_rates_of_several_labels_are_divided_last(tenant: Tenant) -> None:
    kpi(tenant, "conversion", "conversion")
    for page, (went, came) in {"a": (1, 2), "b": (1, 98)}.items():
        record(
            tenant, "conversion", period="2026-W10", numerator=went, denominator=came, labels={"page": page}
        )
    (point,) = points(tenant, "conversion", labels='{"page": "*"}')["points"]
    assert (point["value"], point["numerator"], point["denominator"]) == (0.02, 2, 100)


def test_a_ratio_divides_two_kpis_in_any_period(tenant: Tenant) -> None:
    for key, daily in (("went", (1, 2, 3)), ("came", (4, 4, None))):
        kpi(tenant, key, "count", period="day")
        for day, value in enumerate(daily, 1):
            record(tenant, key, period=f"2026-04-{day:02}", value=value)
    kpi(tenant, "conversion", "ratio", numerator_kpi="went", denominator_kpi="came")
    shown = points(tenant, "conversion")
    assert values(shown) == [("2026-04-01", 0.25), ("2026-04-02", 0.5), ("2026-04-03", None)]
    assert shown["points"][0]["denominator"] == 4
    assert values(points(tenant, "conversion", bucket="month")) == [("2026-04", 0.75)]


def test_the_past_is_told_as_it_was_and_as_it_was_known(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    record(tenant, "visits", period="2026-W10", value=1)
    known_at = datetime.now(UTC).isoformat()
    record(tenant, "visits", 201, "?on_conflict=correct", period="2026-W10", value=2)
    record(tenant, "visits", period="2026-W12", value=3)
    assert values(points(tenant, "visits")) == [("2026-W10", 2), ("2026-W11", None), ("2026-W12", 3)]
    assert values(points(tenant, "visits", as_of="2026-03-09T00:00:00Z")) == [("2026-W10", 2)]
    assert values(points(tenant, "visits", known_at=known_at)) == [("2026-W10", 1)]
    assert values(points(tenant, "visits", as_of="2026-03-08T00:00:00Z")) == []
    first, second = (
        tenant.client.call(
            "GET", f"/v1/kpis/visits/points?as_of={quote(known_at)}&known_at={quote(known_at)}"
        )
        for _ in range(2)
    )
    assert first.content == second.content


def test_points_are_counted_back_from_an_end(tenant: Tenant, csat: dict) -> None:
    def days(**query: Any) -> list[str]:
        return [label for label, _ in values(points(tenant, "csat", **query))]

    assert days(to="2026-04-05T00:00:00Z", limit=2) == ["2026-04-03", "2026-04-04"]
    assert days(to="2026-04-05T00:00:01Z", limit=2) == ["2026-04-04", "2026-04-05"]
    assert days(to="2030-01-01T00:00:00Z", limit=1) == ["2026-04-10"]
    assert days(to="2026-04-09T00:00:00Z", as_of="2026-04-04T00:00:00Z", limit=1) == ["2026-04-03"]
    assert days(to="2016-12-31T09:59:25Z") == []
    assert days(to="2026-05-01T00:00:00Z", bucket="month") == ["2026-04"]
    assert days(to="2026-04-01T00:00:00Z", bucket="month") == []


def test_instants_and_events_are_counted_back_from_an_end_too(tenant: Tenant) -> None:
    kpi(tenant, "load", "custom", method="mean", unit="ms", holds="events")
    kpi(tenant, "stock", "gauge", unit="boxes")
    kpi(tenant, "sold", "count", holds="events", period="hour")
    for hour in range(5):
        at = f"2026-05-01T{hour:02}:00:00Z"
        record(tenant, "load", observed_at=at, value=hour, external_id=str(hour))
        record(tenant, "sold", observed_at=at, value=hour, external_id=str(hour))
        record(tenant, "stock", observed_at=at, value=hour)
    for key in ("load", "sold", "stock"):
        shown = points(tenant, key, to="2026-05-01T03:00:00Z", limit=2)
        assert [point["value"] for point in shown["points"]] == [1, 2], key


@pytest.mark.parametrize("query", [{}, {"as_of": "2009-03-11T14:31:48Z"}, {"from_": "2020-09-05T20:59:01Z"}])
def test_before_anybody_knew_of_it_a_kpi_has_no_points(tenant: Tenant, csat: dict, query: dict) -> None:
    shown = points(tenant, "csat", known_at="2007-01-01T08:18:47Z", bucket="month", **query)
    assert (shown["points"], shown["measure"], shown["method"]) == ([], 1, "top_2_box")


def test_before_anybody_knew_of_them_a_ratio_has_no_points_either(tenant: Tenant) -> None:
    for key in ("went", "came"):
        kpi(tenant, key, "visitors", period="day")
        record(tenant, key, period="2026-04-01", value=2)
    kpi(tenant, "conversion", "ratio", numerator_kpi="went", denominator_kpi="came")
    assert points(tenant, "conversion", known_at="2007-01-01T08:18:47Z")["points"] == []


def test_values_of_two_measures_are_told_apart(tenant: Tenant) -> None:
    made = kpi(tenant, "csat", "csat")
    record(tenant, "csat", period="2026-02", distribution={"5": 3, "1": 1})
    record(tenant, "csat", period="2026-03", distribution={"5": 3, "1": 1})
    tenant.client.call("PATCH", "/v1/kpis/csat", {"method": "mean"}, etag=made["etag"])
    record(tenant, "csat", period="2026-03", distribution={"5": 1, "1": 1})
    shown = points(tenant, "csat")
    assert [(point["label"], point["measure"], point["value"]) for point in shown["points"]] == [
        ("2026-02", 1, 0.75),
        ("2026-03", 2, 3),
    ]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"labels": "x"}, ("/labels", "selector")),
        ({"labels": "[]"}, ("/labels", "selector")),
        ({"labels": '{"a": 1}'}, ("/labels", "selector")),
        ({"labels": "[" * 1500}, ("/labels", "selector")),
        ({"labels": '{"a": "\\u0000"}'}, ("/labels", "label_value")),
        ({"as_of": "2999-01-01T00:00:00Z"}, ("/as_of", "years")),
        ({"as_of": "2150-01-01T00:00:00Z"}, ("/as_of", "in_the_future")),
        ({"known_at": "2150-01-01T00:00:00Z"}, ("/known_at", "in_the_future")),
        ({"as_of": "2026-01-01T00:00:00"}, ("/as_of", "offset")),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, ("/to", "order")),
        ({"bucket": "fortnight"}, ("/bucket", "invalid_choice")),
        ({"limit": 0}, ("/limit", "min_value")),
        ({"limit": 1001}, ("/limit", "max_value")),
        ({"colour": 1}, ("/colour", "unknown_field")),
    ],
)
def test_what_cannot_be_asked_is_named(tenant: Tenant, query: dict, wrong: tuple[str, str]) -> None:
    kpi(tenant, "load", "gauge", unit="ms")
    assert codes(points(tenant, "load", 400, **query)) == {wrong}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"labels": '{"a": "*"}'}, ("/labels", "not_summable")),
        ({"from": "1950-01-01T00:00:00Z", "bucket": "day"}, ("/bucket", "too_many_points")),
    ],
)
def test_what_this_kpi_cannot_be_asked_conflicts(tenant: Tenant, query: dict, wrong: tuple[str, str]) -> None:
    kpi(tenant, "load", "gauge", unit="ms")
    refused = points(tenant, "load", 409, **query)
    assert (refused["code"], codes(refused)) == (wrong[1], {wrong})


def test_more_instants_than_can_be_shown_are_refused(tenant: Tenant) -> None:
    kpi(tenant, "load", "gauge", unit="ms")
    for batch in range(2):
        record_all(
            tenant,
            [
                {
                    "kpi": "load",
                    "value": 1,
                    "observed_at": f"2026-05-01T{batch:02}:{n // 60 % 60:02}:{n % 60:02}.{n:04}Z",
                }
                for n in range(600)
            ],
        )
    refused = points(tenant, "load", 409, **{"from": "2026-05-01T00:00:00Z"})
    assert codes(refused) == {("/from", "too_many_points")}


def test_a_stranger_sees_no_point_of_ours(tenant: Tenant, stranger: Tenant, csat: dict) -> None:
    for path in ("points", "series"):
        assert stranger.client.call("GET", f"/v1/kpis/{csat['id']}/{path}").status_code == 404
        assert tenant.key("kpis:write").call("GET", f"/v1/kpis/csat/{path}").status_code == 403
