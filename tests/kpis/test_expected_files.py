"""Files that come row by row or message by message, and the golden numbers of the field, as points."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ApiClient, Tenant
from tests.kpis.golden import RANGE, all_same, points, same, send, span, table
from tests.kpis.make_readings import kpi, record, record_all
from tests.kpis.test_inbound import process

DAY = 86_400


def shown(tenant: Tenant, key: str, query: str) -> list[dict[str, Any]]:
    """The points of a KPI that have observations, whole."""
    answer = tenant.client.call("GET", f"/v1/kpis/{key}/points?fill=none&{query}")
    assert answer.status_code == 200, answer.content
    return [one for one in json.loads(answer.content, parse_float=Decimal)["points"] if one["n"]]


def recorded(tenant: Tenant, key: str, labels: str) -> list[dict[str, Any]]:
    """Every reading of a series, as it was recorded."""
    path: str | None = f"/v1/readings?kpi={key}&page_size=100&labels={labels}"
    found: list[dict[str, Any]] = []
    while path:
        answer = tenant.client.call("GET", path)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        found += page["results"]
        path = page["next"]
    return found


def test_every_file_is_told_by_a_test(shared_data: Path) -> None:
    """By its name, or by that of its folder where a test reads the whole of it."""
    here = Path(__file__).parent
    told = "".join((here / f"{name}.py").read_text() for name in ("test_expected", "test_expected_files"))
    files = [file for room in ("kpi", "events") for file in (shared_data / room).rglob("*.*")]
    named = {
        file: file.stem in told or f'{file.parent.parent.name}/{file.parent.name}"' in told for file in files
    }
    assert len(files) >= 16
    assert [file.name for file, known in named.items() if not known and file.stem != "expected"] == []


def test_time_on_each_page_of_the_claim(tenant: Tenant, govuk: Callable, expected: dict) -> None:
    kpi(tenant, "dwell", "time_on_page")
    pages = govuk("carers-allowance-time-spent-on-each-page")
    send(
        tenant,
        [
            {
                "kpi": "dwell",
                "value": round(Decimal(page["avgTimeOnPage"]), 15),
                "n": int(page["users"]),
                "period": "2014-W22",
                "labels": {"page": page["pagePathLevel1"]},
            }
            for page in pages
        ],
    )
    reference = expected["govuk_carers_allowance"]
    weekly = reference["dwell_seconds_per_page_week_2014-05-26"]
    assert len(pages) == len(weekly)
    for page, theirs in weekly.items():
        (ours,) = shown(tenant, "dwell", f'{RANGE}&labels={{"page":"{page}"}}')
        assert ours["n"] == theirs["users"]
        assert same(Decimal(ours["value"]), theirs["avg_seconds"])
    (whole,) = shown(tenant, "dwell", f'{RANGE}&labels={{"page":"*"}}')
    assert same(Decimal(whole["value"]), reference["dwell_user_weighted_mean_seconds"])


def test_time_taken_to_complete_each_step(tenant: Tenant, govuk: Callable) -> None:
    """The reference has no figures of this file; its own sum of the weeks stands beside them."""
    kpi(tenant, "taken", "time_on_task", method="mean")
    for step in govuk("carers-allowance-time-taken-to-complete"):
        weeks = [
            {"value": week["avgSessionDuration:sum"], "labels": {"step": step["eventLabel"]}, **span(week)}
            for week in step["values"]
        ]
        send(tenant, [{"kpi": "taken", **week} for week in weeks])
        ours = points(tenant, "taken", f'{RANGE}&labels={{"step":"{step["eventLabel"]}"}}')
        assert all_same(ours, {week["start"][:10]: week["value"] for week in weeks})
        told = [seconds for seconds in ours.values() if seconds is not None]
        assert abs(sum(told) - step["avgSessionDuration:sum"]) < Decimal("1E-9")
        assert len(told) == step["_count"]


def test_two_snapshots_of_weekly_claims_overlap_and_count_once(
    tenant: Tenant, govuk: Callable, expected: dict
) -> None:
    keys = {"ca_e_claims_received": "digital", "ca_clerical_received": "paper"}
    for key in keys.values():
        kpi(tenant, key, "count")
    kpi(tenant, "share", "derived", expression="digital / (digital + paper)")
    first = [
        {
            "kpi": keys[row["key"]],
            "value": row["value"],
            "period": "{}-W{:02}".format(*date.fromisoformat(row["_week_start_at"][:10]).isocalendar()),
        }
        for row in govuk("carers-allowance-weekly-claims")
        if row["key"] in keys
    ]
    send(tenant, first)
    second = [
        {"kpi": keys[channel["key"]], "value": week["value:sum"], **span(week)}
        for channel in govuk("carers_allowance_weekly_by_channel_start_7")
        if channel["key"] in keys
        for week in channel["values"]
    ]
    counts = record_all(tenant, second, "?on_conflict=correct")["counts"]
    assert counts["duplicate"] + counts["corrected"] == len(first)
    assert counts["refused"] == 0
    theirs = expected["govuk_carers_allowance"]["weekly_digital_share"]
    ours = points(tenant, "share")
    assert all_same(ours, {week: value for week, value in theirs.items() if value is not None})


def test_charges_of_a_telephone_company(tenant: Tenant, shared_kpi: Path, expected: dict) -> None:
    kpi(tenant, "charges", "revenue", currency="USD", holds="events")
    customers = table(shared_kpi / "telco" / "Telco-Customer-Churn.csv")
    send(
        tenant,
        [
            {
                "kpi": "charges",
                "value": Decimal(one["MonthlyCharges"]),
                "observed_at": "2026-04-15T12:00:00Z",
                "external_id": one["customerID"],
                "labels": {"churned": one["Churn"]},
            }
            for one in customers
        ],
    )
    for labels, name in (("*", "monthly_charges_sum"), ("Yes", "monthly_charges_sum_churned")):
        (ours,) = points(tenant, "charges", f'labels={{"churned":"{labels}"}}').values()
        assert ours == expected["telco"][name]


def test_churn_and_clicks_of_a_subscription_service(tenant: Tenant, shared_kpi: Path, expected: dict) -> None:
    kpi(tenant, "churn", "churn", holds="events")
    kpi(tenant, "clicked", "custom", method="mean", unit="mails", holds="events", period="month")
    rows = table(shared_kpi / "saas-churn" / "churn.csv")
    for key in ("churn", "clicked"):
        send(
            tenant,
            [
                {
                    "kpi": key,
                    "observed_at": "2026-04-15T12:00:00Z",
                    "external_id": str(place),
                    "labels": {"months": str(int(float(row["months_active"])))},
                    **(
                        {"numerator": int(row["churned"] == "1.0"), "denominator": 1}
                        if key == "churn"
                        else {"value": int(row["marketing_emails_clicked"])}
                    ),
                }
                for place, row in enumerate(rows)
            ],
        )
    reference = expected["saas_churn"]
    (whole,) = shown(tenant, "churn", 'labels={"months":"*"}')
    told = whole["value"], whole["numerator"], whole["n"]
    assert told == (reference["churn_rate"], reference["churned"], reference["rows"])
    for months, theirs in reference["by_months_active"].items():
        (ours,) = shown(tenant, "churn", f'labels={{"months":"{months}"}}')
        assert (ours["n"], ours["numerator"]) == (theirs["n"], theirs["churned"])
    (clicked,) = points(tenant, "clicked", 'labels={"months":"*"}').values()
    assert clicked == reference["marketing_emails_clicked_mean"]


@pytest.mark.parametrize(("column", "name"), [("BounceRates", "bounce"), ("ExitRates", "exit")])
def test_mean_rates_of_online_shoppers(
    tenant: Tenant, shared_kpi: Path, expected: dict, column: str, name: str
) -> None:
    kpi(tenant, name, "custom", method="mean", unit="share of pages", holds="events", period="month")
    rows = table(shared_kpi / "online-shoppers" / "online_shoppers_intention.csv")
    send(
        tenant,
        [
            {
                "kpi": name,
                "value": Decimal(row[column]),
                "observed_at": "2026-04-15T12:00:00Z",
                "external_id": str(place),
            }
            for place, row in enumerate(rows)
        ],
    )
    (ours,) = shown(tenant, name, "")
    assert ours["n"] == expected["online_shoppers"]["sessions"]
    assert same(Decimal(ours["value"]), expected["online_shoppers"][f"mean_{name}_rate"])


def test_complaints_about_banks(tenant: Tenant, shared_kpi: Path, expected: dict) -> None:
    reference = expected["cfpb_subset"]
    rows = table(shared_kpi / "cfpb" / "complaints-subset.csv")
    kpi(tenant, "complaints", "complaints", holds="events", period="month")
    send(
        tenant,
        [
            {
                "kpi": "complaints",
                "value": 1,
                "observed_at": f"{row['date_received']}T00:00:00Z",
                "external_id": str(place),
                "labels": {"product": row["product"]},
            }
            for place, row in enumerate(rows)
        ],
    )
    every = "from=2016-01-01T00:00:00Z&to=2021-01-01T00:00:00Z&labels="
    ours = {one["label"]: one["value"] for one in shown(tenant, "complaints", every + '{"product":"*"}')}
    assert {month: count for month, count in ours.items() if count} == reference["by_month"]
    for product, count in reference["by_product"].items():
        labels = json.dumps({"product": product})
        years = points(tenant, "complaints", f"bucket=year&{every}{labels}").values()
        assert sum(year or 0 for year in years) == count
    lags = {"mean": "mean", "median": "median", "p90": "p90_linear"}
    for method in lags:
        kpi(tenant, method, "first_response_time", method=method, holds="events", period="month")
        send(tenant, [{"kpi": method, **item} for item in waits(rows)])
        (lag,) = points(tenant, method, "").values()
        assert lag is not None
        assert same(round(lag / DAY, 12), reference["lag_days_received_to_sent"][lags[method]])
    values = [one["value"] / DAY for one in recorded(tenant, "mean", "{}")]
    assert (min(values), max(values), len(values)) == (0, 72, reference["rows"])


def waits(rows: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """How long each complaint waited to be sent on, in seconds; all told when the file was made."""
    for place, row in enumerate(rows):
        days = date.fromisoformat(row["date_sent_to_company"]) - date.fromisoformat(row["date_received"])
        told = {"observed_at": "2020-02-01T00:00:00Z", "external_id": str(place)}
        yield {"value": int(days.total_seconds()), **told}


def test_buyers_come_back_by_monthly_cohorts(tenant: Tenant, shared_kpi: Path, expected: dict) -> None:
    """Every purchase is sent; a customer counts once a month, by the external id."""
    kpi(tenant, "active", "count", holds="events", period="month")
    purchases = table(shared_kpi / "retention" / "example_transactions.csv")
    first: dict[str, str] = {}
    for one in sorted(purchases, key=lambda one: one["date"]):
        first.setdefault(one["id"], one["date"][:7])
    items = [
        {
            "kpi": "active",
            "value": 1,
            "observed_at": f"{one['date'][:7]}-01T00:00:00Z",
            "external_id": f"{one['id']}:{one['date'][:7]}",
            "labels": {"cohort": first[one["id"]]},
        }
        for one in purchases
    ]
    counts: Counter[str] = Counter()
    for start in range(0, len(items), 1000):
        counts += Counter(record_all(tenant, items[start : start + 1000])["counts"])
    reference = expected["retention_example"]
    assert counts.keys() == {"created", "duplicate"}
    assert sum(counts.values()) == reference["transactions"]

    def by_month(cohort: str) -> list[Decimal]:
        return list(
            map(Decimal, points(tenant, "active", f'{RANGE}&labels={{"cohort":"{cohort}"}}').values())
        )

    assert by_month("*") == list(reference["monthly_active"].values())
    for cohort, theirs in reference["cohorts"].items():
        ours = by_month(cohort)
        assert ours[0] == theirs["size"]
        assert [count for count in ours if count] == [count for count in theirs["active"].values() if count]


def test_a_hospital_visit_step_by_step(tenant: Tenant, shared_data: Path) -> None:
    """Stage dwell time and cases per stage, from starts and ends, one event each."""
    reference = json.loads((shared_data / "events/expected.json").read_text(), parse_float=Decimal)
    reference = reference["patients/patients.csv"]
    rows = table(shared_data / "events/patients/patients.csv")
    kpi(tenant, "dwell", "time_in_stage", method="mean", holds="events", period="month")
    kpi(tenant, "reached", "count", holds="events", period="month")
    ends = {row["handling_id"]: row["time"] for row in rows if row["registration_type"] == "complete"}
    starts = [row for row in rows if row["registration_type"] == "start"]
    dwelt, reached = [], []
    for row in starts:
        took = datetime.fromisoformat(ends[row["handling_id"]]) - datetime.fromisoformat(row["time"])
        place = {"observed_at": row["time"], "labels": {"stage": row["handling"]}}
        dwelt.append({"value": int(took.total_seconds()), "external_id": row["handling_id"], **place})
        reached.append({"value": 1, "external_id": row["patient"] + row["handling"], **place})
    assert (len(starts), len(rows)) == (reference["activity_instances"], reference["rows"])
    for key, items in (("dwell", dwelt), ("reached", reached)):
        send(tenant, [{"kpi": key, **item} for item in items])
    every = "bucket=year&from=2017-01-01T00:00:00Z&to=2019-01-01T00:00:00Z&labels="
    for stage, theirs in reference["activities"].items():
        labels = json.dumps({"stage": stage})
        years = shown(tenant, "dwell", every + labels)
        n = sum(year["n"] for year in years)
        mean = sum(Decimal(year["value"]) * year["n"] for year in years) / n
        assert (n, round(mean, 6)) == (theirs["n"], theirs["mean_seconds"])
        values = [one["value"] for one in recorded(tenant, "dwell", labels)]
        assert (min(values), max(values)) == (theirs["min"], theirs["max"])
        cases = sum(Decimal(count or 0) for count in points(tenant, "reached", every + labels).values())
        assert cases == reference["cases_reaching"][stage]


def test_orders_told_by_foreign_events(tenant: Tenant, shared_data: Path) -> None:
    """Three events of the Adobe Experience Data Model, by webhook: what was bought is in one of them."""
    kpi(tenant, "events", "count", holds="events", period="month")
    kpi(tenant, "paid", "revenue", currency="USD", holds="events", period="month")
    told = {"observed_at": "$['xdm:timestamp']"}
    rules = [
        {"kpi": "events", "const": 1, "external_id": "$['@id']", **told},
        {
            "kpi": "paid",
            "when": [{"path": "$['xdm:commerce']", "exists": True}],
            "value": "$['xdm:commerce']['xdm:order']['xdm:priceTotal']",
            "external_id": "$['xdm:commerce']['xdm:order']['xdm:purchaseID']",
            **told,
        },
    ]
    body = {"key": "xdm", "name": "XDM", "provider": "url", "event": {"id": ["/@id"]}, "rules": rules}
    made = tenant.client.call("POST", "/v1/inbound-endpoints", body)
    assert made.status_code == 201, made.content
    path = "/hooks/" + made.json()["url"].rsplit("/", 1)[1]
    files = sorted((shared_data / "events/xdm").iterdir())
    for file in (*files, *files):
        assert ApiClient().call("POST", path, file.read_bytes()).status_code == 202
    process()
    within = "from=2017-09-01T00:00:00Z&to=2017-10-01T00:00:00Z"
    assert points(tenant, "events", within) == {"2017-09-01": len(files)}
    orders = [json.loads(file.read_text()).get("xdm:commerce", {}).get("xdm:order") for file in files]
    paid = sum(Decimal(order["xdm:priceTotal"]) for order in orders if order)
    assert points(tenant, "paid", within) == {"2017-09-01": paid}


EFFORT = dict(zip("1234567", (80, 210, 140, 110, 160, 180, 120), strict=True))
ANSWERS = {"5": 42, "4": 32, "3": 10, "2": 9, "1": 14}


@pytest.mark.parametrize(
    ("kind", "method", "counts", "value", "digits"),
    [
        ("ces", "mean", EFFORT, "4.08", 12),
        ("ces", "positive_share", EFFORT, "0.46", 12),
        ("ces", "index", EFFORT, "-13", 12),
        ("csat", "top_2_box", ANSWERS, "0.6916", 4),
        ("csat", "mean", ANSWERS, "3.738", 3),
        ("nps", "net", {"9": 50, "8": 30, "6": 20}, "30", 12),
    ],
)
def test_golden_numbers_as_points(
    tenant: Tenant, kind: str, method: str, counts: dict[str, int], value: str, digits: int
) -> None:
    kpi(tenant, "asked", kind, method=method, period="month")
    record(tenant, "asked", period="2026-03", distribution=counts)
    (point,) = shown(tenant, "asked", "")
    assert point["n"] == sum(counts.values())
    assert round(Decimal(point["value"]), digits) == Decimal(value)
    if kind == "nps":
        half = (Decimal(point["interval"]["high"]) - Decimal(point["interval"]["low"])) / 2
        assert round(half, 1) == Decimal("15.3")
