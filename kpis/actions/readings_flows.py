"""Joinings and losses of one thing, in whichever order they are told: who joins and is lost in one period was
never in a base, so the loss weighs on the stock and not on the churn.

What an event becomes follows from both events together, so the same is recorded whatever came first, and a
repeat is a duplicate. A loss that is known and reads otherwise now is corrected with the event that says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from kpis.actions.readings_check import Address, Checked, Wanted
from kpis.actions.readings_series import find_series
from kpis.actions.readings_store import Known, Row, hash_of, known_of
from kpis.series.definition import Definition
from kpis.series.intake import Observed
from kpis.series.intake_flows import FLOW_SIDES, JOINED, LOST, flow_key, pair, side_and_id
from kpis.series.intake_span import Span
from service.tenancy import advisory_locks

_REASON = "What joined and was lost in one period was in no base."


@dataclass(slots=True)
class _Thing:
    """What is known of one thing, and what the batch says of it, in its order."""

    address: Address
    external_id: str
    said: dict[str, list[Checked]] = field(default_factory=lambda: {side: [] for side in FLOW_SIDES})
    held: dict[str, Known] = field(default_factory=dict)

    @property
    def definition(self) -> Definition:
        return self.address.taker.kpi.definition

    def span(self, side: str, correct: bool) -> Span | None:
        """Where it stands once the batch is recorded; None where it does not."""
        held = self.held.get(side)
        span = None if held is None or held.retracted else Span(held.start_at, held.end_at)
        for one in self.said[side]:
            if one.retracted:
                span = None
            elif held is None or correct:
                span = one.observed.span if span is None or correct else span
        return span


def paired(
    checked: Sequence[Checked], *, workspace_id: uuid.UUID, correct: bool, following: int
) -> list[Checked]:
    """Return the items with losses as they follow from joinings, and known losses that follow otherwise now.

    Locks the KPIs whose things join and are lost until the transaction ends: two batches that speak of one
    thing must see each other. What is added has the indices from `following` on and is nobody's outcome.
    """
    things = _things(checked)
    if not things:
        return list(checked)
    lock_flows(checked, workspace_id=workspace_id)
    _look_up(list(things.values()), workspace_id)
    read: dict[int, Checked] = {}
    added: list[Checked] = []
    for thing in things.values():
        joined = thing.span(JOINED, correct)
        for one in thing.said[LOST]:
            if not one.retracted and one.observed.span is not None:
                read[one.index] = msgspec.structs.replace(
                    one, observed=_loss(thing, joined, one.observed.span)
                )
        if not thing.said[LOST] and (known := _otherwise(thing, joined)) is not None:
            follows: Literal["known", "new"] = "known" if JOINED in thing.held else "new"
            index = following + len(added)
            added.append(Checked(index, thing.address, known, False, _REASON, follows))
    return [*(read.get(one.index, one) for one in checked), *added]


def lock_flows(checked: Sequence[Checked], *, workspace_id: uuid.UUID) -> None:
    """Lock the KPIs whose things join and are lost until the transaction ends, in the order of their ids."""
    kpis = {one.address.taker.kpi.kpi_id for one in checked if _is_flow(one)}
    advisory_locks([("flows", workspace_id, kpi_id) for kpi_id in sorted(kpis)])


FlowKey = tuple[Wanted, str]


def flow_of(one: Checked) -> FlowKey | None:
    """Return the thing that an item says has joined or was lost."""
    return (one.address.wanted, side_and_id(one.observed.key)[1]) if _is_flow(one) else None


def _is_flow(one: Checked) -> bool:
    return bool(one.observed.key) and one.address.taker.kpi.definition.stocked and not one.based


def _things(checked: Sequence[Checked]) -> dict[FlowKey, _Thing]:
    things: dict[FlowKey, _Thing] = {}
    for one in checked:
        if (where := flow_of(one)) is None:
            continue
        side, external_id = side_and_id(one.observed.key)
        if where not in things:
            things[where] = _Thing(one.address, external_id)
        things[where].said[side].append(one)
    return things


def _look_up(things: Sequence[_Thing], workspace_id: uuid.UUID) -> None:
    """Put to each thing what is known of it."""
    wanted = {thing.address.wanted for thing in things}
    series = find_series(workspace_id=workspace_id, wanted=wanted)
    asked: list[tuple[_Thing, str]] = [
        (thing, side) for thing in things for side in FLOW_SIDES if thing.address.wanted in series
    ]
    rows = [
        Row(
            place=place,
            series_id=series[thing.address.wanted],
            start_at=None,
            end_at=None,
            key=flow_key(side, thing.external_id),
        )
        for place, (thing, side) in enumerate(asked)
    ]
    if rows:
        _, known = known_of(workspace_id=workspace_id, rows=rows)
        for place, held in known.items():
            thing, side = asked[place]
            thing.held[side] = held


def _otherwise(thing: _Thing, joined: Span | None) -> Observed | None:
    """Return the known loss as it reads now, None where it reads as it did."""
    held = thing.held.get(LOST)
    if held is None or held.retracted:
        return None
    loss = _loss(thing, joined, Span(held.start_at, held.end_at))
    return None if hash_of(loss) == held.hash else loss


def _loss(thing: _Thing, joined: Span | None, span: Span) -> Observed:
    lost, new, third = pair(thing.definition, None if joined is None else joined.start, span)
    return Observed(span, flow_key(LOST, thing.external_id), third, lost, new)
