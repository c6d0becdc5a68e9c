"""Measuring side by side: contenders take turns in every round, so that a busy moment hits all of them.

The order is another one in each round: what one leaves to be flushed is not always paid by the same next one.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """A goal and what was measured. `must` bounds the ratio from below (`>= 25`) or above (`<= 0.6`)."""

    name: str
    ratio: float
    must: str
    detail: str

    @property
    def holds(self) -> bool:
        sign, bound = self.must.split()
        return self.ratio >= float(bound) if sign == ">=" else self.ratio <= float(bound)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": round(self.ratio, 4), "holds": self.holds}


def interleaved(contenders: Mapping[str, Work], *, rounds: int = 5, repeats: int = 20) -> dict[str, float]:
    """Return each contender's median milliseconds per call: medians of `repeats` calls, over `rounds`.

    One unmeasured round goes before, so that caches and plans are warm for all.
    """
    ready = {name: partial(_as_it_is, work) for name, work in contenders.items()}
    return interleaved_prepared(ready, rounds=rounds, repeats=repeats)


def interleaved_prepared(
    contenders: Mapping[str, Callable[[], Work]], *, rounds: int = 5, repeats: int = 20
) -> dict[str, float]:
    """Measure as `interleaved` does; each contender prepares a call, unmeasured, and returns it."""
    medians: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        order = list(contenders.items())
        random.Random(number).shuffle(order)
        for name, prepare in order:
            spent = []
            for _ in range(repeats):
                work = prepare()
                started = time.perf_counter()
                work()
                spent.append((time.perf_counter() - started) * 1000)
            if number:
                medians[name].append(statistics.median(spent))
    return {name: statistics.median(times) for name, times in medians.items()}


def _as_it_is(work: Work) -> Work:
    return work
