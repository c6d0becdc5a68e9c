"""Deliveries on their way to be recorded: what their items became, step by step (kpis.actions.readings)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial

from kpis.actions.readings_check import Checked, Checks, Wanted, check_items, latest_of
from kpis.actions.readings_feed import Delivery
from kpis.actions.readings_flows import lock_flows, paired
from kpis.actions.readings_held import HeldSeries, guard_of
from kpis.actions.readings_judge import Case, Guard, Verdict, judge
from kpis.actions.readings_one import Recorded, record_one
from kpis.actions.readings_rounds import in_rounds
from kpis.actions.readings_series import Held, tell_series
from kpis.actions.readings_sides import attributed, lock_sides
from kpis.actions.readings_store import Row, Tellers, record_new, row_of
from kpis.actions.readings_suspect import mark_suspects
from kpis.actions.readings_told import told_of
from kpis.queries.definitions import Accepting, accepting, accepting_kept
from kpis.queries.points import Told
from kpis.queries.points_kept import is_kept
from kpis.queries.points_plan import SeriesRef
from kpis.series.definition import Definition
from service.errors import Issue

_NOT_RECORDED = Issue("", "not_recorded", "There is nothing here to take back.")
_NO_ROOM = Issue("/labels", "series_limit", "This KPI has as many label sets as it may.")


class Batch:
    """One call under way: what became of its items, by their index.

    refused: what is wrong with them. items: those taken. created: rows of what was not known, with
    `recorded_at`; judged: what became of the others, with their rows in `cases`. definitions: of the KPIs
    that take them. bound: whether a binding can show what was recorded.
    """

    def __init__(
        self, workspace_id: uuid.UUID, deliveries: Sequence[Delivery], *, correct: bool, at: datetime
    ) -> None:
        self.workspace_id, self.deliveries, self.correct, self.at = workspace_id, deliveries, correct, at
        self.refused: dict[int, tuple[Issue, ...]] = {}
        self.items: dict[int, Checked] = {}
        self.definitions: list[Definition] = []
        self.created: list[Row] = []
        self.judged: list[Verdict] = []
        self.cases: dict[int, Case] = {}
        self.bound = False
        self._held = HeldSeries(workspace_id, deliveries, at)
        self._alone: Recorded | None = None
        self._foreseen: tuple[int, dict[int, Told]] = (0, {})

    def record(self) -> None:
        """Record what can be recorded, in one round as a rule: the number of statements is that of rounds."""
        checks = self._check()
        self.refused, self.definitions = checks.refused, checks.definitions
        if self._alone is not None and self._alone.known is False:
            self._take_alone(checks.items[0], self._alone)
            return
        rounds = [checks.items]
        if len(self.deliveries) > 1 and (checks.paired or checks.banded):
            rounds = in_rounds(checks.items)
        if len(rounds) > 1:
            # Whoever locks does so in one order, so nothing is left to later rounds.
            lock_flows(checks.items, workspace_id=self.workspace_id)
            lock_sides(checks.items, workspace_id=self.workspace_id)
            self._held.hold(checks.items)
        following = sum(len(one.items) for one in self.deliveries)
        for items in rounds:
            if checks.paired:
                items = self._paired(items, following)
                following += len(items)
            self._held.hold(items)
            rows, guards = self._open(items)
            if checks.banded:
                mark_suspects(rows, items, workspace_id=self.workspace_id)
            self._sort_out(rows, guards)

    @cached_property
    def _tellers(self) -> Tellers:
        return Tellers.of([(one.feed.id, one.feed.cause) for one in self.deliveries])

    def told(self, changed: Sequence[Verdict]) -> dict[int, Told]:
        """Return what was told, by series, once it is recorded. changed: what became of what was known."""
        count, foreseen = self._foreseen
        if count == len(self.created) and not changed:
            return foreseen
        return told_of(self.created, changed, self.cases, self.items, self._held.by_id)

    def _foresee(self, rows: Sequence[Row]) -> None:
        """Work out what is told if all of it is new, as most is."""
        self._foreseen = len(rows), told_of(rows, (), {}, self.items, self._held.by_id)

    def _is_shown(self, row: Row) -> bool:
        """Whether something showed the row's series lately, and so most likely will again."""
        kpi = self.items[row.place].address.taker.kpi
        return is_kept(self.workspace_id, SeriesRef(row.series_id, kpi.measure, kpi.definition))

    def _paired(self, items: Sequence[Checked], following: int) -> list[Checked]:
        told = paired(items, workspace_id=self.workspace_id, correct=self.correct, following=following)
        return attributed(told, workspace_id=self.workspace_id, following=following + len(told))

    def _check(self) -> Checks:
        """Check the items by their KPIs.

        By the KPIs as this process remembers them where the lock finds them still so: one statement.
        """
        refs = {item.kpi for one in self.deliveries for item in one.items}
        remembered = accepting_kept(self.workspace_id, refs)
        if remembered is not None:
            checks = check_items(takers=remembered, deliveries=self.deliveries, at=self.at)
            if not (checks.refused or checks.paired) and (series := self._told(checks, remembered)):
                self._held.take(series)
                return checks
        takers = accepting(self.workspace_id, refs)
        return check_items(takers=takers, deliveries=self.deliveries, at=self.at)

    def _told(self, checks: Checks, remembered: Mapping[str, Accepting]) -> dict[Wanted, Held]:
        """Lock the series, if all are there and their KPIs as remembered; record what comes alone."""
        items = checks.items
        if len(items) == 1 and not (checks.banded or items[0].retracted):
            address = items[0].address
            feed = self.deliveries[address.delivery].feed
            self._alone = record_one(workspace_id=self.workspace_id, one=items[0], feed=feed)
            return {address.wanted: self._alone.held} if self._alone else {}
        known = {taker.kpi.kpi_id: taker for taker in remembered.values()}
        latest = latest_of(items, self.at)
        return tell_series(workspace_id=self.workspace_id, latest=latest, remembered=known)

    def _take_alone(self, one: Checked, recorded: Recorded) -> None:
        """Take over what was recorded by itself: it was its feed's to tell, and is known to be new."""
        row = row_of(recorded.held.id, one)
        row.recorded_at = recorded.recorded_at
        self.items, self.created, self.bound = {one.index: one}, [row], bool(recorded.bound)

    def _open(self, checked: Sequence[Checked]) -> tuple[list[Row], dict[int, Guard]]:
        """Return rows to be recorded in the series held, and what is guarded of them, by place."""
        opened = self._held.guards(checked)
        rows: list[Row] = []
        guards: dict[int, Guard] = {}
        for one in checked:
            place = opened.get(one.address)
            if place is None:
                self.refused[one.index] = (_NOT_RECORDED if one.retracted else _NO_ROOM,)
                continue
            series_id, guard = place
            if guard != "open" and (guard := guard_of(one, guard)) != "open":
                guards[one.index] = guard
            rows.append(row_of(series_id, one))
        self.items |= {one.index: one for one in checked}
        return rows, guards

    def _sort_out(self, rows: Sequence[Row], guards: Mapping[int, Guard]) -> None:
        """Insert what is new at one stroke; judge what is known, repeated, taken back or guarded."""
        events: list[Row] = []
        figures: list[Row] = []
        judged: list[Row] = []
        seen: set[tuple[object, ...]] = set()
        for row in rows:
            identity = row.identity
            if identity in seen or row.retracted or row.place in guards:
                judged.append(row)
            else:
                (events if row.key else figures).append(row)
            seen.add(identity)
        if events:
            judged += self._insert(events, events=True)
        if figures:
            judged += self._insert(figures, events=False)
        if judged:
            self.bound = True
            judged.sort(key=lambda row: row.place)
            cases = [
                Case(row, guards.get(row.place, "open"), self.items[row.place].follows is not None)
                for row in judged
            ]
            self.cases |= {case.row.place: case for case in cases}
            self.judged += judge(
                cases, workspace_id=self.workspace_id, correct=self.correct, tellers=self._tellers
            )

    def _insert(self, rows: list[Row], *, events: bool) -> list[Row]:
        """Insert what is new, unless that is done; return what is known."""
        if self._alone is not None and self._alone.known:
            return rows
        recorded_at, known, bound = record_new(
            workspace_id=self.workspace_id,
            rows=rows,
            events=events,
            tellers=self._tellers,
            meanwhile=partial(self._foresee, rows) if self._is_shown(rows[0]) else None,
        )
        self.bound = self.bound or bound
        created = [row for row in rows if row.place not in known] if known else rows
        for row in created:
            row.recorded_at = recorded_at
        self.created += created
        return [row for row in rows if row.place in known] if known else []
