"""How far a figure may lie from the truth: intervals of samples. A full count is a `census`.

An interval is told at 95 %. At 99.9 % (`SURE`) a single point is proof enough for a status to turn.

wilson       shares of a sample (Wilson 1927)
multinomial  balances: the mean of +100, 0 and -100 per answer, 1.96 · √((p + d - (p - d)²) / n) · 100 for NPS
t            means of answers on a scale, or of single values, from their counts: Student's t, n - 1 degrees
             of freedom
order        percentiles of single values, by the values at the ranks n · q ± 1.96 · √(n · q · (1 - q))

Where all answers are the same their spread says nothing, so the interval is that of "at least this share of
people answer so (Wilson), the others anything". Ends are rounded to six digits after the point and stay
inside the figure's bounds. Floats are used inside: they carry fifteen digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.exact import plain
from kpis.series.method import Method
from kpis.series.sums import Sums
from kpis.series.tally import Tally, at_rank


@dataclass(frozen=True, slots=True)
class Level:
    """How sure an interval is. z: two-sided quantile of the normal distribution.

    t: those of Student's for 1 to 20 degrees of freedom; beyond, Cornish and Fisher's expansion in 1/df
    (Abramowitz and Stegun 26.7.5) is right to seven digits at 95 % and to four at 99.9 %.
    """

    z: float
    t: tuple[float, ...]

    def student(self, df: int) -> float:
        """With no degree of freedom (one answer) the spread is nil and it is not used."""
        if df <= len(self.t):
            return self.t[max(df, 1) - 1]
        z = self.z
        return (
            z
            + (z**3 + z) / 4 / df
            + (5 * z**5 + 16 * z**3 + 3 * z) / 96 / df**2
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / df**3
            + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160 / df**4
        )


TOLD = Level(
    1.959963984540054,
    (
        12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581836, 2.446911851, 2.364624252,
        2.306004135, 2.262157163, 2.228138852, 2.200985160, 2.178812830, 2.160368656, 2.144786688,
        2.131449546, 2.119905299, 2.109815578, 2.100922040, 2.093024054, 2.085963447,
    ),
)  # fmt: skip
SURE = Level(
    3.290526731491926,
    (
        636.619248769, 31.599054576, 12.923978637, 8.610301581, 6.868826626, 5.958816179, 5.407882521,
        5.041305433, 4.780912586, 4.586893859, 4.436979338, 4.317791284, 4.220831728, 4.140454113,
        4.072765196, 4.014996327, 3.965126272, 3.921645825, 3.883405853, 3.849516275,
    ),
)  # fmt: skip


class Interval(msgspec.Struct, frozen=True, gc=False):
    """The interval [low, high] of a figure in its unit, and its method; a census has no ends."""

    low: Decimal | None
    high: Decimal | None
    method: str


CENSUS = Interval(None, None, "census")


def interval(definition: Definition, sums: Sums, level: Level = TOLD) -> Interval | None:
    """Return the interval of the figure that `value` gives for the same sums.

    CENSUS for a full count. None for a sample whose spread nobody told (a mean without its distribution,
    a share without its n).
    """
    if not definition.sampled:
        return CENSUS
    row = definition.row
    if row.form in ("ratio", "complement"):
        return _of_share(row, sums, level.z)
    if row.form == "of_kpis":
        return None
    if sums.tally is not None and sums.tally.n == sums.n:
        return _of_values(definition, sums.tally, level)
    if sums.counts is None or not sums.n:
        return None
    if row.form == "balance":
        scores = [100.0 if step >= len(sums.counts) - row.top else 0.0 for step in range(len(sums.counts))]
        scores[: row.bottom] = [-100.0] * row.bottom
        return _of_mean(scores, sums.counts, sums.n, level, "multinomial")
    steps = [float(step) for step in definition.steps]
    if row.form == "score":
        steps = [(step - steps[0]) / (steps[-1] - steps[0]) for step in steps]
    return _of_mean(steps, sums.counts, sums.n, level, "t")


def _of_share(row: Method, sums: Sums, z: float) -> Interval | None:
    if not row.counted:  # amounts over amounts are no share of observations
        return None
    if sums.numerator is not None and sums.denominator is not None:
        if sums.denominator <= 0:
            return None
        n, share = float(sums.denominator), float(sums.numerator) / float(sums.denominator)
        if row.form == "complement":
            share = 1.0 - share
    elif sums.bare is not None and sums.bare_n:
        n, share = float(sums.bare_n), float(sums.bare)
    else:
        return None
    if not 0.0 <= share <= 1.0:
        return None
    low, high = wilson(share, n, z)
    return Interval(_rounded(low), _rounded(high), "wilson")


def _of_values(definition: Definition, tally: Tally, level: Level) -> Interval | None:
    """The interval of a percentile of single values, or of their mean where its bounds are known."""
    n, share = tally.n, definition.row.quantile
    if share is not None:
        middle, reach = n * float(share), level.z * math.sqrt(n * float(share) * (1 - float(share)))
        low, high = max(0, math.floor(middle - reach)), min(n - 1, math.ceil(middle + reach))
        return Interval(at_rank(tally, low), at_rank(tally, high), "order")
    if definition.lower is None or definition.upper is None:
        return None
    bounds = (float(definition.lower), float(definition.upper))
    values, counts = [float(value) for value, _ in tally.pairs], [count for _, count in tally.pairs]
    return _of_mean(values, counts, n, level, "t", bounds)


def wilson(share: float, n: float, z: float = TOLD.z) -> tuple[float, float]:
    """Return the ends of Wilson's score interval of a share seen in n > 0 answers."""
    z2n = z * z / n
    middle = share + z2n / 2
    reach = z * math.sqrt(max(0.0, share * (1 - share) / n + z2n / (4 * n)))
    return max(0.0, (middle - reach) / (1 + z2n)), min(1.0, (middle + reach) / (1 + z2n))


def _of_mean(
    scores: Sequence[float],
    counts: Sequence[int],
    n: int,
    level: Level,
    method: str,
    bounds: tuple[float, float] | None = None,
) -> Interval:
    """The interval of the mean of `scores`, each given `counts` times; `bounds`: the least and the most."""
    mean = sum(score * count for score, count in zip(scores, counts, strict=True)) / n
    square = sum(score * score * count for score, count in zip(scores, counts, strict=True)) / n
    least, most = bounds or (min(scores), max(scores))
    spread = square - mean * mean
    if spread <= 1e-12 * (most - least) ** 2:
        sure, _ = wilson(1.0, n, level.z)
        return Interval(
            _rounded(sure * mean + (1 - sure) * least), _rounded(sure * mean + (1 - sure) * most), method
        )
    quantile, freedom = (level.z, n) if method == "multinomial" else (level.student(n - 1), n - 1)
    reach = quantile * math.sqrt(spread / freedom)
    return Interval(_rounded(max(least, mean - reach)), _rounded(min(most, mean + reach)), method)


def _rounded(end: float) -> Decimal:
    return plain(Decimal(f"{end:.6f}"))
