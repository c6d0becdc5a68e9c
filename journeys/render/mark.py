"""Mark: what may be drawn at an element of a map. Made by whoever measures; the renderer knows no KPI.

All figures arrive as the text to show, already rounded and with their unit; only what is drawn as a line
or a point is a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

Status = Literal["ok", "warn", "breach", "insufficient", "missing", "unjudged"]
Freshness = Literal["fresh", "late", "stale", "broken"]
Certainty = Literal["clear", "within_noise"]
Verdict = Literal["better", "worse", "flat"]
Standing = Literal["breach", "warn", "ok", "stale", "broken", "insufficient", "missing", "unjudged"]

SPARK_MAX = 30
"""Points of a sparkline; of a longer series the last ones are drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a figure is held against, on its chart: the target, or where a status begins.

    extent: no line, but the greatest or least figure, told where there is no other.
    """

    role: Literal["target", "warn", "breach", "extent"]
    value: float
    text: str
    """As displayed: "goal ≥ 70 %"."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened in the life of a figure: "definition changed"; an improvement has a sign of its
    own on the chart."""

    at: datetime
    text: str
    is_improvement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One figure at one place.

    `value` is shown only together with `n` and `observed_at`: a number without its base and its age
    is not shown (`is_shown`). Where nothing was sampled, `n` says so in words ("full count").
    """

    element: UUID | None
    """Stage or touchpoint at which it stands; None = the map as a whole."""
    label: str
    value: str | None = None
    """As displayed, unit included: "62.3 %"."""
    status: Status = "unjudged"
    freshness: Freshness = "fresh"
    certainty: Certainty | None = None
    trend: str = ""
    """Change against the period before, signed: "−7.9"."""
    verdict: Verdict | None = None
    """Whether that change is good news."""
    n: str = ""
    """Size of the base: "11,457"."""
    interval: str = ""
    """"±0.9", or "census" for a full count."""
    method: str = ""
    observed_at: datetime | None = None
    """Instant as of which the value is true (of a period: its end)."""
    period: str = ""
    """Name of the period: "week to 2 Jun 2014"."""
    target: str = ""
    """As displayed: "≥ 70 %"."""
    spark: tuple[float | None, ...] = ()
    """Oldest first; None where there was no figure (never drawn as 0)."""
    spark_target: float | None = None
    spark_ends: tuple[datetime, ...] = ()
    """The instants that the points of `spark` are true as of; the chart has no dates without them."""
    spark_low: str = ""
    spark_high: str = ""
    """The least and the greatest of `spark`, as displayed."""
    lines: tuple[Line, ...] = ()
    moments: tuple[Moment, ...] = ()
    window: tuple[str, ...] = ()
    """The figure that was judged instead, of several periods: "judged over 3 periods", "75.0 %, n 60"."""
    running: str = ""
    """The period under way, not judged: "58.0 %, n 800, day 3 of 7"."""
    emotion: float | None = None
    """Measured feeling, −1 (worst) … +1 (best), drawn beside the drawn curve."""
    caveats: tuple[str, ...] = ()
    href: str = ""
    """Where more is told of the figure: an http(s) address or a path of this host."""

    @property
    def is_shown(self) -> bool:
        """True where the value may be read: it has a base and an age."""
        return bool(self.value) and bool(self.n) and self.observed_at is not None

    @property
    def says(self) -> bool:
        """False where there never was a figure: its name and the word are drawn then, without a value."""
        return bool(self.value) or self.standing != "missing"

    @property
    def standing(self) -> Standing:
        """The one word under which the mark is counted: an old figure says nothing of today.

        What never had a figure has nothing that could be old.
        """
        if self.freshness == "broken" or (self.freshness == "stale" and self.status != "missing"):
            return self.freshness
        return self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """How a stage, or the map, does as a whole."""

    element: UUID | None
    """The stage; None = the map."""
    status: Status
    counts: Mapping[Standing, int] = field(default_factory=dict)
    coverage: str = ""
    """How much of it the status rests on: "judged 3 of 5"."""
