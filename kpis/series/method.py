"""A method: how readings of a kind become one figure. Methods of one kind never mix (three "CES" exist)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Form = Literal["ratio", "complement", "balance", "mean", "quantile", "score", "sum", "last", "of_kpis"]
"""The arithmetic, n being the number of answers or observations:

ratio       numerator / denominator; of a distribution: the answers in the `top` highest steps / n
complement  (denominator - numerator) / denominator
balance     100 · (answers in the `top` highest steps - answers in the `bottom` lowest steps) / n
mean        Σ value · n / Σ n, or Σ step · count / n
quantile    the value below which the share `quantile` of single values lies
score       (mean - lowest step) / (highest step - lowest step)
sum         Σ value
last        the value with the latest instant
of_kpis     an expression over the figures of other Kpis, of the same period and labels; takes no readings
"""

INPUTS = ("value", "parts", "distribution", "answers", "flows")
DIRECTIONS = ("up", "down", "none", "range")
PERIODS = ("hour", "day", "week", "month", "quarter", "year")
DEDUPES = ("person", "session", "none")
"""Of whom a step is counted once: of each person, of each session, or every time."""

EVENT_VALUES = ("mean", "quantile", "sum", "last")
"""Forms of which an event may bring a value; of others it brings parts or an answer."""

_AGGREGATIONS = {
    "ratio": "both sides are summed, then divided",
    "complement": "both sides are summed, then divided",
    "balance": "answers are counted together, then balanced",
    "mean": "weighted by n",
    "quantile": "single values are counted together; a figure sent as such stays alone",
    "score": "answers are counted together, then rescaled",
    "sum": "summed",
    "last": "the latest; label sets are not summed",
    "of_kpis": "the inputs' parts are summed, then the expression is worked out",
}
_INTERVALS = {"ratio": "wilson", "complement": "wilson", "balance": "multinomial", "quantile": "order"}


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table in `kinds.py`.

    unit: canonical unit of the figure; "" where the KPI chooses it. inputs: the first is the default.
    scale: default lowest and highest answer; `fixed_scale`: no other is this method. top, bottom: how many
    steps at each end count. quantile: of that form, 0..1. counted: the parts are whole numbers of things, n
    is the denominator; credited: only the denominator is. sampled: the figure stands for more people than
    were asked, so it has an interval. felt: says how people feel: its bounds map to an emotion of -1..+1.
    questions: so many answers of one person make one value. windowed: says within what time, and of whom,
    a step counts. summable: parts of several readings may be added. lower, upper: bounds of the figure, where
    the scale does not give them. flows: what joins and leaves the stock that the figure is of, where it has
    one; the last of the three is told beside the other two.
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
    quantile: Decimal | None = None
    counted: bool = False
    credited: bool = False
    sampled: bool = False
    min_n: int = 0
    felt: bool = False
    questions: int = 0
    windowed: bool = False
    summable: bool = True
    period: str | None = None
    flows: tuple[str, ...] = ()

    @property
    def n_is_denominator(self) -> bool:
        """The denominator is a whole number of observations."""
        return self.counted or self.credited

    @property
    def holds(self) -> list[str]:
        """What series of this method may hold: of single values only what can be counted or added."""
        takes_events = {"parts", "answers"} & set(self.inputs) or self.form in EVENT_VALUES
        return ["figures", "events"] if takes_events else ["figures"]

    @property
    def aggregation(self) -> str:
        """How figures of several readings become one, in words."""
        return _AGGREGATIONS[self.form]

    @property
    def interval(self) -> str | None:
        """The method of `interval.interval` where the figure is one of a sample; None where it has none."""
        if self.form in ("sum", "last", "of_kpis"):
            return None
        if self.form in ("ratio", "complement") and not self.counted:
            return None
        return _INTERVALS.get(self.form, "t")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is measured: its name, methods (the first is the default), caveats that travel with figures.

    nature: experience (what people say or feel) | operational (what happened). solicited: people were asked,
    False where they spoke by themselves, None where nobody speaks. known_as: other names that the field uses.
    """

    key: str
    name: str
    methods: tuple[Method, ...]
    caveats: tuple[str, ...] = ()
    nature: str = "operational"
    solicited: bool | None = None
    known_as: tuple[str, ...] = ()
