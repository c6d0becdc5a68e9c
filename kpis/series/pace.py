"""How often figures of instants come, where they come regularly: so that one can tell when one is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median

_GAPS = 10
_LEAST = 5


def pace(instants: Sequence[datetime]) -> int | None:
    """Return the usual seconds between the last figures, None where there is no such thing.

    instants: ascending. Of the last ten gaps (at least five) the median counts, if four in five lie between
    half and twice of it: one outage does not make a feed irregular, readings by hand promise nothing.
    """
    last = instants[-(_GAPS + 1) :]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(last)]
    if len(gaps) < _LEAST:
        return None
    usual = median(gaps)
    if usual < 1:
        return None
    regular = sum(usual / 2 <= gap <= usual * 2 for gap in gaps)
    return round(usual) if regular * 5 >= len(gaps) * 4 else None
