"""What may be added: parts of figures. Figures themselves may not, so an average of rates cannot be said.

`combine` is associative and commutative with `EMPTY` as its identity (property-tested): any order of days,
sources and labels gives the same sums. A value without its parts ("bare") stays itself while it is alone and
drops out as soon as it meets anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.exact import EXACT
from kpis.series.reading import Reading
from kpis.series.tally import Tally, merged, one

_D1 = Decimal(1)


class Sums(msgspec.Struct, frozen=True, gc=False):
    """Parts of one or many readings; None = nothing known of this part.

    numerator, denominator: of rates. n: observations. counts: answers per step of the scale, lowest first.
    total: Σ value · n (means) or Σ value (sums). last, last_at: the latest value and its instant (of two at
    one instant, the larger). bare: the value of the only reading that came without parts, with its bare_n;
    bares: how many such readings. tally: single values, counted. Of flows, before a base is put under them:
    numerator is what was lost, denominator what joined, total the third (see `kpis.series.stock`).
    """

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None
    counts: tuple[int, ...] | None = None
    total: Decimal | None = None
    last: Decimal | None = None
    last_at: datetime | None = None
    bare: Decimal | None = None
    bare_n: int | None = None
    bares: int = 0
    tally: Tally | None = None


EMPTY = Sums()


def of_reading(definition: Definition, reading: Reading) -> Sums:
    """Return the sums of one checked, canonical reading.

    A reading with a side missing gives EMPTY: a numerator without its denominator must not weigh on others.
    """
    if reading.distribution is not None:
        return of_counts(
            definition, tuple(int(reading.distribution.get(str(step), 0)) for step in definition.steps)
        )
    n = None if reading.n is None else int(reading.n)
    return of_columns(definition, reading.end, reading.value, reading.numerator, reading.denominator, n)


def of_columns(
    definition: Definition,
    end: datetime,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    n: int | None,
) -> Sums:
    """Return the sums of one canonical reading without a distribution, by its columns."""
    if definition.stocked:
        return (
            EMPTY if denominator is None else Sums(numerator=numerator, denominator=denominator, total=value)
        )
    if definition.input == "answers":
        if value is None:
            return EMPTY
        return of_counts(definition, tuple(int(step == value) for step in definition.steps))
    row = definition.row
    if numerator is not None and denominator is not None:
        n = int(denominator) if row.n_is_denominator else n
        return Sums(numerator=numerator, denominator=denominator, n=n)
    if value is None:
        return EMPTY
    if row.form == "sum":
        return Sums(n=int(value) if row.counted else n, total=value)
    if row.form == "last":
        return Sums(n=n, last=value, last_at=end)
    if definition.tallied:
        return of_values(value)
    if row.form == "mean":
        weight = 1 if definition.holds == "events" else n
        if weight is not None:
            return Sums(n=weight, total=EXACT.multiply(value, Decimal(weight)))
    return Sums(bare=value, bare_n=n, bares=1)


def of_values(value: Decimal, count: int = 1) -> Sums:
    """Return the sums of one single value that was seen `count` times, where values are counted."""
    total = EXACT.multiply(value, Decimal(count))
    return Sums(n=count, total=total, tally=one(value, count))


def of_counts(definition: Definition, counts: tuple[int, ...]) -> Sums:
    """Return the sums of answers per step of the definition's scale, lowest step first."""
    row, n = definition.row, sum(counts)
    if row.form == "ratio":
        return Sums(numerator=Decimal(sum(counts[-row.top :])), denominator=Decimal(n), n=n, counts=counts)
    total = sum(step * count for step, count in zip(definition.steps, counts, strict=True))
    return Sums(n=n, counts=counts, total=Decimal(total))


def combine(parts: Iterable[Sums]) -> Sums:
    """Return the sums of all `parts` together. Raises ValueError where two scales meet."""
    result = EMPTY
    tallies: list[Tally] = []
    for part in parts:
        if part.tally is not None:
            tallies.append(part.tally)
        if result is EMPTY:
            result = part
        elif part is not EMPTY:
            result = _pair(result, part)
    return msgspec.structs.replace(result, tally=merged(tallies)) if len(tallies) > 1 else result


def _pair(a: Sums, b: Sums) -> Sums:
    last, last_at = _later(a, b)
    bares = a.bares + b.bares
    only = a if a.bares else b
    return Sums(
        numerator=_add(a.numerator, b.numerator),
        denominator=_add(a.denominator, b.denominator),
        n=b.n if a.n is None else a.n if b.n is None else a.n + b.n,
        counts=_add_counts(a.counts, b.counts),
        total=_add(a.total, b.total),
        last=last,
        last_at=last_at,
        bare=only.bare if bares == 1 else None,
        bare_n=only.bare_n if bares == 1 else None,
        bares=bares,
        tally=a.tally or b.tally,
    )


def _add(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return b if a is None else a if b is None else EXACT.add(a, b)


def _add_counts(a: tuple[int, ...] | None, b: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if a is None or b is None:
        return b if a is None else a
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _later(a: Sums, b: Sums) -> tuple[Decimal | None, datetime | None]:
    if a.last is None or a.last_at is None:
        return b.last, b.last_at
    if b.last is None or b.last_at is None or (b.last_at, b.last) < (a.last_at, a.last):
        return a.last, a.last_at
    return b.last, b.last_at
