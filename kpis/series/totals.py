"""A total that is sent beside its parts: said of a KPI, compared period by period, never added to them.

A KPI names the label that tells its parts apart: the series without it is the total of those with it, all
other labels alike. Both are told from outside, so they may differ; only a person can say which is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kpis.series.definition import Definition
from kpis.series.exact import EXACT
from kpis.series.labels import EVERY
from kpis.series.period import is_complete
from kpis.series.point import Point

PERIODS = 12
"""How many of the last complete periods are compared."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A period of which the total and its parts have a figure. members: what differs; empty: they agree."""

    sent: Point
    summed: Point
    members: tuple[str, ...]


def total_labels(label: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels of the total that a label set is a part of, or is."""
    return {name: value for name, value in labels.items() if name != label}


def parts_selector(label: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Return what selects the parts of a total."""
    return {**labels, label: EVERY}


def compare(definition: Definition, sent: Point, summed: Point) -> Compared | None:
    """Return how a total and the sum of its parts compare; None where one of them has no figure."""
    total = definition.total
    if total is None or sent.value is None or summed.value is None:
        return None
    before, after = _members(definition, sent), _members(definition, summed)
    differing = tuple(
        name for name, figure in before.items() if _differs(figure, after.get(name), total.tolerance)
    )
    return Compared(sent, summed, differing)


def compare_all(
    definition: Definition, sent: Sequence[Point], summed: Sequence[Point], at: datetime
) -> list[Compared]:
    """Return the last complete periods of which both have a figure, oldest first."""
    parts = {(point.start, point.end): point for point in summed}
    found = [
        one
        for point in sent
        if is_complete(point.end, definition.settle_s, at)
        and (part := parts.get((point.start, point.end))) is not None
        and (one := compare(definition, point, part)) is not None
    ]
    return found[-PERIODS:]


def _members(definition: Definition, point: Point) -> dict[str, Decimal | None]:
    """What is added up, by which the two are held against each other; of rates a quotient says too little."""
    sums = point.sums
    if definition.row.form in ("ratio", "complement") and sums.denominator is not None:
        return {"numerator": sums.numerator, "denominator": sums.denominator}
    if definition.row.form == "sum":
        return {"value": point.value}
    return {"value": point.value, "n": None if point.n is None else Decimal(point.n)}


def _differs(sent: Decimal | None, summed: Decimal | None, tolerance: Decimal) -> bool:
    if sent is None or summed is None:
        return False
    return abs(EXACT.subtract(sent, summed)) > EXACT.multiply(tolerance, abs(sent))


def facts(label: str, found: Sequence[Compared], period: object) -> dict[str, Any]:
    """Return what a finding tells of the latest period that differs; period: as findings show it."""
    differing = [one for one in found if one.members]
    last = differing[-1]
    return {
        "label": label,
        "period": period,
        "sent": last.sent.value,
        "summed": last.summed.value,
        "differs_in": list(last.members),
        "periods": len(differing),
        "compared": len(found),
    }
