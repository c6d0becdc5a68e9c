"""Exact decimal arithmetic: sums never round, a division rounds once, and JSON gets the digits as they are.

A reading has at most 18 digits before and after the point taken together and 18 after it, so sums of
value × n of many readings need some 70 digits. `EXACT` has 100 and traps any rounding: an addition that
is not associative would be a wrong figure somewhere, so it raises `decimal.Inexact` instead.

In JSON a Decimal is a number with exactly its own digits (`0.450131926121`), never a string and never the
nearest float's seventeen digits. `encode` writes it so; psycopg and Postgres' jsonb keep it so.
"""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
)

import msgspec

ZERO = Decimal(0)
ONE = Decimal(1)
_TRAPS = [InvalidOperation, DivisionByZero, Overflow, FloatOperation, Clamped]
EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN, traps=[*_TRAPS, Inexact])
ROUNDING = Context(prec=100, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
_TWELFTH = Decimal("1E-12")
_encoder = msgspec.json.Encoder(decimal_format="number")


def rounded(number: Decimal) -> Decimal:
    """Return `number` with at most 12 digits after the point, half to even, without needless zeros."""
    if number.same_quantum(ONE):  # whole digits, as most figures are
        return number or ZERO
    return plain(ROUNDING.quantize(number, _TWELFTH))


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """Return the quotient to 12 digits after the point, half to even; None for a denominator of 0."""
    if not denominator:
        return None
    return rounded(ROUNDING.divide(numerator, denominator))


def plain(number: Decimal) -> Decimal:
    """Return the same number without trailing zeros, positive exponent or negative zero.

    Only calls that decimal answers in C: `as_tuple` would cost more than all of them.
    """
    if not number:
        return ZERO
    if number.same_quantum(ONE):  # whole digits, as most figures are
        return number
    stripped = EXACT.normalize(number)
    return EXACT.quantize(stripped, ONE) if stripped == stripped.to_integral_value() else stripped


def encode(shown: object) -> bytes:
    """Return `shown` (plain data with Decimals) as JSON; each Decimal is a number of its own digits."""
    return _encoder.encode(shown)
