"""Readings of a KPI over a stock: bases, what joined and was lost in a period, and single joinings and
losses.

    base    how many there were at an instant: `base` with `observed_at`
    flows   of a period: `flows: {"joined": 20, "lost": 8, "lost_new": 1}`; lost are those who were there at
            its start, lost_new those who joined within it
    event   `side: joined | lost` with `external_id` and `observed_at`: counted by us, each once

In the columns of a row numerator is what was lost, denominator what joined, value the third of the method's
flows; a base is a numerator alone, so that no sum of flows has it, and its key names its instant. What
joined and was lost in one period was never in a base: such a loss is `lost_new`, as soon as both are known
(`pair`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from kpis.series.check_number import check_amount, check_things
from kpis.series.definition import Definition
from kpis.series.intake_span import Span, span_of
from kpis.series.labels import is_text
from kpis.series.period import period_of
from kpis.series.pointer import pointer
from kpis.series.reading_in import ReadingIn
from service.errors import Issue

JOINED, LOST = "joined", "lost"
FLOW_SIDES = (JOINED, LOST)
MOST_ID = 240
BASE_KEY = "base:"
_ZERO, _ONE = Decimal(0), Decimal(1)
_OTHERS = ("value", "numerator", "denominator", "n", "distribution", "unit")


class Flow(msgspec.Struct, frozen=True, gc=False):
    """A checked reading of a stock, as the columns of its row. span: None for an event taken back by its
    id."""

    span: Span | None
    key: str = ""
    lost: Decimal | None = None
    joined: Decimal | None = None
    third: Decimal | None = None


def flow_key(side: str, external_id: str) -> str:
    """Return what an event is told apart by: one thing joins and is lost under one id."""
    return f"{side}:{external_id}"


def side_and_id(key: str) -> tuple[str, str]:
    """Return what `flow_key` was made of."""
    side, _, external_id = key.partition(":")
    return side, external_id


def read_flow(definition: Definition, item: ReadingIn) -> Flow | list[Issue]:
    """Return what an item says of a stock, or everything that is wrong with it; a retraction has no
    figure."""
    if item.base is not None or _takes_back_a_base(definition, item):
        return _base(definition, item)
    return _event(definition, item) if definition.holds == "events" else _flows(definition, item)


def pair(
    definition: Definition, joined: datetime | None, lost: Span
) -> tuple[Decimal, Decimal, Decimal | None]:
    """Return lost, joined and third of a loss, given when the same thing joined (None: it was there
    before)."""
    assert definition.period is not None
    begun = period_of(lost.start, definition.period, definition.zone).start
    if joined is not None and begun <= joined <= lost.start:
        return _ZERO, _ZERO, _ONE
    return _ONE, _ZERO, None


def _takes_back_a_base(definition: Definition, item: ReadingIn) -> bool:
    return item.retract and item.observed_at is not None and item.side is None and item.external_id is None


def _base(definition: Definition, item: ReadingIn) -> Flow | list[Issue]:
    given = [name for name in (*_OTHERS, "flows", "side", "external_id", "period") if _has(item, name)]
    issues = [
        Issue(f"/{name}", "not_taken", "A base is a count at an instant, and nothing else.") for name in given
    ]
    if item.observed_at is None:
        issues.append(Issue("/observed_at", "required", "A base is of an instant: send observed_at."))
    elif item.observed_at.tzinfo is None:
        issues.append(Issue("/observed_at", "offset", "An instant needs an offset, such as Z or +01:00."))
    elif definition.holds == "figures" and not _begins(definition, item.observed_at):
        detail = (
            f"Flows are told per {definition.period}, so a base is of where one begins in {definition.zone}."
        )
        issues.append(Issue("/observed_at", "not_a_start", detail))
    if item.base is not None:
        issues += _checked(definition)("/base", item.base)
    if item.retract and item.base is not None:
        issues.append(Issue("/base", "not_taken", "What is taken back has no figure."))
    if issues or item.observed_at is None:
        return issues
    at = item.observed_at.astimezone(UTC)
    count = None if item.base is None else Decimal(item.base) or _ZERO
    return Flow(Span(at, at), f"{BASE_KEY}{at.isoformat()}", count)


def _begins(definition: Definition, instant: datetime) -> bool:
    assert definition.period is not None
    return period_of(instant, definition.period, definition.zone).start == instant


def _event(definition: Definition, item: ReadingIn) -> Flow | list[Issue]:
    given = [name for name in (*_OTHERS, "flows") if _has(item, name)]
    issues = [
        Issue(f"/{name}", "not_taken", "An event of this KPI is one thing that joined or was lost.")
        for name in given
    ]
    if item.side not in FLOW_SIDES:
        issues.append(Issue("/side", "choice", f"What happened: one of {', '.join(FLOW_SIDES)}."))
    if item.external_id is None:
        issues.append(Issue("/external_id", "required", "Name what joined or was lost."))
    elif not is_text(item.external_id, MOST_ID):
        detail = f"1 to {MOST_ID} characters, none of them a control character."
        issues.append(Issue("/external_id", "external_id", detail))
    span = span_of(definition, item)
    if isinstance(span, list):
        return issues + span
    if issues or item.side is None or item.external_id is None:
        return issues
    key = flow_key(item.side, item.external_id)
    if item.retract:
        return Flow(span, key)
    lost = item.side == LOST
    return Flow(span, key, _ONE if lost else _ZERO, _ZERO if lost else _ONE)


def _flows(definition: Definition, item: ReadingIn) -> Flow | list[Issue]:
    names = definition.row.flows
    given = [name for name in (*_OTHERS, "side", "external_id") if _has(item, name)]
    issues = [Issue(f"/{name}", "not_taken", f"This KPI takes flows: {', '.join(names)}.") for name in given]
    flows: Mapping[str, Decimal | int] = item.flows or {}
    if item.retract and item.flows is not None:
        issues.append(Issue("/flows", "not_taken", "What is taken back has no figure."))
    elif not item.retract and not flows:
        issues.append(
            Issue("/flows", "required", f"Say what there was of {', '.join(names)}; 0 where nothing.")
        )
    for name, amount in flows.items():
        if name in names:
            issues += _checked(definition)(pointer("flows", name), amount)
        else:
            issues.append(Issue(pointer("flows", name), "unknown_field", f"Flows are {', '.join(names)}."))
    span = span_of(definition, item)
    if isinstance(span, list):
        return issues + span
    if issues or item.retract:
        return issues or Flow(span)
    joined, lost, third = (Decimal(flows.get(name, 0)) or _ZERO for name in names)
    return Flow(span, lost=lost, joined=joined, third=third if names[2] in flows else None)


def _has(item: ReadingIn, name: str) -> bool:
    return getattr(item, name) is not None


def _checked(definition: Definition) -> Callable[[str, Decimal | int], list[Issue]]:
    return check_things if definition.row.counted else check_amount
