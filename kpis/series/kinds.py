"""The kinds of KPI that the field uses: the one table of methods, formulae, units, bounds and directions.

Units are canonical: shares are fractions 0..1 (a reading may be sent as percent), durations are seconds,
balances are points -100..100, money is `currency` with an ISO 4217 code beside it. Where a formula comes from
stands in its row's `source`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from kpis.series.method import Kind, Method
from kpis.series.survey_methods import (
    CES_EFFORT,
    CES_INDEX,
    CES_MEAN,
    CES_POSITIVE,
    NET,
    RESCALED_MEAN,
    SCALE_MEAN,
    TOP_2_BOX,
    survey,
)

_D0, _D1, _D100 = Decimal(0), Decimal(1), Decimal(100)
_PARTS = ("parts", "value")
_STOCK = ("parts", "value", "flows")
_OF_PEOPLE = ("joined", "lost", "lost_new")
_OF_MONEY = ("joined", "lost", "grown")


def _rate(key: str, numerator: str, denominator: str, source: str, direction: str = "up") -> Method:
    """A full count: both sides are whole numbers of things, the numerator is among the denominator."""
    return Method(
        key,
        "ratio",
        f"{numerator} / {denominator}",
        "fraction",
        _PARTS,
        source,
        direction,
        _D0,
        _D1,
        counted=True,
        period="month",
    )


def _mean_duration(source: str, direction: str = "down") -> Method:
    formula = "Σ seconds · n / Σ n"
    return Method("mean", "mean", formula, "seconds", ("value",), source, direction, _D0, period="week")


def _count(source: str, direction: str = "none") -> Method:
    formula = "Σ of the counts in the period"
    return Method(
        "sum", "sum", formula, "count", ("value",), source, direction, _D0, counted=True, period="week"
    )


def _money(key: str, formula: str, source: str, direction: str = "up") -> Method:
    return Method(key, "sum", formula, "currency", ("value",), source, direction, period="month")


_went_on = Method(
    "one_minus_conversion",
    "complement",
    "(entered - went on) / entered",
    "fraction",
    _PARTS,
    "1 - step conversion",
    "down",
    _D0,
    _D1,
    counted=True,
    period="week",
)
_lost_of_entered = replace(
    _rate("lost_over_entered", "left", "entered", "step analytics", "down"), period="week"
)
_money_over_start = Method(
    "lost_over_start",
    "ratio",
    "(churned + contracted recurring revenue) / recurring revenue at the start",
    "fraction",
    _STOCK,
    "subscription accounting",
    "down",
    _D0,
    _D1,
    period="month",
    flows=_OF_MONEY,
)
_net_revenue = replace(
    _money_over_start,
    key="net_over_start",
    formula="(start + expansion - contraction - churned recurring revenue) / recurring revenue at the start",
    direction="up",
    upper=None,  # above 1 when expansion outweighs loss; capping it would hide the point of it
)
_of_delivered = "of_delivered"
_per_customer = Method(
    "per_customer",
    "ratio",
    "revenue / customers",
    "currency",
    _PARTS,
    "subscription accounting",
    period="month",
)
_customer_value = Method(
    "mean",
    "mean",
    "Σ value · customers / Σ customers",
    "currency",
    ("value",),
    "own model of value",
    period="month",
)
_gauge = Method("last", "last", "the latest value", "", ("value",), "plain", "none", summable=False)
_of_kpis = Method(
    "of_kpis",
    "of_kpis",
    "figure of one Kpi / figure of another, of the same period and labels",
    "fraction",
    (),
    "plain",
    lower=_D0,
    period="week",
)

_TABLE = (
    Kind("nps", "Net promoter score", (NET,)),
    Kind("enps", "Employee net promoter score", (NET,)),
    Kind("csat", "Customer satisfaction", (TOP_2_BOX, SCALE_MEAN)),
    Kind("ces", "Customer effort score", (CES_MEAN, CES_POSITIVE, CES_INDEX, CES_EFFORT)),
    Kind("score", "Satisfaction score", (RESCALED_MEAN,)),
    Kind(
        "churn",
        "Customer churn",
        (
            replace(
                _rate(
                    "lost_over_start",
                    "lost in the period",
                    "customers at its start",
                    "new customers never count",
                    "down",
                ),
                inputs=_STOCK,
                flows=_OF_PEOPLE,
            ),
        ),
    ),
    Kind(
        "retention",
        "Customer retention",
        (
            replace(
                _rate(
                    "kept_over_start",
                    "(end - new)",
                    "customers at the start",
                    "1 - churn, on the same base only",
                ),
                inputs=_STOCK,
                flows=_OF_PEOPLE,
            ),
        ),
    ),
    Kind("revenue_churn", "Revenue churn", (_money_over_start,)),
    Kind("nrr", "Net revenue retention", (_net_revenue,)),
    Kind(
        "open_rate",
        "E-mail open rate",
        (
            _rate(_of_delivered, "messages opened at least once", "delivered", "Mailchimp, SendGrid"),
            _rate("of_sent", "messages opened at least once", "sent", "GetResponse"),
        ),
        caveats=("mail_privacy",),
    ),
    Kind(
        "click_rate",
        "E-mail click rate",
        (_rate(_of_delivered, "messages clicked", "delivered", "Mailchimp"),),
    ),
    Kind(
        "click_to_open",
        "Click-to-open rate",
        (_rate("of_opened", "messages clicked", "messages opened", "Mailchimp"),),
        caveats=("mail_privacy",),
    ),
    Kind(
        "unsubscribe",
        "Unsubscribe rate",
        (_rate(_of_delivered, "unsubscribed", "delivered", "Mailchimp", "down"),),
    ),
    Kind("bounce", "Bounce rate", (_rate("of_sent", "bounced", "sent", "Mailchimp", "down"),)),
    Kind(
        "complaint_rate",
        "Complaint rate",
        (_rate(_of_delivered, "complained", "delivered", "SendGrid", "down"),),
    ),
    Kind(
        "conversion",
        "Conversion",
        (replace(_rate("converted_over_entered", "converted", "entered", "step analytics"), period="week"),),
    ),
    Kind("drop_off", "Drop-off", (_went_on, _lost_of_entered)),
    Kind("abandonment", "Abandonment", (_went_on, _lost_of_entered)),
    Kind("share", "Share of a whole", (_rate("part_over_whole", "part", "whole", "plain"),)),
    Kind(
        "task_success",
        "Task success",
        (_rate("completed_over_attempted", "completed", "attempted", "usability testing"),),
    ),
    Kind(
        "fcr",
        "First-contact resolution",
        (_rate("solved_first", "solved at first contact", "all", "helpino.co"),),
    ),
    Kind("time_on_task", "Time on task", (_mean_duration("usability testing"),)),
    Kind("time_on_page", "Time on page", (_mean_duration("web analytics: weighted by visitors", "none"),)),
    Kind("time_in_stage", "Time in stage", (_mean_duration("pipeline analytics"),)),
    Kind("resolution_time", "Resolution time", (_mean_duration("service desks: closed cases only"),)),
    Kind("first_response_time", "First response time", (_mean_duration("service desks"),)),
    Kind(
        "aht", "Average handling time", (_mean_duration("ultimate.ai: shorter alone is not better", "none"),)
    ),
    Kind(
        "sus",
        "System usability scale",
        (
            survey(
                Method(
                    "mean", "mean", "Σ score / n", "score", ("value",), "Brooke 1996", lower=_D0, upper=_D100
                )
            ),
        ),
    ),
    Kind("count", "Count", (_count("plain"),)),
    Kind("visitors", "Visitors", (_count("web analytics"),), caveats=("unique_per_period",)),
    Kind("complaints", "Complaints", (_count("complaint register: volume is not quality", "down"),)),
    Kind("tickets", "Support tickets", (_count("service desks: volume is not quality", "down"),)),
    Kind("revenue", "Revenue", (_money("sum", "Σ of the amounts in the period", "accounting"),)),
    Kind(
        "cost_to_serve",
        "Cost to serve",
        (_money("sum", "Σ of the costs in the period", "accounting", "down"),),
    ),
    Kind("arpu", "Average revenue per customer", (_per_customer,)),
    Kind("clv", "Customer lifetime value", (_customer_value,)),
    Kind("gauge", "Gauge", (_gauge,)),
    Kind("star_rating", "Star rating", (replace(SCALE_MEAN, source="review sites, unsolicited"),)),
    Kind(
        "sentiment",
        "Sentiment",
        (
            survey(
                Method(
                    "mean",
                    "mean",
                    "Σ value · n / Σ n",
                    "score",
                    ("value",),
                    "text analysis",
                    lower=-_D1,
                    upper=_D1,
                )
            ),
        ),
    ),
    Kind("ratio", "Ratio of two KPIs", (_of_kpis,)),
    Kind(
        "custom",
        "Custom",
        (
            replace(_gauge, key="last"),
            Method("mean", "mean", "Σ value · n / Σ n", "", ("value",), "plain", "none"),
            Method("sum", "sum", "Σ value", "", ("value",), "plain", "none", period="week"),
            Method("ratio", "ratio", "numerator / denominator", "", _PARTS, "plain", "none", period="week"),
        ),
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.key: kind for kind in _TABLE})
METHODS: Mapping[tuple[str, str], Method] = MappingProxyType(
    {(kind.key, method.key): method for kind in _TABLE for method in kind.methods}
)

CAVEATS: Mapping[str, str] = MappingProxyType(
    {
        "mail_privacy": "Inflated: Apple Mail opens messages by itself since September 2021.",
        "unique_per_period": "Unique within each period only.",
        "settling": "A period has ended and its late figures are still coming in; it is not judged yet.",
    }
)


def method_of(kind: str, method: str) -> Method:
    """Return the row of the table. Raises KeyError where no such kind or method exists."""
    return METHODS[kind, method]
