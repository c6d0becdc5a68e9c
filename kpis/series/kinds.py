"""The kinds of KPI that the field uses: the one table of methods, formulae, units, bounds and directions.

Units are canonical: shares are fractions 0..1 (a reading may be sent as percent), durations are seconds,
balances are points -100..100, money is `currency` with an ISO 4217 code beside it. Where a formula comes from
stands in its row's `source`. The families have a module each: asked, customers, mail, steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from kpis.series.kinds_asked import ASKED
from kpis.series.kinds_customers import CUSTOMERS
from kpis.series.kinds_mail import MAIL
from kpis.series.kinds_rows import D0, PARTS, count
from kpis.series.kinds_steps import STEPS
from kpis.series.method import Kind, Method

_gauge = Method("last", "last", "the latest value", "", ("value",), "plain", "none", summable=False)
_of_kpis = Method(
    "of_kpis",
    "of_kpis",
    "figure of one Kpi / figure of another, of the same period and labels",
    "fraction",
    (),
    "plain",
    lower=D0,
    period="week",
)
_expression = Method(
    "expression",
    "of_kpis",
    "an expression over other Kpis' figures of the same period and labels, each summed before",
    "",
    (),
    "plain",
    "none",
    period="week",
)

_COUNTS = (
    Kind("count", "Count", (count("plain"),), known_as=("mentions", "visits", "requests")),
    Kind("visitors", "Visitors", (count("web analytics"),), caveats=("unique_per_period",)),
    Kind("complaints", "Complaints", (count("complaint register: volume is not quality", "down"),)),
    Kind("tickets", "Support tickets", (count("service desks: volume is not quality", "down"),)),
)
_OTHERS = (
    Kind("gauge", "Gauge", (_gauge,)),
    Kind("ratio", "Ratio of two KPIs", (_of_kpis,)),
    Kind("derived", "Made of KPIs", (_expression,)),
    Kind(
        "custom",
        "Custom",
        (
            replace(_gauge, key="last"),
            Method("mean", "mean", "Σ value · n / Σ n", "", ("value",), "plain", "none"),
            Method("sum", "sum", "Σ value", "", ("value",), "plain", "none", period="week"),
            Method("ratio", "ratio", "numerator / denominator", "", PARTS, "plain", "none", period="week"),
        ),
        known_as=("INS", "health score", "referral rate"),
    ),
)
_TABLE = (*ASKED, *CUSTOMERS, *MAIL, *STEPS, *_COUNTS, *_OTHERS)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.key: kind for kind in _TABLE})
METHODS: Mapping[tuple[str, str], Method] = MappingProxyType(
    {(kind.key, method.key): method for kind in _TABLE for method in kind.methods}
)

CAVEATS: Mapping[str, str] = MappingProxyType(
    {
        "mail_privacy": "Inflated: Apple Mail opens messages by itself since September 2021.",
        "unique_per_period": "Unique within each period only.",
        "suspect": "A reading beyond what is plausible is left out until somebody confirms it.",
        "settling": "A period has ended and its late figures are still coming in; it is not judged yet.",
        "restated": "The figure had settled and was told otherwise since; `restated` says what it was.",
        "nonresponse": "A survey tells of those who answered; `response` says how many were asked.",
        "window_untold": "Nobody said within what time a step must follow, or of whom it counts once.",
    }
)


def method_of(kind: str, method: str) -> Method:
    """Return the row of the table. Raises KeyError where no such kind or method exists."""
    return METHODS[kind, method]
