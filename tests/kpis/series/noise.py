"""A year of a map without trouble: how much of it noise alone turns amber or red, and how often.

64 touchpoints with three surveys each: NPS (multinomial), CSAT (binomial, top two boxes) and a mean of 1 to 5
(t). Each has a base of its own, 40 to 400 answers a period, and a truth that never changes, `margin` inside
the warn line. Every answer is drawn, and each period is judged as it ends, by the very fold of the service.

    python -m tests.kpis.series.noise      the table of docs/decisions/0030
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from kpis.series.definition import Definition, defaults
from kpis.series.point import Point, make_point
from kpis.series.status import judge
from kpis.series.sums import of_counts
from kpis.series.thresholds import Rules, RulesSpan
from kpis.series.thresholds_input import parse_rules

TOUCHPOINTS = 64
NAIVE = {"judge_by": "point"}
ONE_INTERVAL = {"consecutive": 1, "recover_after": 1}
_START = datetime(2026, 1, 5, tzinfo=UTC)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Survey:
    """A kind, the true shares of answers per step (lowest first), their figure, and a step of the lines."""

    definition: Definition
    shares: tuple[float, ...]
    truth: float
    step: float


SURVEYS = (
    Survey(defaults("nps"), (0.03,) * 5 + (0.05, 0.05, 0.15, 0.2, 0.2, 0.2), 15.0, 15.0),
    Survey(defaults("csat"), (0.05, 0.05, 0.1, 0.4, 0.4), 0.8, 0.1),
    Survey(defaults("star_rating"), (0.05, 0.1, 0.15, 0.4, 0.3), 3.8, 0.3),
)


@dataclass(frozen=True)
class Year:
    """What became of the map. alarmed: KPIs that were ever warn or breach; red: ever breach.

    seen: how many are off green when one looks, on average. turns: changes of status, all KPIs together.
    """

    kpis: int
    alarmed: int
    red: int
    seen: float
    turns: int


def year(rules: Mapping[str, Any], *, margin: float, periods: int = 52, seed: int = 1) -> Year:
    """Return a year by these rules. margin: how far the truth lies inside the warn line, in its step."""
    chance = random.Random(seed)
    alarmed = red = off = turns = kpis = 0
    for _ in range(TOUCHPOINTS):
        for survey in SURVEYS:
            kpis += 1
            statuses = list(_statuses(survey, rules, margin, periods, chance))
            bad = [status for status in statuses if status != "ok"]
            alarmed += bool(bad)
            red += "breach" in bad
            off += len(bad)
            turns += sum(one != other for one, other in zip(["ok", *statuses], statuses, strict=False))
    return Year(kpis, alarmed, red, off / periods, turns)


def _statuses(
    survey: Survey, rules: Mapping[str, Any], margin: float, periods: int, chance: random.Random
) -> Iterator[str]:
    warn = survey.truth - margin * survey.step
    read = parse_rules({"warn": warn, "breach": warn - survey.step, **rules}, survey.definition)
    assert isinstance(read, Rules), read
    history = [RulesSpan(read, _START)]
    base = round(40 * 10 ** chance.random())
    points: list[Point] = []
    for week in range(periods):
        points.append(_point(survey, base, _START + week * _WEEK, chance))
        yield judge(points, history, survey.definition).status


def _point(survey: Survey, base: int, start: datetime, chance: random.Random) -> Point:
    n = max(30, round(base * chance.uniform(0.8, 1.2)))
    counts = [0] * len(survey.shares)
    for step in chance.choices(range(len(counts)), cum_weights=list(accumulate(survey.shares)), k=n):
        counts[step] += 1
    sums = of_counts(survey.definition, tuple(counts))
    return make_point(survey.definition, sums, start=start, end=start + _WEEK)


def main() -> None:
    """Print the table."""
    ways: Mapping[str, Mapping[str, Any]] = {
        "by the figure": NAIVE,
        "by the 95 % interval, once": ONE_INTERVAL,
        "by the interval, twice": {"consecutive": 2, "recover_after": 2},
        "default": {},
    }
    for margin in (0.5, 0.2, 0.0, -0.3, -0.7):
        for name, rules in ways.items():
            for periods in (52, 12):
                print(margin, name, periods, year(rules, margin=margin, periods=periods))  # noqa: T201


if __name__ == "__main__":
    main()
