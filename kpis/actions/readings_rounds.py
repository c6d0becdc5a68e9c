"""Deliveries that are recorded together, and those that must wait for what became of one before them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby

from kpis.actions.readings_check import Checked
from kpis.actions.readings_flows import flow_of
from kpis.actions.readings_sides import side_key_of


def in_rounds(checked: Sequence[Checked]) -> list[list[Checked]]:
    """Split items, in their order, at each delivery that needs to know what became of one before it.

    What is recorded of a thing's sides or flows, and which figure jumps, follows from what is known when a
    delivery comes: so two that speak of one such thing are not of one round. Most are all of one.
    """
    rounds: list[list[Checked]] = [[]]
    told: set[Hashable] = set()
    for _, delivered in groupby(checked, key=lambda one: one.address.delivery):
        items = list(delivered)
        mine = {thing for one in items if (thing := _follows_from(one)) is not None}
        if not mine.isdisjoint(told):
            rounds.append([])
            told = set()
        rounds[-1] += items
        told |= mine
    return rounds


def _follows_from(one: Checked) -> Hashable | None:
    """Return what decides how the item is recorded, besides itself."""
    band = one.address.taker.kpi.definition.reading_band
    if band is not None and band.jumps:
        return one.address.wanted
    return side_key_of(one) or flow_of(one)
