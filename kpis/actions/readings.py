"""The one door for readings: by hand, in batches, from sources and from webhooks.

1. Each item is checked by its KPI's definition; what is wrong is refused with pointers, the rest goes on.
2. Series are found or made, then locked in the order of their ids; only then is the clock read, so
   `recorded_at` only grows per series.
3. What is new is inserted by one statement; what is known is judged item by item: a duplicate, a conflict, a
   correction, a retraction. Nothing is ever changed: a later row of the same identity supersedes.
4. Days of events are marked dirty for the rollups, and what is bound to the series is worked out anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from kpis.actions.readings_check import Checked, check_items, latest_of
from kpis.actions.readings_flows import paired
from kpis.actions.readings_judge import Case, Guard, Verdict, judge
from kpis.actions.readings_series import Held, Wanted, adopt_series, create_series, find_series, tell_series
from kpis.actions.readings_sides import attributed
from kpis.actions.readings_store import Known, Row, record_new, row_of
from kpis.actions.readings_suspect import mark_suspects
from kpis.actions.readings_told import days_of, told_of
from kpis.actions.rollups_dirty import mark_dirty
from kpis.actions.states import refresh_bindings
from kpis.queries.definitions import accepting, accepting_kept
from kpis.series.finding import Cause
from kpis.series.reading_id import ReadingRef, reading_id
from kpis.series.reading_in import ReadingIn
from service.errors import Issue

OnConflict = Literal["refuse", "correct"]
Status = Literal["created", "duplicate", "corrected", "retracted", "refused"]


@dataclass(frozen=True, slots=True)
class Feed:
    """Where readings come from. id: source or endpoint, None for the API. cause: run, event or credential.

    backfill: one part of many that are loaded or read again; findings wait for the last
    (kpis.actions.findings_due.appoint_settling).
    """

    id: uuid.UUID | None
    cause: uuid.UUID | None
    name: str
    backfill: bool = False


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of the item at `index`. ref: of the reading, None when refused; issues: why it was."""

    index: int
    status: Status
    ref: ReadingRef | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def id(self) -> str | None:
        """The reading's id, written when somebody asks: feeds do not."""
        return None if self.ref is None else reading_id(self.ref)


def record_readings(
    *,
    workspace_id: uuid.UUID,
    items: Sequence[ReadingIn],
    feed: Feed,
    on_conflict: OnConflict,
    at: datetime,
) -> list[Outcome]:
    """Record what can be recorded of `items`; return one outcome per item, in their order.

    Runs in the caller's transaction, once in it (it locks). on_conflict: whether another figure for what is
    known is refused, or corrects it. Refusals raise nothing; a caller that wants all or nothing rolls back.
    """
    batch = _Batch(workspace_id, feed, on_conflict == "correct")
    checked, refused, series = batch.hold(items, at)
    outcomes = {index: Outcome(index, "refused", issues=issues) for index, issues in refused.items()}
    cases = batch.open(checked, series, outcomes)
    verdicts = batch.record(cases)
    by_index = {one.index: one for one in checked}
    for verdict in verdicts:
        outcomes[verdict.place] = _outcome(verdict, cases[verdict.place].row)
    changed = [verdict for verdict in verdicts if verdict.status not in ("duplicate", "refused")]
    if changed:
        mark_dirty(workspace_id=workspace_id, days=days_of(changed, cases, by_index), at=at)
        told = told_of(changed, cases, by_index, batch.held)
        new = all(verdict.status == "created" for verdict in changed)
        cause: Cause = "backfill" if feed.backfill else "reading" if new else "correction"
        if batch.bound:
            refresh_bindings(workspace_id=workspace_id, series_ids=told.keys(), told=told, cause=cause, at=at)
    return [outcomes[index] for index in range(len(items))]


Opening = tuple[Sequence[Checked], Mapping[int, tuple[Issue, ...]], Mapping[Wanted, Held]]
"""The items that are taken, by index what is wrong with the others, and the series, locked."""


@dataclass(slots=True)
class _Batch:
    """One call under way: who writes, whether they correct, and the series that they hold.

    held: by id. bound: whether a binding can show what was recorded. Both are found out on the way.
    """

    workspace_id: uuid.UUID
    feed: Feed
    correct: bool
    held: Mapping[int, Held] = field(default_factory=dict)
    bound: bool = False

    def hold(self, items: Sequence[ReadingIn], at: datetime) -> Opening:
        """Check the items by their KPIs and lock their series, which are found or made.

        By the KPIs as this process remembers them where the lock finds them still so: one statement.
        """
        refs = {item.kpi for item in items}
        remembered = accepting_kept(self.workspace_id, refs)
        if remembered is not None:
            checked, refused = check_items(takers=remembered, items=items, at=at)
            if not refused and not any(
                one.sided or one.address.taker.kpi.definition.stocked for one in checked
            ):
                known = {taker.kpi.kpi_id: taker for taker in remembered.values()}
                latest = latest_of(checked, at, self.feed.id)
                if series := tell_series(workspace_id=self.workspace_id, latest=latest, remembered=known):
                    return checked, refused, series
        checked, refused = check_items(takers=accepting(self.workspace_id, refs), items=items, at=at)
        checked = paired(checked, workspace_id=self.workspace_id, correct=self.correct)
        checked = attributed(checked, workspace_id=self.workspace_id, feed_id=self.feed.id)
        return checked, refused, self._hold(checked, at)

    def open(
        self, checked: Sequence[Checked], series: Mapping[Wanted, Held], outcomes: dict[int, Outcome]
    ) -> dict[int, Case]:
        """Return the items by index as cases to be recorded in the series held."""
        self.held = {held.id: held for held in series.values()}
        feed_id, addresses = self.feed.id, {one.address for one in checked}
        found = {one: held for one in addresses if (held := series.get(one.wanted(feed_id))) is not None}
        if self.feed.id is not None and any(held.feed_id is None for held in found.values()):
            telling = {one.address for one in checked if not one.based}
            free = {held.id for one, held in found.items() if held.feed_id is None and one in telling}
            adopt_series(workspace_id=self.workspace_id, series_ids=free, feed_id=self.feed.id)
        opened = {one: (held.id, self._guard(held.feed_id)) for one, held in found.items()}
        cases: dict[int, Case] = {}
        for one in checked:
            place = opened.get(one.address)
            if place is None:
                issue = _NOT_RECORDED if one.retracted else _NO_ROOM
                outcomes[one.index] = Outcome(one.index, "refused", issues=(issue,))
                continue
            series_id, guard = place
            row = row_of(one.index, series_id, one.observed, reason=one.reason, retracted=one.retracted)
            guard = "open" if one.based else guard
            if one.follows in ("new", "known") and guard == "known_only":
                guard = "open" if one.follows == "known" else "closed"
            cases[one.index] = Case(row, guard, one.follows is not None)
        mark_suspects([case.row for case in cases.values()], checked, workspace_id=self.workspace_id)
        return cases

    def _hold(self, checked: Sequence[Checked], at: datetime) -> dict[Wanted, Held]:
        """Lock the series, once those are made that are not there; what is only taken back makes none."""
        latest = latest_of(checked, at, self.feed.id)
        if not latest:
            return {}
        if series := tell_series(workspace_id=self.workspace_id, latest=latest):
            return series
        there = find_series(workspace_id=self.workspace_id, wanted=latest)
        told = {one.address for one in checked if not one.retracted}
        if missing := {address.wanted(self.feed.id) for address in told} - there.keys():
            limits = {one.taker.kpi.kpi_id: one.taker.series_limit for one in told}
            # A series that a base begins is nobody's yet: who tells the flows adopts it.
            owner = None if any(one.based for one in checked) else self.feed.id
            there |= create_series(
                workspace_id=self.workspace_id, wanted=missing, limits=limits, feed_id=owner, at=at
            )
        latest = {wanted: start for wanted, start in latest.items() if wanted in there}
        return tell_series(workspace_id=self.workspace_id, latest=latest) if latest else {}

    def _guard(self, owner: uuid.UUID | None) -> Guard:
        if owner is None or owner == self.feed.id:
            return "open"
        return "known_only" if self.feed.id is None else "closed"

    def record(self, cases: Mapping[int, Case]) -> list[Verdict]:
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
        verdicts: list[Verdict] = []
        for events, rows in fresh.items():
            if rows:
                created, known = self._insert(rows, events)
                verdicts += created
                judged += [cases[place] for place in known]
        if judged:
            self.bound = True
            judged.sort(key=lambda case: case.row.place)
            verdicts += judge(
                judged,
                workspace_id=self.workspace_id,
                correct=self.correct,
                feed_id=self.feed.id,
                cause=self.feed.cause,
            )
        return verdicts

    def _insert(self, rows: list[Row], events: bool) -> tuple[list[Verdict], set[int]]:
        recorded_at, known, bound = record_new(
            workspace_id=self.workspace_id,
            rows=rows,
            events=events,
            feed_id=self.feed.id,
            cause=self.feed.cause,
        )
        self.bound = self.bound or bound
        created = [
            Verdict(row.place, "created", Known(*row.span, recorded_at, False, row.hash))
            for row in rows
            if row.place not in known
        ]
        return created, known


_NOT_RECORDED = Issue("", "not_recorded", "There is nothing here to take back.")
_NO_ROOM = Issue("/labels", "series_limit", "This KPI has as many label sets as it may.")


def _outcome(verdict: Verdict, row: Row) -> Outcome:
    now = verdict.now
    if now is None:
        return Outcome(row.place, "refused", issues=(verdict.issue,) if verdict.issue else ())
    ref = ReadingRef(row.series_id, now.start_at, now.end_at, now.recorded_at, row.key)
    return Outcome(row.place, verdict.status, ref)
