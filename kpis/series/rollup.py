"""What a stage or a map says of many statuses, and of many label sets: with its coverage, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpis.series.definition import Definition
from kpis.series.freshness import Freshness
from kpis.series.status import Status
from kpis.series.sums import Sums, combine

FLOOR = Decimal("0.5")
STATUSES: tuple[Status, ...] = ("breach", "warn", "ok", "insufficient", "missing", "unjudged")
_JUDGED = ("breach", "warn", "ok")


@dataclass(frozen=True, slots=True)
class RollUp:
    """Many statuses as one.

    status: the worst that was judged, `insufficient` when fewer than `floor` of those that have rules were,
    `unjudged` when none has any. worst: the worst judged whatever the coverage, None if none was. judged:
    with a status from a figure that is still current. asked: those that have rules. without_rules: the rest.
    counts: by status, stale ones apart.
    """

    status: Status
    worst: Status | None
    judged: int
    asked: int
    without_rules: int
    floor: Decimal
    counts: Mapping[str, int]

    @property
    def coverage(self) -> dict[str, object]:
        """What goes with every roll-up, as JSON."""
        return {
            "judged": self.judged,
            "of": self.asked,
            "without_rules": self.without_rules,
            "floor": self.floor,
        }


def roll_up(parts: Iterable[tuple[Status, Freshness]], floor: Decimal = FLOOR) -> RollUp:
    """Return one status for many.

    parts: `unjudged` is whatever has no rules, with a figure or without one. A stale or broken figure is not
    current, so it counts as `stale`, never as judged. Of those that have rules at least the share `floor`
    must be judged; those without ask for no judgement.
    """
    counts = dict.fromkeys((*STATUSES, "stale"), 0)
    for status, fresh in parts:
        counts["stale" if status in _JUDGED and fresh in ("stale", "broken") else status] += 1
    judged = sum(counts[status] for status in _JUDGED)
    asked = sum(counts.values()) - counts["unjudged"]
    worst: Status | None = next((status for status in STATUSES[:3] if counts[status]), None)
    if asked == 0:
        status = "unjudged"
    elif worst is None or judged < floor * asked:
        status = "insufficient"
    else:
        status = worst
    return RollUp(status, worst, judged, asked, counts["unjudged"], floor, counts)


def over_labels(definition: Definition, parts: Sequence[Sums]) -> Sums | None:
    """Return the sums of several label sets of one KPI, of one period, to be divided by `value`.

    None where they cannot be added: the latest of several gauges says nothing of all of them.
    """
    if len(parts) == 1:
        return parts[0]
    return combine(parts) if definition.row.summable else None
