"""Real figures, recorded and read over HTTP, equal what other programs made of the same data."""

from __future__ import annotations

import calendar
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Tenant
from tests.kpis.golden import RANGE, all_same, band, points, same, send, span, table
from tests.kpis.make_readings import kpi


@pytest.mark.parametrize("as_kpis", [True, False])
def test_weekly_conversion_of_the_carers_allowance_claim(
    tenant: Tenant, govuk: Callable, expected: dict, as_kpis: bool
) -> None:
    """As a ratio of two KPIs, and as one KPI that brings numerator and denominator."""
    weeks = {
        step["eventLabel"]: {week["_start_at"]: week for week in step["values"]}
        for step in govuk("carers_allowance_journey")
    }
    reference = expected["govuk_carers_allowance"]
    for step, name in (("consent-and-declaration", "consent"), ("about-you", "about_you")):
        key = f"conversion-{name.replace('_', '-')}"
        if as_kpis:
            for part in ("eligibility", step):
                if tenant.client.call("GET", f"/v1/kpis/{part}").status_code == 404:
                    kpi(tenant, part, "visitors")
                    send(
                        tenant,
                        [
                            {"kpi": part, "value": week["uniqueEvents:sum"], **span(week)}
                            for week in weeks[part].values()
                        ],
                    )
            kpi(tenant, key, "ratio", numerator_kpi=step, denominator_kpi="eligibility")
        else:
            kpi(tenant, key, "conversion")
            send(
                tenant,
                [
                    {
                        "kpi": key,
                        "numerator": weeks[step][start]["uniqueEvents:sum"],
                        "denominator": week["uniqueEvents:sum"],
                        **span(week),
                    }
                    for start, week in weeks["eligibility"].items()
                ],
            )
        theirs = reference[f"weekly_conversion_eligibility_to_{name}"]
        ours = points(tenant, key)
        assert len(ours) == len(weeks["eligibility"])
        assert all_same(ours, theirs)
        assert all(ours[day] is None for day in ours.keys() - theirs.keys())


def test_visitors_of_each_step(tenant: Tenant, govuk: Callable, expected: dict) -> None:
    kpi(tenant, "visitors", "visitors")
    for step in govuk("carers_allowance_journey"):
        labels = {"step": step["eventLabel"]}
        send(
            tenant,
            [
                {"kpi": "visitors", "value": week["uniqueEvents:sum"], "labels": labels, **span(week)}
                for week in step["values"]
            ],
        )
    for step, theirs in expected["govuk_carers_allowance"]["stages"].items():
        ours = points(tenant, "visitors", f'{RANGE}&labels={{"step":"{step}"}}')
        told = [value for value in ours.values() if value is not None]
        assert (len(told), sum(told)) == (theirs["weeks_with_value"], Decimal(theirs["total"]))


def test_satisfaction_by_day_and_by_month(tenant: Tenant, govuk: Callable, expected: dict) -> None:
    kpi(tenant, "score", "score", period="day")
    kpi(tenant, "csat", "csat", period="day")

    def items() -> Iterator[dict]:
        for day in govuk("carers-allowance-user-satisfaction"):
            counts = {str(step): day[f"rating_{step}:sum"] for step in range(1, 6)}
            told = None if None in counts.values() else {step: int(count) for step, count in counts.items()}
            for key in ("score", "csat"):
                yield {"kpi": key, "distribution": told, **span(day)}

    send(tenant, items())
    daily = expected["govuk_carers_allowance"]["daily_satisfaction"]
    ours = points(tenant, "score", "limit=1000")
    assert len(ours) == len(daily) == 95
    assert all_same(ours, {day: row["score"] for day, row in daily.items()})
    monthly = expected["govuk_carers_allowance"]["monthly_satisfaction_from_counts"]
    for key, name in (("score", "score"), ("csat", "top2box_share")):
        ours = points(tenant, key, f"{RANGE}&bucket=month")
        theirs = {f"{month}-01": row[name] for month, row in monthly.items()}
        assert ours.keys() == theirs.keys()
        assert all_same(ours, theirs)


def test_digital_share_of_claims(tenant: Tenant, govuk: Callable, expected: dict) -> None:
    kpi(tenant, "share", "share", period="week")
    channels = {
        channel["key"]: {week["_start_at"]: week for week in channel["values"]}
        for channel in govuk("carers_allowance_weekly_by_channel_start_7")
    }

    def items() -> Iterator[dict]:
        for start, week in channels["ca_e_claims_received"].items():
            both = [week["value:sum"], channels["ca_clerical_received"][start]["value:sum"]]
            whole = None if None in both else sum(both)
            yield {"kpi": "share", "numerator": both[0], "denominator": whole, **span(week)}

    send(tenant, items())
    theirs = expected["govuk_carers_allowance"]["weekly_digital_share"]
    assert all_same(points(tenant, "share"), theirs)


@pytest.mark.parametrize("events", [False, True])
def test_churn_of_a_telephone_company(tenant: Tenant, shared_kpi: Path, expected: dict, events: bool) -> None:
    """As figures and as one event per customer; each group and the whole are summed again from the parts."""
    kpi(tenant, "churn", "churn", **({"holds": "events"} if events else {}))
    customers = table(shared_kpi / "telco" / "Telco-Customer-Churn.csv")
    if events:
        send(
            tenant,
            [
                {
                    "kpi": "churn",
                    "numerator": int(one["Churn"] == "Yes"),
                    "denominator": 1,
                    "observed_at": "2026-04-15T12:00:00Z",
                    "external_id": one["customerID"],
                    "labels": {"contract": one["Contract"], "tenure": band(int(one["tenure"]))},
                }
                for one in customers
            ],
        )
    else:
        counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for one in customers:
            group = one["Contract"], band(int(one["tenure"]))
            counts[group][0] += one["Churn"] == "Yes"
            counts[group][1] += 1
        send(
            tenant,
            [
                {
                    "kpi": "churn",
                    "numerator": lost,
                    "denominator": all_,
                    "period": "2026-04",
                    "labels": {"contract": contract, "tenure": tenure},
                }
                for (contract, tenure), (lost, all_) in counts.items()
            ],
        )
    for name, label in (("by_contract", "contract"), ("by_tenure_band", "tenure")):
        for group, theirs in expected["telco"][name].items():
            asked = json.dumps({"contract": "*", "tenure": "*", label: group})
            (ours,) = points(tenant, "churn", f"labels={asked}").values()
            assert same(ours, theirs["rate"])
    (ours,) = points(tenant, "churn", 'labels={"contract":"*","tenure":"*"}').values()
    assert same(ours, expected["telco"]["churn_rate"])


def test_satisfaction_of_a_subscription_service_answer_by_answer(
    tenant: Tenant, shared_kpi: Path, expected: dict
) -> None:
    rows = table(shared_kpi / "saas-churn" / "churn.csv")
    kpi(tenant, "csat", "csat", method="mean", scale_min=0, scale_max=10, input="answers")
    kpi(tenant, "nps", "nps", input="answers")
    began = datetime.fromisoformat("2026-04-01T00:00:00+00:00")
    for key in ("csat", "nps"):
        send(
            tenant,
            [
                {
                    "kpi": key,
                    "value": int(row["csat_score"]),
                    "observed_at": (began + timedelta(minutes=20 * place)).isoformat(),
                    "external_id": str(place),
                }
                for place, row in enumerate(rows)
            ],
        )
    reference = expected["saas_churn"]
    (mean,) = points(tenant, "csat", "").values()
    (score,) = points(tenant, "nps", "").values()
    assert (mean, score) == (Decimal(reference["csat_mean"]), Decimal(reference["nps_style"]["score"]))
    answer = tenant.client.call("GET", "/v1/kpis/nps/points").json()
    assert answer["points"][0]["n"] == sum(reference["csat_distribution"].values())


def test_conversion_of_online_shoppers_by_month_and_kind_of_visitor(
    tenant: Tenant, shared_kpi: Path, expected: dict
) -> None:
    kpi(tenant, "conversion", "conversion", period="month")
    counts: Counter[tuple[str, str, bool]] = Counter(
        (row["Month"], row["VisitorType"], row["Revenue"] == "TRUE")
        for row in table(shared_kpi / "online-shoppers" / "online_shoppers_intention.csv")
    )
    months = {month[:3]: number for number, month in enumerate(calendar.month_abbr)}
    send(
        tenant,
        [
            {
                "kpi": "conversion",
                "numerator": counts[month, visitor, True],
                "denominator": counts[month, visitor, True] + counts[month, visitor, False],
                "period": f"2025-{months[month[:3]]:02}",
                "labels": {"visitor": visitor},
            }
            for month, visitor in sorted({(month, visitor) for month, visitor, _ in counts})
        ],
    )
    reference = expected["online_shoppers"]
    by_month = points(tenant, "conversion", 'labels={"visitor":"*"}')
    theirs = {
        f"2025-{months[month[:3]]:02}-01": row["conversion"] for month, row in reference["by_month"].items()
    }
    assert by_month.keys() == theirs.keys()
    assert all_same(by_month, theirs)
    for visitor, row in reference["by_visitor_type"].items():
        (ours,) = points(tenant, "conversion", f'bucket=year&labels={{"visitor":"{visitor}"}}').values()
        assert same(ours, row["conversion"])
    (whole,) = points(tenant, "conversion", 'bucket=year&labels={"visitor":"*"}').values()
    assert same(whole, reference["conversion"])
