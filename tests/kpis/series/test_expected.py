"""Figures of real data, equal to the last digit of those that another program computed."""

import csv
import json
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

import pytest

from kpis.series.definition import defaults
from kpis.series.period import period_of
from kpis.series.reading import Reading
from kpis.series.sums import combine, of_counts, of_reading
from kpis.series.value import value
from tests.kpis.series.make import NOON, figure, figure_of_counts, parts

WEEKLY = "_start_at"


def same(ours: Decimal | None, theirs: str | int | None) -> bool:
    """Equal in every digit that the other side gives: it rounded to ten after the point, we to twelve."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - Decimal(theirs)) <= Decimal("5E-11")


def govuk(shared_kpi, name):
    text = (shared_kpi / "govuk-carers-allowance" / name).read_text()
    return json.loads(text, parse_float=Decimal)["data"]


def rows(shared_kpi, name):
    with (shared_kpi / name).open(newline="") as file:
        return list(csv.DictReader(file))


def tally(table, by, hit):
    """{group: (rows, rows that hit)}"""
    sizes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in table:
        for group in ("", by(row)):
            sizes[group][0] += 1
            sizes[group][1] += hit(row)
    return sizes


def test_conversion_between_steps_of_the_carers_allowance_claim(shared_kpi, expected):
    weeks = {
        step["eventLabel"]: {week[WEEKLY][:10]: week["uniqueEvents:sum"] for week in step["values"]}
        for step in govuk(shared_kpi, "carers_allowance_journey.json")
    }
    conversion = defaults("conversion")
    reference = expected["govuk_carers_allowance"]
    checked = 0
    for step, name in (("consent-and-declaration", "consent"), ("about-you", "about_you")):
        theirs = reference[f"weekly_conversion_eligibility_to_{name}"]
        for week, entered in weeks["eligibility"].items():
            ours = figure(conversion, parts(weeks[step][week], entered))
            assert same(ours, theirs.get(week)), (step, week)
            checked += ours is not None
    assert checked == len(reference["weekly_conversion_eligibility_to_consent"]) * 2


def test_visitors_of_each_step_add_up_with_nulls_left_out(shared_kpi, expected):
    visitors = defaults("visitors")
    for step in govuk(shared_kpi, "carers_allowance_journey.json"):
        reference = expected["govuk_carers_allowance"]["stages"][step["eventLabel"]]
        weekly = [
            of_reading(visitors, Reading(end=NOON, value=week["uniqueEvents:sum"])) for week in step["values"]
        ]
        assert value(visitors, combine(weekly)) == Decimal(reference["total"])
        assert sum(value(visitors, week) is not None for week in weekly) == reference["weeks_with_value"]


def satisfaction(shared_kpi):
    for day in govuk(shared_kpi, "carers-allowance-user-satisfaction.json"):
        counts = [day[f"rating_{step}:sum"] for step in range(1, 6)]
        yield (
            day[WEEKLY][:10],
            day[WEEKLY],
            None if None in counts else tuple(int(count) for count in counts),
        )


def test_satisfaction_of_each_day(shared_kpi, expected):
    reference = expected["govuk_carers_allowance"]["daily_satisfaction"]
    score = defaults("score")
    days = list(satisfaction(shared_kpi))
    assert len(days) == len(reference) == 95
    for day, _, counts in days:
        ours = None if counts is None else figure_of_counts(score, counts)
        assert same(ours, reference[day]["score"]), day


def test_satisfaction_of_each_month_is_re_summed_from_its_days(shared_kpi, expected):
    reference = expected["govuk_carers_allowance"]["monthly_satisfaction_from_counts"]
    months = defaultdict(list)
    for _, start, counts in satisfaction(shared_kpi):
        if counts is not None:
            label = period_of(datetime.fromisoformat(start), "month", "UTC").label
            months[label].append(counts)
    assert months.keys() == reference.keys()
    for month, days in months.items():
        for definition, name in (
            (defaults("score"), "score"),
            (defaults("csat"), "top2box_share"),
        ):
            sums = combine(of_counts(definition, counts) for counts in days)
            assert same(value(definition, sums), reference[month][name]), (month, name)
            assert sums.n == Decimal(reference[month]["n"])


def test_digital_share_of_claims_per_week(shared_kpi, expected):
    channels = {
        channel["key"]: {week[WEEKLY][:10]: week["value:sum"] for week in channel["values"]}
        for channel in govuk(shared_kpi, "carers_allowance_weekly_by_channel_start_7.json")
    }
    digital, paper = channels["ca_e_claims_received"], channels["ca_clerical_received"]
    share = defaults("share")
    for week, theirs in expected["govuk_carers_allowance"]["weekly_digital_share"].items():
        both = digital[week], paper[week]
        whole = None if None in both else sum(both)
        assert same(figure(share, parts(digital[week], whole)), theirs), week


def test_time_on_page_is_weighted_by_its_visitors(shared_kpi, expected):
    reference = expected["govuk_carers_allowance"]
    pages = govuk(shared_kpi, "carers-allowance-time-spent-on-each-page.json")
    spent = defaults("time_on_page")
    readings = []
    for page in pages:
        seconds = round(Decimal(page["avgTimeOnPage"]), 15)
        readings.append(Reading(end=NOON, value=seconds, n=int(page["users"])))
        theirs = reference["dwell_seconds_per_page_week_2014-05-26"][page["pagePathLevel1"]]
        assert same(figure(spent, readings[-1]), theirs["avg_seconds"])
    assert len(readings) == len(reference["dwell_seconds_per_page_week_2014-05-26"])
    assert same(figure(spent, *readings), reference["dwell_user_weighted_mean_seconds"])


@pytest.mark.parametrize(
    ("group", "by"),
    [
        ("by_contract", lambda row: row["Contract"]),
        ("by_tenure_band", lambda row: band(int(row["tenure"]))),
    ],
)
def test_churn_of_a_telephone_company(shared_kpi, expected, group, by):
    sizes = tally(rows(shared_kpi, "telco/Telco-Customer-Churn.csv"), by, lambda row: row["Churn"] == "Yes")
    churn = defaults("churn")
    n, lost = sizes.pop("")
    assert same(figure(churn, parts(lost, n)), expected["telco"]["churn_rate"])
    assert sizes.keys() == expected["telco"][group].keys()
    for name, (n, lost) in sizes.items():
        assert same(figure(churn, parts(lost, n)), expected["telco"][group][name]["rate"])


def band(tenure: int) -> str:
    return next(
        name
        for top, name in ((0, "0"), (12, "1-12"), (24, "13-24"), (48, "25-48"), (72, "49-72"))
        if tenure <= top
    )


def test_satisfaction_and_churn_of_a_subscription_service(shared_kpi, expected):
    reference = expected["saas_churn"]
    table = rows(shared_kpi, "saas-churn/churn.csv")
    counts = [0] * 11
    for row in table:
        counts[int(row["csat_score"])] += 1
    assert figure_of_counts(defaults("csat", "mean", (0, 10)), counts) == Decimal(reference["csat_mean"])
    assert figure_of_counts(defaults("nps"), counts) == Decimal(reference["nps_style"]["score"])
    lost = sum(row["churned"] == "1.0" for row in table)
    assert figure(defaults("churn"), parts(lost, len(table))) == Decimal(reference["churn_rate"])


@pytest.mark.parametrize(("group", "column"), [("by_month", "Month"), ("by_visitor_type", "VisitorType")])
def test_conversion_of_online_shoppers(shared_kpi, expected, group, column):
    reference = expected["online_shoppers"]
    table = rows(shared_kpi, "online-shoppers/online_shoppers_intention.csv")
    sizes = tally(table, lambda row: row[column], lambda row: row["Revenue"] == "TRUE")
    conversion = defaults("conversion")
    n, bought = sizes.pop("")
    assert same(figure(conversion, parts(bought, n)), reference["conversion"])
    assert sizes.keys() == reference[group].keys()
    for name, (n, bought) in sizes.items():
        assert same(figure(conversion, parts(bought, n)), reference[group][name]["conversion"]), name
    again = [of_reading(conversion, parts(bought, n)) for n, bought in sizes.values()]
    assert same(value(conversion, combine(again)), reference["conversion"])
