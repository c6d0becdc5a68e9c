"""Rows that several families of kinds share: rates, durations, counts, money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kpis.series.method import Method

D0, D1, D100 = Decimal(0), Decimal(1), Decimal(100)
PARTS = ("parts", "value")


def rate(key: str, numerator: str, denominator: str, source: str, direction: str = "up") -> Method:
    """Return a full count: both sides are whole numbers of things, the numerator is among the denominator."""
    return Method(
        key,
        "ratio",
        f"{numerator} / {denominator}",
        "fraction",
        PARTS,
        source,
        direction,
        D0,
        D1,
        counted=True,
        period="month",
    )


def durations(source: str, direction: str = "down") -> tuple[Method, ...]:
    """Return the median, the mean and two percentiles of durations; the mean of figures is weighted by n.

    The median comes first: durations are skewed, and few that took very long move their mean.
    """
    mean = Method("mean", "mean", "Σ seconds · n / Σ n", "seconds", ("value",), source, direction, D0)
    return tuple(
        replace(method, period="week")
        for method in (
            _percentile(mean, "median", "middle of the single durations: half took no longer", "0.5"),
            mean,
            _percentile(mean, "p90", "duration that 90 % of the single ones do not exceed", "0.9"),
            _percentile(mean, "p95", "duration that 95 % of the single ones do not exceed", "0.95"),
        )
    )


def mean_first(methods: tuple[Method, ...]) -> tuple[Method, ...]:
    """Return the same methods, the mean as the default."""
    return tuple(sorted(methods, key=lambda method: method.form != "mean"))


def _percentile(mean: Method, key: str, formula: str, share: str) -> Method:
    return replace(mean, key=key, form="quantile", formula=formula, quantile=Decimal(share))


def count(source: str, direction: str = "none") -> Method:
    """Return the row of a count of things per period."""
    formula = "Σ of the counts in the period"
    return Method(
        "sum", "sum", formula, "count", ("value",), source, direction, D0, counted=True, period="week"
    )


def money(key: str, formula: str, source: str, direction: str = "up") -> Method:
    """Return the row of a sum of money, in the one currency that the KPI names."""
    return Method(key, "sum", formula, "currency", ("value",), source, direction, period="month")
