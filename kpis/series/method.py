"""A method: how readings of a kind become one figure. Methods of one kind never mix (three "CES" exist)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Form = Literal["ratio", "complement", "balance", "mean", "score", "sum", "last", "of_kpis"]
"""The arithmetic, n being the number of answers or observations:

ratio       numerator / denominator; of a distribution: the answers in the `top` highest steps / n
complement  (denominator - numerator) / denominator
balance     100 · (answers in the `top` highest steps - answers in the `bottom` lowest steps) / n
mean        Σ value · n / Σ n, or Σ step · count / n
score       (mean - lowest step) / (highest step - lowest step)
sum         Σ value
last        the value with the latest instant
of_kpis     the figure of one Kpi / the figure of another, of the same period and labels; takes no readings
"""

INPUTS = ("value", "parts", "distribution", "answers", "flows")
DIRECTIONS = ("up", "down", "none", "range")
PERIODS = ("hour", "day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table in `kinds.py`.

    unit: canonical unit of the figure; "" where the KPI chooses it. inputs: the first is the default.
    scale: default lowest and highest answer; `fixed_scale`: no other is this method. top, bottom: how many
    steps at each end count. counted: the parts are whole numbers of things, n is the denominator. sampled:
    the figure stands for more people than were asked, so it has an interval. felt: says how people feel: its
    bounds map to an emotion of -1..+1. summable: parts of several readings may be added. lower,
    upper: bounds of the figure, where the scale does not give them. flows: what joins and leaves the stock
    that the figure is of, where it has one; the last of the three is told beside the other two.
    """

    key: str
    form: Form
    formula: str
    unit: str
    inputs: tuple[str, ...]
    source: str
    direction: str = "up"
    lower: Decimal | None = None
    upper: Decimal | None = None
    scale: tuple[int, int] | None = None
    fixed_scale: bool = False
    top: int = 0
    bottom: int = 0
    counted: bool = False
    sampled: bool = False
    min_n: int = 0
    felt: bool = False
    summable: bool = True
    period: str | None = None
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """What is measured: its name, methods (the first is the default), caveats that travel with figures."""

    key: str
    name: str
    methods: tuple[Method, ...]
    caveats: tuple[str, ...] = ()
