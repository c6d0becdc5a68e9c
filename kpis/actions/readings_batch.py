"""Deliveries on their way to be recorded: what their items became, step by step (kpis.actions.readings)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from kpis.actions.readings_check import Address, Checked, Wanted, check_items, latest_of
from kpis.actions.readings_feed import Delivery
from kpis.actions.readings_flows import lock_flows, paired
from kpis.actions.readings_judge import Case, Guard, Verdict, judge
from kpis.actions.readings_rounds import in_rounds
from kpis.actions.readings_series import Held, adopt_series, create_series, find_series, tell_series
from kpis.actions.readings_sides import attributed, lock_sides
from kpis.actions.readings_store import Known, Row, Tellers, record_new, row_of
from kpis.actions.readings_suspect import mark_suspects
from kpis.queries.definitions import accepting, accepting_kept
from service.errors import Issue

_NOT_RECORDED = Issue("", "not_recorded", "There is nothing here to take back.")
_NO_ROOM = Issue("/labels", "series_limit", "This KPI has as many label sets as it may.")


class Batch:
    """One call under way. By the index of an item: `refused`, `items` that are taken, `cases`, `verdicts`.

    held: the series locked, by id. bound: whether a binding can show what was recorded.
    """

    def __init__(
        self, workspace_id: uuid.UUID, deliveries: Sequence[Delivery], *, correct: bool, at: datetime
    ) -> None:
        self.workspace_id, self.deliveries, self.correct, self.at = workspace_id, deliveries, correct, at
        self.refused: dict[int, tuple[Issue, ...]] = {}
        self.items: dict[int, Checked] = {}
        self.cases: dict[int, Case] = {}
        self.verdicts: list[Verdict] = []
        self.held: dict[int, Held] = {}
        self.bound = False
        self._series: dict[Wanted, Held] = {}
        self._owners: dict[int, uuid.UUID | None] = {}
        self._made_by: dict[Wanted, int] = {}
        self._tellers = Tellers.of([(one.feed.id, one.feed.cause) for one in deliveries])

    def record(self) -> None:
        """Record what can be recorded, in one round as a rule: the number of statements is that of rounds."""
        checked = self._check()
        rounds = in_rounds(checked) if len(self.deliveries) > 1 else [checked]
        if len(rounds) > 1:
            # Whoever locks does so in one order, so nothing is left to later rounds.
            lock_flows(checked, workspace_id=self.workspace_id)
            lock_sides(checked, workspace_id=self.workspace_id)
            self._hold(checked)
        following = sum(len(one.items) for one in self.deliveries)
        for some in rounds:
            items = paired(some, workspace_id=self.workspace_id, correct=self.correct, following=following)
            items = attributed(items, workspace_id=self.workspace_id, following=following + len(items))
            following += len(items)
            self._hold(items)
            self._judge(self._open(items))

    def _check(self) -> list[Checked]:
        """Check the items by their KPIs.

        By the KPIs as this process remembers them where the lock finds them still so: one statement.
        """
        refs = {item.kpi for one in self.deliveries for item in one.items}
        remembered = accepting_kept(self.workspace_id, refs)
        if remembered is not None:
            checked, refused = check_items(takers=remembered, deliveries=self.deliveries, at=self.at)
            if not refused and not any(
                one.sided or one.address.taker.kpi.definition.stocked for one in checked
            ):
                known = {taker.kpi.kpi_id: taker for taker in remembered.values()}
                latest = latest_of(checked, self.at)
                if series := tell_series(workspace_id=self.workspace_id, latest=latest, remembered=known):
                    self._take(series)
                    return checked
        takers = accepting(self.workspace_id, refs)
        checked, self.refused = check_items(takers=takers, deliveries=self.deliveries, at=self.at)
        return checked

    def _take(self, series: Mapping[Wanted, Held]) -> None:
        self._series |= series
        for one in series.values():
            self.held[one.id] = one
            self._owners[one.id] = one.feed_id

    def _hold(self, checked: Sequence[Checked]) -> None:
        """Lock the series, once those are made that are not there; what is only taken back makes none."""
        latest = latest_of(checked, self.at)
        latest = {wanted: start for wanted, start in latest.items() if wanted not in self._series}
        if not latest:
            return
        series = tell_series(workspace_id=self.workspace_id, latest=latest)
        if not series:
            there = self._make(checked, latest)
            latest = {wanted: start for wanted, start in latest.items() if wanted in there}
            series = tell_series(workspace_id=self.workspace_id, latest=latest) if latest else {}
        self._take(series)

    def _make(self, checked: Sequence[Checked], wanted: Mapping[Wanted, datetime]) -> set[Wanted]:
        """Make the series that are told and not there; return those that are there then."""
        there = set(find_series(workspace_id=self.workspace_id, wanted=wanted))
        first: dict[Wanted, Checked] = {}
        for one in checked:
            if not one.retracted and one.address.wanted not in there:
                first.setdefault(one.address.wanted, one)
        if not first:
            return there
        self._made_by |= {wanted: one.address.delivery for wanted, one in first.items()}
        in_order = sorted(first, key=lambda wanted: (self._made_by[wanted], str(wanted)))
        # A series that a base begins is nobody's yet: who tells the flows adopts it.
        owners = {one: None if first[one].based else first[one].address.feed_id for one in in_order}
        limits = {one.address.taker.kpi.kpi_id: one.address.taker.series_limit for one in first.values()}
        return there | create_series(workspace_id=self.workspace_id, owners=owners, limits=limits, at=self.at)

    def _open(self, checked: Sequence[Checked]) -> dict[int, Case]:
        """Return the items by index as cases to be recorded in the series held."""
        opened = self._guards(checked)
        cases: dict[int, Case] = {}
        for one in checked:
            place = opened.get(one.address)
            if place is None:
                self.refused[one.index] = (_NOT_RECORDED if one.retracted else _NO_ROOM,)
                continue
            series_id, guard = place
            guard = "open" if one.based else guard
            if one.follows in ("new", "known") and guard == "known_only":
                guard = "open" if one.follows == "known" else "closed"
            cases[one.index] = Case(row_of(series_id, one), guard, one.follows is not None)
            self.items[one.index] = one
        mark_suspects([case.row for case in cases.values()], checked, workspace_id=self.workspace_id)
        self.cases |= cases
        return cases

    def _guards(self, checked: Sequence[Checked]) -> dict[Address, tuple[int, Guard]]:
        """Return the series of each address and what its feed may do, as each delivery in turn finds it.

        A feed adopts the series that it tells of and that are nobody's.
        """
        addresses = dict.fromkeys(one.address for one in checked)
        telling = {one.address for one in checked if not one.based} if self._may_adopt() else ()
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
            adopt_series(workspace_id=self.workspace_id, owners=adopted)
        return opened

    def _may_adopt(self) -> bool:
        return None in self._owners.values() and any(one.feed.id is not None for one in self.deliveries)

    def _judge(self, cases: Mapping[int, Case]) -> None:
        """Insert what is new at one stroke; judge what is known, repeated, taken back or guarded."""
        fresh: dict[bool, list[Row]] = {True: [], False: []}
        judged: list[Case] = []
        seen: set[tuple[object, ...]] = set()
        for case in cases.values():
            row = case.row
            identity = row.identity
            if identity in seen or row.retracted or case.guard != "open":
                judged.append(case)
            else:
                fresh[bool(row.key)].append(row)
            seen.add(identity)
        for events, rows in fresh.items():
            if rows:
                judged += [cases[place] for place in self._insert(rows, events)]
        if judged:
            self.bound = True
            judged.sort(key=lambda case: case.row.place)
            self.verdicts += judge(
                judged, workspace_id=self.workspace_id, correct=self.correct, tellers=self._tellers
            )

    def _insert(self, rows: list[Row], events: bool) -> set[int]:
        """Insert what is new; return the places of what is known."""
        recorded_at, known, bound = record_new(
            workspace_id=self.workspace_id, rows=rows, events=events, tellers=self._tellers
        )
        self.bound = self.bound or bound
        self.verdicts += [
            Verdict(row.place, "created", Known(*row.span, recorded_at, False, row.hash))
            for row in rows
            if row.place not in known
        ]
        return known


def _guard(owner: uuid.UUID | None, feed_id: uuid.UUID | None) -> Guard:
    if owner is None or owner == feed_id:
        return "open"
    return "known_only" if feed_id is None else "closed"
