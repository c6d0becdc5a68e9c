"""One side of a rate that counts things, told by itself: a message was delivered to somebody, and was opened.

    denominator   the thing that external_id names counts, in the period of its instant
    numerator     … and counts above too, in that same period, whenever it is told and however often

So an open in November of a message delivered in October is October's. What names the thing is the sender's to
choose: a message with several recipients is several deliveries, so message and recipient together.

In the columns of a row the denominator is 1, under the id alone, and its numerator 1 as soon as that is
known. A numerator has a row of its own, which no sum has, under a key that no id can be: it waits (numerator
1, no denominator: `unmatched`) until its denominator is known, and is remembered after that (n 1).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.intake_span import Span, span_of
from kpis.series.labels import is_text
from kpis.series.reading_in import ReadingIn
from service.errors import Issue

NUMERATOR, DENOMINATOR = "numerator", "denominator"
SIDES = (NUMERATOR, DENOMINATOR)
MOST_ID = 254
_MARK = "\x1f"
_ZERO, _ONE = Decimal(0), Decimal(1)
_OTHERS = ("value", "numerator", "denominator", "n", "distribution", "unit", "flows", "base")


class Side(msgspec.Struct, frozen=True, gc=False):
    """A checked side. span: None where it is taken back by its id alone."""

    span: Span | None
    key: str


def side_key(side: str, external_id: str) -> str:
    """Return what a row is told apart by; ids have no control characters."""
    return external_id if side == DENOMINATOR else _MARK + external_id


def side_of(key: str) -> tuple[str, str]:
    """Return side and id of a key of a KPI that takes sides."""
    return (NUMERATOR, key[1:]) if key.startswith(_MARK) else (DENOMINATOR, key)


def takes_sides(definition: Definition) -> bool:
    """Say whether the KPI counts things by their sides."""
    return definition.input == "parts" and definition.holds == "events" and definition.row.counted


def read_side(definition: Definition, item: ReadingIn) -> Side | list[Issue]:
    """Return the side that an item tells, or everything that is wrong with it."""
    issues = [
        Issue(f"/{name}", "not_taken", "A side counts one thing; it has no figure.")
        for name in _OTHERS
        if getattr(item, name) is not None
    ]
    if item.side not in SIDES:
        issues.append(Issue("/side", "choice", f"One of {', '.join(SIDES)}."))
    if item.external_id is None:
        issues.append(Issue("/external_id", "required", "Name the thing: message and recipient, say."))
    elif not is_text(item.external_id, MOST_ID):
        detail = f"1 to {MOST_ID} characters, none of them a control character."
        issues.append(Issue("/external_id", "external_id", detail))
    span = span_of(definition, item)
    if isinstance(span, list):
        return issues + span
    if issues or item.side is None or item.external_id is None:
        return issues
    return Side(span, side_key(item.side, item.external_id))


def columns(side: str, *, matched: bool) -> tuple[Decimal | None, Decimal | None, int | None]:
    """Return numerator, denominator and n of a side's row. matched: the other side is known, too."""
    if side == DENOMINATOR:
        return (_ONE if matched else _ZERO), _ONE, None
    return (None, None, 1) if matched else (_ONE, None, None)
