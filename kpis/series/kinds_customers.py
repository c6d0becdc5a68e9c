"""Kinds of what customers are worth and how many stay."""

from __future__ import annotations

from dataclasses import replace

from kpis.series.kinds_rows import D0, D1, PARTS, money, rate
from kpis.series.method import Kind, Method

_STOCK = ("parts", "value", "flows")
_OF_PEOPLE = ("joined", "lost", "lost_new")
_OF_MONEY = ("joined", "lost", "grown")

_money_over_start = Method(
    "lost_over_start",
    "ratio",
    "(churned + contracted recurring revenue) / recurring revenue at the start",
    "fraction",
    _STOCK,
    "subscription accounting",
    "down",
    D0,
    D1,
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
_per_customer = Method(
    "per_customer",
    "ratio",
    "revenue / customers",
    "currency",
    PARTS,
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

CUSTOMERS = (
    Kind(
        "churn",
        "Customer churn",
        (
            replace(
                rate(
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
        known_as=("attrition", "logo churn"),
    ),
    Kind(
        "retention",
        "Customer retention",
        (
            replace(
                rate(
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
    Kind("revenue_churn", "Revenue churn", (_money_over_start,), known_as=("MRR churn",)),
    Kind("nrr", "Net revenue retention", (_net_revenue,), known_as=("net dollar retention",)),
    Kind("revenue", "Revenue", (money("sum", "Σ of the amounts in the period", "accounting"),)),
    Kind(
        "cost_to_serve",
        "Cost to serve",
        (money("sum", "Σ of the costs in the period", "accounting", "down"),),
    ),
    Kind("arpu", "Average revenue per customer", (_per_customer,), known_as=("ARPA",)),
    Kind("clv", "Customer lifetime value", (_customer_value,), known_as=("LTV", "CLTV")),
)
