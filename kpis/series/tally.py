"""Single values counted per value: what a median or a percentile needs, and what may be added.

A tally is exact while at most `MOST` values differ. Beyond that every value stands for its bin on a
logarithmic scale, each 2 % wide, so a percentile lies within 1 % of the true one (zero is exact). Which of
the two it is depends on the values alone, not on the order in which they met: days, sources and labels may
be merged in any order, and rollups say the same as single readings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

import msgspec

from kpis.series.exact import EXACT, ROUNDING, ZERO, plain, rounded

MOST = 1000
_WIDTH = 1.02
_LOG = math.log(_WIDTH)


class Tally(msgspec.Struct, frozen=True, gc=False):
    """pairs: (value, how often), lowest value first. rough: values stand for their bins."""

    pairs: tuple[tuple[Decimal, int], ...]
    rough: bool = False

    @property
    def n(self) -> int:
        """How many values were counted."""
        return sum(count for _, count in self.pairs)


_decoder = msgspec.json.Decoder(Tally)


def one(value: Decimal, count: int = 1) -> Tally:
    """Return the tally of one value, seen `count` times."""
    return Tally(((plain(value), count),))


def merged(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of all values together."""
    counts: dict[Decimal, int] = {}
    rough = False
    for tally in tallies:
        rough = rough or tally.rough
        for value, count in tally.pairs:
            counts[value] = counts.get(value, 0) + count
    if rough or len(counts) > MOST:
        binned: dict[Decimal, int] = {}
        for value, count in counts.items():
            middle = _middle(value)
            binned[middle] = binned.get(middle, 0) + count
        counts, rough = binned, True
    return Tally(tuple(sorted(counts.items())), rough)


@lru_cache(maxsize=8192)
def _middle(value: Decimal) -> Decimal:
    """The value that stands for all of the bin; it lies inside, so it stands for itself."""
    if not value:
        return ZERO
    lower = _WIDTH ** math.floor(math.log(abs(float(value))) / _LOG)
    return plain(Decimal(f"{math.copysign(2 * lower * _WIDTH / (1 + _WIDTH), value):.6g}"))


def quantile(tally: Tally, share: Decimal) -> Decimal | None:
    """Return the value below which `share` (0..1) of the values lie; None of none.

    Between two values it is interpolated, as spreadsheets' PERCENTILE.INC does: the median of an even number
    is the mean of the two in the middle.
    """
    n = tally.n
    if not n:
        return None
    place = EXACT.multiply(Decimal(n - 1), share)
    below = int(place)
    low, high = at_rank(tally, below), at_rank(tally, min(below + 1, n - 1))
    step = ROUNDING.multiply(EXACT.subtract(place, Decimal(below)), EXACT.subtract(high, low))
    return rounded(ROUNDING.add(low, step))


def at_rank(tally: Tally, rank: int) -> Decimal:
    """Return the value at a rank, 0 for the lowest. Raises IndexError beyond the last."""
    seen = 0
    for value, count in tally.pairs:
        seen += count
        if rank < seen:
            return value
    raise IndexError(rank)


def write_tally(tally: Tally | None) -> str | None:
    """Return the tally as text for its column."""
    return None if tally is None else msgspec.json.encode(tally).decode()


def read_tally(text: str) -> Tally:
    """Return the tally that `write_tally` wrote."""
    return _decoder.decode(text)
