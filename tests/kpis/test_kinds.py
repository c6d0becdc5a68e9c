"""The kinds of the field, line by line, as `/v1/kpi-kinds` serves them, each kind's first method first."""

from __future__ import annotations

from typing import Any

from tests.conftest import Tenant

FELT = "2 · (figure - low) / (high - low) - 1"
SHARE, POINTS, SECONDS, MONEY = ("fraction", 0, 1), ("points", -100, 100), ("seconds", 0, None), "currency"
# kind, method, (unit, lowest, highest figure), direction, emotion, in its formula
TABLE: list[tuple[str, str, tuple[str, Any, Any], str, str | None, str]] = [
    ("nps", "net", POINTS, "up", FELT, "100 · (answers 9 and 10 - answers 0 to 6) / n"),
    ("enps", "net", POINTS, "up", FELT, "answers 0 to 6"),
    ("csat", "top_2_box", SHARE, "up", FELT, "two highest steps / n"),
    ("csat", "mean", ("score", 1, 5), "up", FELT, "Σ answer / n"),
    ("ces", "mean", ("score", 1, 7), "up", FELT, "Σ answer / n"),
    ("ces", "positive_share", SHARE, "up", FELT, "answers 5 to 7 / n"),
    ("ces", "index", POINTS, "up", FELT, "answers 6 and 7 - answers 1 to 3"),
    ("ces", "effort_mean", ("score", 1, 5), "down", f"-({FELT})", "Σ answer / n"),
    ("churn", "lost_over_start", SHARE, "down", None, "lost in the period / customers at its start"),
    ("retention", "kept_over_start", SHARE, "up", None, "(end - new) / customers at the start"),
    ("revenue_churn", "lost_over_start", SHARE, "down", None, "(churned + contracted"),
    (
        "nrr",
        "net_over_start",
        ("fraction", 0, None),
        "up",
        None,
        "(start + expansion - contraction - churned",
    ),
    ("open_rate", "of_delivered", SHARE, "up", None, "opened at least once / delivered"),
    ("open_rate", "of_sent", SHARE, "up", None, "opened at least once / sent"),
    ("click_rate", "of_delivered", SHARE, "up", None, "messages clicked / delivered"),
    ("click_to_open", "of_opened", SHARE, "up", None, "messages clicked / messages opened"),
    ("unsubscribe", "of_delivered", SHARE, "down", None, "unsubscribed / delivered"),
    ("bounce", "of_sent", SHARE, "down", None, "bounced / sent"),
    ("complaint_rate", "of_delivered", SHARE, "down", None, "complained / delivered"),
    ("conversion", "converted_over_entered", SHARE, "up", None, "converted / entered"),
    ("drop_off", "one_minus_conversion", SHARE, "down", None, "(entered - went on) / entered"),
    ("abandonment", "one_minus_conversion", SHARE, "down", None, "(entered - went on) / entered"),
    *(
        (kind, method, SECONDS, "down", None, said)
        for kind in ("time_on_task", "time_in_stage", "resolution_time", "first_response_time")
        for method, said in (
            ("median", "half took no longer"),
            ("mean", "Σ seconds · n / Σ n"),
            ("p90", "90 %"),
        )
    ),
    ("task_success", "completed_over_attempted", SHARE, "up", None, "completed / attempted"),
    ("task_success", "credit_over_attempted", SHARE, "up", None, "0.5 with help"),
    ("fcr", "solved_first", SHARE, "up", None, "solved at first contact / all"),
    ("aht", "per_contact", SECONDS, "none", None, "(talk + hold + wrap-up seconds) / contacts"),
    ("sus", "mean", ("score", 0, 100), "up", FELT, "ten answers"),
    ("clv", "mean", (MONEY, None, None), "up", None, "/ Σ customers"),
    ("arpu", "per_customer", (MONEY, None, None), "up", None, "revenue / customers"),
    ("revenue", "sum", (MONEY, None, None), "up", None, "Σ"),
    ("cost_to_serve", "sum", (MONEY, None, None), "down", None, "Σ"),
    ("complaints", "sum", ("count", 0, None), "down", None, "Σ of the counts"),
    ("tickets", "sum", ("count", 0, None), "down", None, "Σ of the counts"),
    ("visitors", "sum", ("count", 0, None), "none", None, "Σ of the counts"),
    ("count", "sum", ("count", 0, None), "none", None, "Σ of the counts"),
    ("star_rating", "mean", ("score", 1, 5), "up", FELT, "Σ answer / n"),
    ("sentiment", "mean", ("score", -1, 1), "up", FELT, "Σ value · n / Σ n"),
    *(("custom", one, ("", None, None), "none", None, "") for one in ("last", "mean", "sum", "ratio")),
]
SAMPLED = {"nps", "enps", "csat", "ces", "score", "sus", "star_rating", "sentiment"}
UNSOLICITED = {"star_rating", "sentiment"}
PRIVATE = {"open_rate", "click_to_open"}


def test_each_line_of_the_table_is_served_as_the_field_has_it(tenant: Tenant) -> None:
    served = {one["kind"]: one for one in tenant.client.call("GET", "/v1/kpi-kinds").json()["results"]}
    first: dict[str, str] = {}
    for kind, method, (unit, low, high), direction, emotion, said in TABLE:
        [row] = [one for one in served[kind]["methods"] if one["method"] == method]
        found = (row["unit"], row["lower"], row["upper"], row["direction"])
        assert found == (unit, low, high, direction), (kind, method)
        assert (row["emotion"] or {}).get("formula") == emotion, (kind, method)
        assert said in row["formula"], (kind, method)
        assert row["source"], (kind, method)
        assert row["aggregation"], (kind, method)
        first.setdefault(kind, method)
    for kind, shown in served.items():
        sampled = kind in SAMPLED
        assert {(one["sampled"], one["min_n"]) for one in shown["methods"]} == {
            (sampled, 30 if sampled else 0)
        }
        assert shown["solicited"] is (kind not in UNSOLICITED if sampled else None)
        assert ("mail_privacy" in shown["caveats"]) == (kind in PRIVATE)
        assert kind not in first or shown["methods"][0]["method"] == first[kind]


def test_what_is_summed_is_never_a_share_of_shares(tenant: Tenant) -> None:
    """Parts may be added of all but the latest value; of no method is the mean of rates its aggregation."""
    for kind in tenant.client.call("GET", "/v1/kpi-kinds").json()["results"]:
        for row in kind["methods"]:
            assert row["summable"] == (row["aggregation"] != "the latest; label sets are not summed")
            if row["unit"] == "fraction" and "parts" in row["inputs"]:
                assert row["aggregation"] == "both sides are summed, then divided"
