"""What one revision of a KPI says: everything that arithmetic needs to know about it, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from kpis.series import stock_terms
from kpis.series.kinds import KINDS, METHODS, method_of
from kpis.series.method import Method
from kpis.series.plausibility import Plausibility
from kpis.series.total import Total

LATER = ("window_s", "dedupe", "expression", "plausibility", "combine", "feeds", "total", "invited_kpi")
"""Fields that definitions have not had from the beginning: one that was stored before lacks them."""

_NO_FIGURES = ("none", "answers", "flows")
"""Inputs of which no reading has a figure of its own."""


@dataclass(frozen=True)  # no slots: what follows from it is worked out once
class Definition:
    """A KpiRevision as a value; `defaults` makes one, `check_definition` says what is wrong with one.

    kind, method: a row of `kinds.KINDS`. unit: of the figure. currency: ISO 4217, with unit `currency` only.
    direction: up | down | none | range. input: what a reading brings (value | parts | distribution | answers
    | flows; none: made of other Kpis). holds: figures (one per period or instant) | events (with an
    external id). period: hour | day | week | month | quarter | year, or None where each reading is an
    instant of its own. zone: IANA name in which periods begin. scale_min, scale_max: lowest and highest
    answer, whole steps. lower, upper: bounds of the figure. sampled: judged by an interval, else a full
    count ("census"). min_n: observations below which the status is `insufficient`. settle_s: seconds after
    the end of a period until its late figures are in. stock_unit, trials, pauses, plan_switches, loss_at: of
    KPIs over a stock, who counts and what is a loss (`stock_terms`); None of others. window_s, dedupe: of
    steps, within how many seconds the later one must follow, and of whom it counts once (person | session |
    none); None where nobody said. expression: of other KPIs by their ids, for what is made of them.
    plausibility: what a reading must be within so as not to be suspect. combine: sum | prefer, where several
    feeds tell of one series; feeds: the preferred ones, best first. total: by which label totals that are
    sent and their parts are told apart. invited_kpi: of a survey, the id of the Kpi that counts those asked.
    """

    kind: str
    method: str
    unit: str
    direction: str
    input: str
    holds: str = "figures"
    period: str | None = None
    zone: str = "UTC"
    currency: str | None = None
    scale_min: int | None = None
    scale_max: int | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    sampled: bool = False
    min_n: int = 0
    settle_s: int = 0
    stock_unit: str | None = None
    trials: str | None = None
    pauses: str | None = None
    plan_switches: str | None = None
    loss_at: str | None = None
    window_s: int | None = None
    dedupe: str | None = None
    expression: str | None = None
    plausibility: Plausibility | None = None
    combine: str | None = None
    feeds: tuple[str, ...] = ()
    total: Total | None = None
    invited_kpi: str | None = None

    @cached_property
    def row(self) -> Method:
        """The method's row of the table. Raises KeyError where `check_definition` would complain."""
        return METHODS[self.kind, self.method]

    @cached_property
    def stocked(self) -> bool:
        """Whether its figures are worked out from a base and what joined and was lost since."""
        return self.input == "flows"

    @property
    def reading_band(self) -> Plausibility | None:
        """What each reading must be within, where one has a figure of its own; of single values bounds.

        Of figures those of the KPI's own periods: what shorter ones come to is held by `whole_band`.
        """
        band = self.plausibility
        if band is None or self.input in _NO_FIGURES:
            return None
        if self.holds != "events":
            return band
        if self.input == "parts" or self.row.form == "sum":
            return None
        return replace(band, jump=None, jump_share=None)

    @property
    def whole_band(self) -> Plausibility | None:
        """What the figure of a period must be within, where no reading has one of its own."""
        band = self.plausibility
        if band is None or self.period is None:
            return None
        if self.reading_band is None or self.parted:
            return band
        return replace(band, low=None, high=None) if band.jumps and self.holds == "events" else None

    @property
    def parted(self) -> bool:
        """Whether the figure of a period may come as those of shorter ones, which are none of it."""
        told = self.holds != "events" and self.input not in _NO_FIGURES
        return told and self.period not in (None, "hour") and self.row.form != "last"

    @cached_property
    def tallied(self) -> bool:
        """Single values are counted: for percentiles, and for the spread of a sample without a scale."""
        if self.holds != "events" or self.input != "value":
            return False
        return self.row.form == "quantile" or (self.row.form == "mean" and self.sampled)

    @property
    def caveats(self) -> tuple[str, ...]:
        """Codes of what is to be known of every figure."""
        untold = self.row.windowed and (self.window_s is None or self.dedupe is None)
        return (*KINDS[self.kind].caveats, *(("window_untold",) if untold else ()))

    @property
    def steps(self) -> range:
        """The answers that the scale allows, lowest first; empty without a scale."""
        if self.scale_min is None or self.scale_max is None:
            return range(0)
        return range(self.scale_min, self.scale_max + 1)


def defaults(kind: str, method: str | None = None, scale: tuple[int, int] | None = None) -> Definition:
    """Return the definition that the table gives for a kind, by its first method unless one is named.

    `scale` replaces the default lowest and highest answer, and with them the bounds of a mean.
    Raises KeyError for an unknown kind or method.
    """
    row = method_of(kind, method) if method else KINDS[kind].methods[0]
    low, high = (scale or row.scale) if row.scale else (None, None)
    terms = stock_terms.DEFAULTS if row.flows else {}
    by_scale = row.form == "mean" and low is not None and high is not None
    return Definition(
        kind=kind,
        method=row.key,
        unit=row.unit,
        direction=row.direction,
        input=row.inputs[0] if row.inputs else "none",
        period=row.period,
        scale_min=low,
        scale_max=high,
        lower=Decimal(low) if by_scale and low is not None else row.lower,
        upper=Decimal(high) if by_scale and high is not None else row.upper,
        sampled=row.sampled,
        min_n=row.min_n,
        stock_unit=terms.get("stock_unit"),
        trials=terms.get("trials"),
        pauses=terms.get("pauses"),
        plan_switches=terms.get("plan_switches"),
        loss_at=terms.get("loss_at"),
    )
