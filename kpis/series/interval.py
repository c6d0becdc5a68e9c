"""How far a figure may lie from the truth: 95 % intervals of samples. A full count is a `census`.

wilson       shares of a sample (Wilson 1927)
multinomial  balances: the mean of +100, 0 and -100 per answer, 1.96 · √((p + d - (p - d)²) / n) · 100 for NPS
t            means of answers on a scale, from their counts, Student's t with n - 1 degrees of freedom

Where all answers are the same their spread says nothing, so the interval is that of "at least this share of
people answer so (Wilson), the others anything". Ends are rounded to six digits after the point and stay
inside the figure's bounds. Floats are used inside: they carry fifteen digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpis.series.definition import Definition
from kpis.series.exact import plain
from kpis.series.method import Method
from kpis.series.sums import Sums

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
# 97.5 % quantiles of Student's t for 1 to 20 degrees of freedom; beyond, Cornish and Fisher's expansion
# in 1/df (Abramowitz and Stegun 26.7.5) is right to seven digits.
_T = (
    12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581836, 2.446911851, 2.364624252,
    2.306004135, 2.262157163, 2.228138852, 2.200985160, 2.178812830, 2.160368656, 2.144786688,
    2.131449546, 2.119905299, 2.109815578, 2.100922040, 2.093024054, 2.085963447,
)  # fmt: skip
_T_EXPANSION = (
    (_Z**3 + _Z) / 4,
    (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / 96,
    (3 * _Z**7 + 19 * _Z**5 + 17 * _Z**3 - 15 * _Z) / 384,
    (79 * _Z**9 + 776 * _Z**7 + 1482 * _Z**5 - 1920 * _Z**3 - 945 * _Z) / 92160,
)


@dataclass(frozen=True, slots=True)
class Interval:
    """The 95 % interval [low, high] of a figure in its unit, and its method; a census has no ends."""

    low: Decimal | None
    high: Decimal | None
    method: str


CENSUS = Interval(None, None, "census")


def interval(definition: Definition, sums: Sums) -> Interval | None:
    """Return the interval of the figure that `value` gives for the same sums.

    CENSUS for a full count. None for a sample whose spread nobody told (a mean without its distribution,
    a share without its n).
    """
    if not definition.sampled:
        return CENSUS
    row = definition.row
    if row.form in ("ratio", "complement"):
        return _of_share(row, sums)
    if sums.counts is None or not sums.n:
        return None
    if row.form == "balance":
        scores = [100.0 if step >= len(sums.counts) - row.top else 0.0 for step in range(len(sums.counts))]
        scores[: row.bottom] = [-100.0] * row.bottom
        return _of_mean(scores, sums.counts, sums.n, _Z, "multinomial")
    steps = [float(step) for step in definition.steps]
    if row.form == "score":
        steps = [(step - steps[0]) / (steps[-1] - steps[0]) for step in steps]
    return _of_mean(steps, sums.counts, sums.n, _student(sums.n - 1), "t")


def _of_share(row: Method, sums: Sums) -> Interval | None:
    if sums.numerator is not None and sums.denominator is not None:
        if not row.counted or sums.denominator <= 0:
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
    low, high = wilson(share, n)
    return Interval(_rounded(low), _rounded(high), "wilson")


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return the ends of Wilson's 95 % score interval of a share seen in n > 0 answers."""
    z2n = _Z * _Z / n
    middle = share + z2n / 2
    reach = _Z * math.sqrt(max(0.0, share * (1 - share) / n + z2n / (4 * n)))
    return max(0.0, (middle - reach) / (1 + z2n)), min(1.0, (middle + reach) / (1 + z2n))


def _of_mean(
    scores: Sequence[float], counts: Sequence[int], n: int, quantile: float, method: str
) -> Interval:
    """The interval of the mean of `scores`, each given `counts` times."""
    mean = sum(score * count for score, count in zip(scores, counts, strict=True)) / n
    square = sum(score * score * count for score, count in zip(scores, counts, strict=True)) / n
    least, most = min(scores), max(scores)
    spread = square - mean * mean
    if spread <= 1e-12 * (most - least) ** 2:
        sure, _ = wilson(1.0, n)
        return Interval(
            _rounded(sure * mean + (1 - sure) * least), _rounded(sure * mean + (1 - sure) * most), method
        )
    reach = quantile * math.sqrt(spread / (n if method == "multinomial" else n - 1))
    return Interval(_rounded(max(least, mean - reach)), _rounded(min(most, mean + reach)), method)


def _student(df: int) -> float:
    """The 97.5 % quantile. With no degree of freedom (one answer) the spread is nil and it is not used."""
    if df <= len(_T):
        return _T[max(df, 1) - 1]
    first, second, third, fourth = _T_EXPANSION
    return _Z + first / df + second / df**2 + third / df**3 + fourth / df**4


def _rounded(end: float) -> Decimal:
    return plain(Decimal(f"{end:.6f}"))
