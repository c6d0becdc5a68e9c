"""The figure of some sums: division comes last, and null is never 0."""

from __future__ import annotations

from decimal import Decimal

from kpis.series.definition import Definition
from kpis.series.exact import EXACT, ONE, quotient, rounded
from kpis.series.method import Method
from kpis.series.sums import Sums
from kpis.series.tally import quantile

_D100 = Decimal(100)


def value(definition: Definition, sums: Sums) -> Decimal | None:
    """Return the figure in the definition's unit, to 12 digits after the point, half to even.

    None when the denominator or n is 0, a side is missing, or several bare values met.
    """
    if sums.bares == 1 and sums.denominator is None and sums.n is None and sums.bare is not None:
        return rounded(sums.bare)
    row = definition.row
    if row.form == "of_kpis":  # worked out from figures of other KPIs (derived.py), not from sums of its own
        return None
    if row.form in ("ratio", "complement"):
        return _share(row, sums)
    if row.form == "balance":
        return _balance(row, sums)
    if row.form == "sum":
        return None if sums.total is None else rounded(sums.total)
    if row.form == "last":
        return None if sums.last is None else rounded(sums.last)
    if row.quantile is not None:
        return None if sums.tally is None else quantile(sums.tally, row.quantile)
    return _mean(definition, row, sums)


def _share(row: Method, sums: Sums) -> Decimal | None:
    if sums.numerator is None or sums.denominator is None:
        return None
    if row.form == "complement":
        return quotient(EXACT.subtract(sums.denominator, sums.numerator), sums.denominator)
    return quotient(sums.numerator, sums.denominator)


def _balance(row: Method, sums: Sums) -> Decimal | None:
    if sums.counts is None or not sums.n:
        return None
    net = sum(sums.counts[-row.top :]) - sum(sums.counts[: row.bottom])
    return quotient(EXACT.multiply(_D100, Decimal(net)), Decimal(sums.n))


def _mean(definition: Definition, row: Method, sums: Sums) -> Decimal | None:
    if sums.total is None or not sums.n:
        return None
    n = Decimal(sums.n)
    if row.form == "mean" or definition.scale_min is None or definition.scale_max is None:
        return quotient(sums.total, n)
    above = EXACT.subtract(sums.total, EXACT.multiply(Decimal(definition.scale_min), n))
    return quotient(above, EXACT.multiply(Decimal(definition.scale_max - definition.scale_min), n))


def why_null(definition: Definition, sums: Sums) -> str | None:
    """Return why these sums give no figure, as a code; None where they give one.

    division_by_zero: a denominator, or n, of 0. not_summable: figures without their parts met. no_figure:
    nobody said.
    """
    if value(definition, sums) is not None:
        return None
    if sums.denominator == 0 or sums.n == 0:
        return "division_by_zero"
    return "not_summable" if sums.bares > 1 else "no_figure"


def n_of(sums: Sums) -> int | None:
    """Return how many observations stand behind the figure; None where nobody said."""
    return sums.bare_n if sums.bares == 1 and sums.n is None else sums.n


def emotion(definition: Definition, figure: Decimal | None) -> Decimal | None:
    """Return how the figure feels, -1..+1: its bounds mapped straight, turned round where less is better.

    None for kinds that do not say how people feel.
    """
    lower, upper = definition.lower, definition.upper
    if figure is None or lower is None or upper is None or not definition.row.felt:
        return None
    share = quotient(EXACT.subtract(figure, lower), EXACT.subtract(upper, lower))
    if share is None:
        return None
    felt = EXACT.subtract(EXACT.add(share, share), ONE)
    return rounded(-felt if definition.direction == "down" else felt)
