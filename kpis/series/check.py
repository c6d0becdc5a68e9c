"""Which readings a KPI takes: everything out of scale or out of bounds is refused with a pointer to it.

`check_reading` first; `canonical` only on a reading without issues. Instants (too far ahead, before the
history) are not judged here: they need the clock and the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from math import ceil, floor

import msgspec

from kpis.series.check_number import BELOW_WHOLE, check_count, check_number
from kpis.series.definition import Definition
from kpis.series.exact import EXACT, ONE, ZERO
from kpis.series.method import Method
from kpis.series.pointer import pointer
from kpis.series.reading import Reading
from service.errors import Issue

_D100 = Decimal(100)
# canonical unit → unit as sent → (factor, divisor); exact both ways
_CONVERSIONS: Mapping[str, Mapping[str, tuple[Decimal, Decimal]]] = {
    "fraction": {"percent": (ONE, _D100)},
    "seconds": {
        "milliseconds": (ONE, Decimal(1000)),
        "minutes": (Decimal(60), ONE),
        "hours": (Decimal(3600), ONE),
        "days": (Decimal(86400), ONE),
    },
}
_SHAPES = {
    "value": "value (with n)",
    "parts": "numerator and denominator, or a bare value",
    "distribution": "a distribution, or a bare value",
    "answers": "one answer as value",
    "flows": "flows",
}


def check_reading(definition: Definition, reading: Reading) -> list[Issue]:
    """Return all that is wrong with `reading`, pointers relative to it; empty when it may be recorded."""
    issues = _check_shape(definition, reading)
    if issues:
        return issues
    row = definition.row
    if reading.n is not None:
        issues += check_count("/n", reading.n)
    if reading.distribution is not None:
        issues += _check_distribution(definition, reading.distribution, reading.n)
    elif reading.numerator is not None or reading.denominator is not None:
        issues += _check_parts(definition, row, reading)
    elif reading.value is not None:
        issues += _check_value(definition, row, reading, reading.value)
    return issues


def whole_bounds(definition: Definition) -> tuple[int, int]:
    """Return the least and the greatest whole number that this KPI takes as a bare value without a unit.

    The least above the greatest where none is, or where each has to be looked at (answers).
    """
    if (
        definition.input in ("none", "answers")
        or definition.unit == "fraction"
        or definition.holds == "events"
    ):
        return 0, -1
    low, high = definition.lower, definition.upper
    row = definition.row
    least = -BELOW_WHOLE + 1 if low is None else ceil(low)
    most = BELOW_WHOLE - 1 if high is None else floor(high)
    return max(least, 0) if row.counted and row.form == "sum" else least, most


def canonical(definition: Definition, reading: Reading) -> Reading:
    """Return the checked reading in the definition's own unit (69.5 percent → 0.695)."""
    if reading.value is None or reading.unit is None or reading.unit == definition.unit:
        return reading
    return msgspec.structs.replace(
        reading, value=_converted(definition, reading.value, reading.unit), unit=definition.unit
    )


def _converted(definition: Definition, value: Decimal, unit: str | None) -> Decimal:
    if unit is None or unit == definition.unit:
        return value
    factor, divisor = _CONVERSIONS[definition.unit][unit]
    return EXACT.divide(EXACT.multiply(value, factor), divisor)


def _check_shape(definition: Definition, reading: Reading) -> list[Issue]:
    """One shape, and one that this KPI takes."""
    if definition.input == "none":
        return [Issue("", "computed", "This KPI is made of two others and takes no readings.")]
    has_parts = reading.numerator is not None or reading.denominator is not None
    if reading.value is not None and not has_parts and reading.distribution is None:  # as most are
        return []
    shapes = [
        name
        for name, there in (
            ("value", reading.value is not None),
            ("numerator", has_parts),
            ("distribution", reading.distribution is not None),
        )
        if there
    ]
    takes = _SHAPES[definition.input]
    if len(shapes) > 1:
        detail = f"Send one of value, numerator and denominator, or distribution; this KPI takes {takes}."
        return [Issue(f"/{shapes[1]}", "ambiguous", detail)]
    if not shapes:
        if definition.holds == "events":
            return [Issue("/value", "required", f"An event needs its figure: this KPI takes {takes}.")]
        return []
    wrong = (has_parts and definition.input != "parts") or (
        reading.distribution is not None and definition.input != "distribution"
    )
    return [Issue(f"/{shapes[0]}", "not_taken", f"This KPI takes {takes}.")] if wrong else []


@lru_cache(maxsize=64)
def _texts(start: int, stop: int) -> frozenset[str]:
    return frozenset(map(str, range(start, stop)))


def _check_distribution(
    definition: Definition, distribution: Mapping[str, int | Decimal], n: int | Decimal | None
) -> list[Issue]:
    steps = definition.steps
    known = _texts(steps.start, steps.stop)
    issues: list[Issue] = []
    for step, count in distribution.items():
        where = pointer("distribution", step)
        if step not in known:
            issues.append(Issue(where, "out_of_scale", f"Answers are whole steps {steps[0]} to {steps[-1]}."))
        issues += check_count(where, count)
    if not issues and n is not None and n != sum(distribution.values()):
        issues.append(Issue("/n", "n_mismatch", "n must be the sum of the distribution; it may be left out."))
    return issues


def _check_parts(definition: Definition, row: Method, reading: Reading) -> list[Issue]:
    numerator, denominator = reading.numerator, reading.denominator
    issues: list[Issue] = []
    if numerator is not None:
        issues += (check_count if row.counted else check_number)("/numerator", numerator)
    if denominator is not None:
        issues += (check_count if row.n_is_denominator else check_number)("/denominator", denominator)
    if issues:
        return issues
    if denominator is not None and denominator < ZERO:
        issues.append(Issue("/denominator", "negative", "A denominator cannot be negative."))
    if numerator is None or denominator is None:
        return issues
    if numerator < ZERO and definition.lower is not None and definition.lower >= ZERO:
        issues.append(
            Issue("/numerator", "negative", "The numerator cannot be negative: neither can the figure.")
        )
    # Of single events one may be a numerator alone (an open), so only a period's figure is held to its base.
    if definition.holds == "figures" and definition.upper == ONE and numerator > denominator >= ZERO:
        issues.append(
            Issue("/numerator", "above_denominator", "The numerator cannot exceed the denominator.")
        )
    if row.n_is_denominator and reading.n is not None and reading.n != denominator:
        issues.append(Issue("/n", "n_mismatch", "n is the denominator here; it may be left out."))
    return issues


def _check_value(definition: Definition, row: Method, reading: Reading, value: Decimal) -> list[Issue]:
    issues = check_number("/value", value)
    if issues:
        return issues
    if definition.input == "answers":
        return _check_answer(definition, reading, value)
    if reading.unit is None and definition.unit == "fraction":
        return [
            Issue("/unit", "unit_required", "Is it a fraction 0..1 or percent? Say unit: fraction | percent.")
        ]
    taken = reading.unit is None or reading.unit == definition.unit
    if not taken and reading.unit not in _CONVERSIONS.get(definition.unit, ()):
        known = ", ".join([definition.unit, *_CONVERSIONS.get(definition.unit, ())])
        return [Issue("/unit", "unit_mismatch", f"This KPI is in {known}.")]
    if row.counted and row.form == "sum":
        return check_count("/value", value)
    figure = _converted(definition, value, reading.unit)
    issues = check_number("/value", figure)
    low, high = definition.lower, definition.upper
    if not issues and ((low is not None and figure < low) or (high is not None and figure > high)):
        bounds = f"{'…' if low is None else low} to {'…' if high is None else high}"
        issues.append(
            Issue("/value", "out_of_bounds", f"Figures of this KPI are {bounds} ({definition.unit}).")
        )
    return issues


def _check_answer(definition: Definition, reading: Reading, value: Decimal) -> list[Issue]:
    steps = definition.steps
    issues: list[Issue] = []
    if value != int(value) or int(value) not in steps:
        issues.append(Issue("/value", "out_of_scale", f"Answers are whole steps {steps[0]} to {steps[-1]}."))
    if reading.unit is not None:
        issues.append(Issue("/unit", "not_taken", "An answer is a step of the scale and has no unit."))
    if reading.n not in (None, 1):
        issues.append(Issue("/n", "n_mismatch", "One answer is one answer; n may be left out."))
    return issues
