"""Sides of a rate, in whichever order they are told: the numerator counts with its denominator, by one id.

What is recorded of a thing follows from all that was told of it: the first instant of each side, and whether
there is the other one. So any order, repeat and delay ends in the same rows. Sides are looked for in all
label sets of the KPI: an open need not repeat what was said of its delivery.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from kpis.actions.readings_check import Address, Checked
from kpis.actions.readings_store import hash_of
from kpis.queries.sql import fetch, statement
from kpis.series.intake import Observed
from kpis.series.intake_sides import DENOMINATOR, NUMERATOR, SIDES, columns, side_key, side_of
from kpis.series.intake_span import Span
from service.tenancy import advisory_locks

_HELD = statement("held_sides")
_REASON = "Its other side is known now, or is no more."


@dataclass(slots=True)
class _Side:
    """One side of a thing under one label set. held, hash: of the row that stands; told: items of the
    batch."""

    address: Address
    held: datetime | None = None
    hash: str = ""
    told: list[Checked] = field(default_factory=list)
    now: datetime | None = None

    def settle(self) -> None:
        """Work out the instant at which it stands once the batch is recorded: the first one told."""
        self.now = self.held
        for one in self.told:
            span = one.observed.span
            if one.retracted:
                self.now = None
            elif span is not None:
                self.now = span.start if self.now is None else min(self.now, span.start)


@dataclass(slots=True)
class _Thing:
    """What one id names: its sides by label set. address: of one of them that is told."""

    address: Address
    sides: dict[str, dict[str, _Side]] = field(default_factory=lambda: {side: {} for side in SIDES})

    def side(self, name: str, address: Address) -> _Side:
        return self.sides[name].setdefault(address.labels, _Side(address))

    def at(self, labels: str) -> Address:
        """Return the address of another label set."""
        first = self.address
        return (
            first if labels == first.labels else Address(first.taker, labels, first.delivery, first.feed_id)
        )

    @property
    def follows(self) -> Literal["new", "known"]:
        """Whether what the batch tells of it was told before."""
        told = (one for sides in self.sides.values() for one in sides.values() if one.told)
        return "known" if any(one.held is not None for one in told) else "new"

    def is_there(self, name: str) -> bool:
        return any(one.now is not None for one in self.sides[name].values())


SideKey = tuple[uuid.UUID, uuid.UUID | None, str]
"""KPI, feed where it keeps feeds apart, external id."""


def attributed(checked: Sequence[Checked], *, workspace_id: uuid.UUID, following: int) -> list[Checked]:
    """Return the items with sides as they follow from each other, and known sides that follow otherwise now.

    Locks the KPIs whose sides are told until the transaction ends: two batches that speak of one thing must
    see each other. What is added has the indices from `following` on and is nobody's outcome.
    """
    things = _things(checked)
    if not things:
        return list(checked)
    lock_sides(checked, workspace_id=workspace_id)
    _look_up(things, workspace_id)
    read: dict[int, Checked] = {}
    added: list[Checked] = []
    for (_, _, external_id), thing in things.items():
        for sides in thing.sides.values():
            for one in sides.values():
                one.settle()
        for name, other in ((NUMERATOR, DENOMINATOR), (DENOMINATOR, NUMERATOR)):
            matched = thing.is_there(other)
            for one in thing.sides[name].values():
                if one.now is None:
                    continue
                observed = _observed(name, external_id, one.now, matched)
                for item in one.told:
                    if not item.retracted:
                        read[item.index] = msgspec.structs.replace(item, observed=observed, follows="sent")
                if not one.told and hash_of(observed) != one.hash:
                    index = following + len(added)
                    added.append(
                        Checked(index, one.address, observed, False, _REASON, thing.follows, sided=True)
                    )
    return [*(read.get(one.index, one) for one in checked), *added]


def lock_sides(checked: Sequence[Checked], *, workspace_id: uuid.UUID) -> None:
    """Lock the KPIs whose sides are told until the transaction ends, in the order of their ids."""
    kpis = {one.address.taker.kpi.kpi_id for one in checked if one.sided}
    advisory_locks([("sides", workspace_id, kpi_id) for kpi_id in sorted(kpis)])


def side_key_of(one: Checked) -> SideKey | None:
    """Return the thing that an item tells one side of."""
    if not one.sided:
        return None
    return one.address.taker.kpi.kpi_id, one.address.part, side_of(one.observed.key)[1]


def _things(checked: Sequence[Checked]) -> dict[SideKey, _Thing]:
    things: dict[SideKey, _Thing] = {}
    for one in checked:
        if (where := side_key_of(one)) is None:
            continue
        if where not in things:
            things[where] = _Thing(one.address)
        things[where].side(side_of(one.observed.key)[0], one.address).told.append(one)
    return things


def _look_up(things: dict[SideKey, _Thing], workspace_id: uuid.UUID) -> None:
    """Put to each thing what stands of it, in all label sets of its KPI."""
    asked = [
        (kpi_id, thing.address.taker.kpi.measure, side_key(side, external_id), part)
        for (kpi_id, part, external_id), thing in things.items()
        for side in SIDES
    ]
    kpis, measures, keys, parts = zip(*asked, strict=True)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kpis": list(kpis),
        "measures": list(measures),
        "keys": list(keys),
        "parts": list(parts),
    }
    for kpi_id, labels, part, key, start_at, numerator, denominator, n in fetch(_HELD, values):
        name, external_id = side_of(key)
        thing = things[kpi_id, part, external_id]
        side = thing.side(name, thing.at(labels))
        side.held = start_at
        side.hash = hash_of(
            Observed(
                Span(start_at, start_at), key, None, numerator, denominator, None if n is None else int(n)
            )
        )


def _observed(side: str, external_id: str, at: datetime, matched: bool) -> Observed:
    numerator, denominator, n = columns(side, matched=matched)
    return Observed(Span(at, at), side_key(side, external_id), None, numerator, denominator, n)
