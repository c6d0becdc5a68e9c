"""Short ways to write readings and sums in tables of cases."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from kpis.series.definition import Definition
from kpis.series.reading import Reading
from kpis.series.sums import combine, of_counts, of_reading
from kpis.series.value import value

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)


def number(text: str | int | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def parts(numerator: str | int | None, denominator: str | int | None) -> Reading:
    return Reading(end=NOON, numerator=number(numerator), denominator=number(denominator))


def single(figure: str | int | None, n: int | None = None, unit: str | None = None) -> Reading:
    return Reading(end=NOON, value=number(figure), n=n, unit=unit)


def answers(**counts: int) -> Reading:
    """answers(_5=42, _4=32)"""
    return Reading(end=NOON, distribution={step.removeprefix("_"): count for step, count in counts.items()})


def figure(definition: Definition, *readings: Reading) -> Decimal | None:
    """The figure of all the readings together."""
    return value(definition, combine(of_reading(definition, reading) for reading in readings))


def figure_of_counts(definition: Definition, counts: Iterable[int]) -> Decimal | None:
    """Of answers per step, lowest first."""
    return value(definition, of_counts(definition, tuple(counts)))
