"""The series that a batch tells of: found or made, locked, and whose they are."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from kpis.actions.readings_check import Address, Checked, Wanted, latest_of
from kpis.actions.readings_feed import Delivery
from kpis.actions.readings_judge import Guard
from kpis.actions.readings_series import Held, adopt_series, create_series, find_series, tell_series


class HeldSeries:
    """Series under our lock until the transaction ends; `by_id` has them by their ids."""

    def __init__(self, workspace_id: uuid.UUID, deliveries: Sequence[Delivery], at: datetime) -> None:
        self._workspace_id, self._at = workspace_id, at
        self._fed = any(one.feed.id is not None for one in deliveries)
        self._series: dict[Wanted, Held] = {}
        self.by_id: dict[int, Held] = {}
        self._owners: dict[int, uuid.UUID | None] = {}
        self._made_by: dict[Wanted, int] = {}

    def take(self, series: Mapping[Wanted, Held]) -> None:
        """Add series that are locked."""
        self._series |= series
        for one in series.values():
            self.by_id[one.id] = one
            self._owners[one.id] = one.feed_id

    def hold(self, checked: Sequence[Checked]) -> None:
        """Lock the series, once those are made that are not there; what is only taken back makes none."""
        addresses = {one.address for one in checked}
        if all(one.wanted in self._series for one in addresses):
            return
        latest = latest_of(checked, self._at)
        latest = {wanted: start for wanted, start in latest.items() if wanted not in self._series}
        series = tell_series(workspace_id=self._workspace_id, latest=latest)
        if not series:
            there = self._make(checked, latest)
            latest = {wanted: start for wanted, start in latest.items() if wanted in there}
            series = tell_series(workspace_id=self._workspace_id, latest=latest) if latest else {}
        self.take(series)

    def _make(self, checked: Sequence[Checked], wanted: Mapping[Wanted, datetime]) -> set[Wanted]:
        """Make the series that are told and not there; return those that are there then."""
        there = set(find_series(workspace_id=self._workspace_id, wanted=wanted))
        first: dict[Wanted, Checked] = {}
        for one in checked:
            if not one.retracted and one.address.wanted not in there:
                first.setdefault(one.address.wanted, one)
        if not first:
            return there
        self._made_by |= {wanted: one.address.delivery for wanted, one in first.items()}
        in_order = sorted(first, key=lambda wanted: (self._made_by[wanted], str(wanted)))
        # A series that a base or a numerator begins is nobody's yet: who tells the rest adopts it.
        owners = {one: None if first[one].free else first[one].address.feed_id for one in in_order}
        limits = {one.address.taker.kpi.kpi_id: one.address.taker.series_limit for one in first.values()}
        return there | create_series(
            workspace_id=self._workspace_id, owners=owners, limits=limits, at=self._at
        )

    def guards(self, checked: Sequence[Checked]) -> dict[Address, tuple[int, Guard]]:
        """Return the series of each address and what its feed may do, as each delivery in turn finds it.

        A feed adopts the series that it tells of and that are nobody's.
        """
        addresses = dict.fromkeys(one.address for one in checked)
        telling = {one.address for one in checked if not one.free} if self._may_adopt() else ()
        opened: dict[Address, tuple[int, Guard]] = {}
        adopted: dict[int, uuid.UUID] = {}
        for one in addresses:
            held = self._series.get(one.wanted)
            if held is None or one.delivery < self._made_by.get(one.wanted, 0):
                continue
            owner = self._owners[held.id]
            if owner is None and one.feed_id is not None and one in telling:
                owner = self._owners[held.id] = adopted[held.id] = one.feed_id
            opened[one] = (held.id, _guard(owner, one.feed_id))
        if adopted:
            adopt_series(workspace_id=self._workspace_id, owners=adopted)
        return opened

    def _may_adopt(self) -> bool:
        return None in self._owners.values() and self._fed


def guard_of(one: Checked, guard: Guard) -> Guard:
    """What an item may do in a series of which its feed may do `guard`."""
    if one.free:
        return "open"
    if one.follows in ("new", "known") and guard == "known_only":
        return "open" if one.follows == "known" else "closed"
    return guard


def _guard(owner: uuid.UUID | None, feed_id: uuid.UUID | None) -> Guard:
    if owner is None or owner == feed_id:
        return "open"
    return "known_only" if feed_id is None else "closed"
