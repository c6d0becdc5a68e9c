"""Which numbers are taken at all: finite, of at most 18 digits, below 1e15 in size."""

from __future__ import annotations

from decimal import Decimal

from kpis.series.exact import ONE, ZERO
from service.errors import Issue

BELOW_WHOLE = 10**15
_DIGITS = 18
_BELOW = Decimal(BELOW_WHOLE)


def check_number(where: str, number: Decimal) -> list[Issue]:
    """Return what is wrong with a figure as a number: what is none, too long or too large."""
    if number.same_quantum(ONE) and -_BELOW < number < _BELOW:  # whole digits, as most figures are
        return []
    if not number.is_finite():
        return [Issue(where, "not_finite", "NaN and infinity are no figures.")]
    _, digits, exponent = number.as_tuple()
    if number and (len(digits) > _DIGITS or not isinstance(exponent, int) or exponent < -_DIGITS):
        return [
            Issue(where, "too_precise", f"At most {_DIGITS} digits, and at most {_DIGITS} after the point.")
        ]
    if abs(number) >= _BELOW:
        return [Issue(where, "too_large", "Figures must be below 1e15 in size.")]
    return []


def check_count(where: str, count: int | Decimal) -> list[Issue]:
    """Return what is wrong with a whole number of things, which must be 0 or more."""
    if isinstance(count, int) and 0 <= count < BELOW_WHOLE:
        return []
    number = Decimal(count)
    issues = check_number(where, number)
    if issues:
        return issues
    if number < ZERO:
        return [Issue(where, "negative", "A count cannot be negative.")]
    if number != int(number):
        return [Issue(where, "not_whole", "A count must be a whole number.")]
    return []


def check_things(where: str, count: int | Decimal) -> list[Issue]:
    """Return what is wrong with a count as somebody sent it, who may have sent something else."""
    return check_count(where, count) if _is_number(count) else [Issue(where, "type", "Must be a number.")]


def check_amount(where: str, amount: int | Decimal) -> list[Issue]:
    """Return what is wrong with an amount of money, which must be 0 or more."""
    if not _is_number(amount):
        return [Issue(where, "type", "Must be a number.")]
    return check_number(where, Decimal(amount)) or (
        [Issue(where, "negative", "An amount cannot be negative here.")] if amount < 0 else []
    )


def _is_number(given: object) -> bool:
    return type(given) is int or isinstance(given, Decimal)
