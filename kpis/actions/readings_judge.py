"""What becomes of readings of which something is known already, item by item, in the order sent.

known          sent            refuse               correct
nothing        a reading       created              created
nothing        a retraction    refused              refused
a reading      the same        duplicate            duplicate
a reading      another         refused (conflict)   corrected
a reading      a retraction    retracted            retracted
a retraction   a reading       refused (conflict)   corrected
a retraction   a retraction    duplicate            duplicate

A feed adds to its own series only; the API may correct and retract what a feed recorded, but not add to it.
Bases, and numerators that are told by themselves, are anybody's to tell.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from kpis.actions.readings_store import RETRACTED, Known, Row, Tellers, hashed, known_of, supersede
from service.errors import Issue

_MICROSECOND = timedelta(microseconds=1)
Guard = Literal["open", "known_only", "closed"]
"""open: the feed's own series. known_only: another feed's, and the API may change but not add. closed."""

CONFLICTS = frozenset(
    {"external_id_conflict", "reading_conflict", "second_feed", "not_recorded", "series_limit"}
)
"""Codes of refusals that are about what is stored, not about what was sent: 409."""


_SECOND_FEED = "Another feed fills this series; it has one, unless its KPI says how feeds combine."


class Case(msgspec.Struct, frozen=True, gc=False):
    """A row to be judged, and what of its series its feed may do. follows: it corrects whoever asks for
    what."""

    row: Row
    guard: Guard = "open"
    follows: bool = False


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What became of a known, repeated or guarded row, and the reading that holds now (None when refused).

    place: of the row. moved_from: where an event was before, if its correction moved it in time.
    """

    place: int
    status: Literal["created", "duplicate", "corrected", "retracted", "refused"]
    now: Known | None = None
    issue: Issue | None = None
    moved_from: datetime | None = None


def judge(
    cases: Sequence[Case],
    *,
    workspace_id: uuid.UUID,
    correct: bool,
    tellers: Tellers,
) -> list[Verdict]:
    """Decide on every case, in order, and write what supersedes. The series' rows are locked."""
    now, by_place = known_of(workspace_id=workspace_id, rows=[case.row for case in cases])
    known = {case.row.identity: by_place[case.row.place] for case in cases if case.row.place in by_place}
    bench = _Bench(known, correct, now)
    verdicts = [bench.decide(case) for case in cases]
    if bench.written:
        supersede(workspace_id=workspace_id, rows=bench.written, tellers=tellers)
    return verdicts


class _Bench:
    """Decides in order; remembers what each identity became, and the rows to be written for it."""

    def __init__(self, known: dict[tuple[object, ...], Known], correct: bool, now: datetime) -> None:
        self.known, self.correct, self.now = known, correct, now
        self.written: list[Row] = []

    def decide(self, case: Case) -> Verdict:
        row = hashed(case.row)
        held = self.known.get(row.identity)
        if issue := self._objection(case, held):
            return Verdict(row.place, "refused", issue=issue)
        if held is not None and held.hash == row.hash:
            return Verdict(row.place, "duplicate", held)
        if held is not None and row.retracted:
            return self._retract(row, held)
        moved_from = None
        if held is not None and not held.retracted and held.start_at != row.start_at:
            # An event that moves in time is taken back where it was; its key goes with it.
            moved_from = held.start_at
            self._write(_taken_back(row, held))
        return Verdict(row.place, "corrected" if held else "created", self._write(row), moved_from=moved_from)

    def _objection(self, case: Case, held: Known | None) -> Issue | None:
        row = case.row
        if held is None and row.retracted:
            return Issue("", "not_recorded", "There is nothing here to take back.")
        if case.guard == "closed" or (case.guard == "known_only" and held is None):
            return Issue("", "second_feed", _SECOND_FEED)
        if held is None or row.retracted or self.correct or case.follows or held.hash == row.hash:
            return None
        said = "was taken back" if held.retracted else "was recorded with another figure"
        if row.key:
            detail = f"The external id {said}; send on_conflict=correct to correct it."
            return Issue("/external_id", "external_id_conflict", detail)
        detail = f"This period or instant {said}; send on_conflict=correct to correct it."
        return Issue("", "reading_conflict", detail)

    def _retract(self, row: Row, held: Known) -> Verdict:
        return Verdict(row.place, "retracted", self._write(_taken_back(row, held)))

    def _write(self, row: Row) -> Known:
        """Queue the row with an instant of its own, and remember it as what is known."""
        place = len(self.written)
        recorded_at = self.now + place * _MICROSECOND
        self.written.append(msgspec.structs.replace(row, place=place, recorded_at=recorded_at))
        known = Known(*row.span, recorded_at, row.retracted, row.hash)
        self.known[row.identity] = known
        return known


def _taken_back(row: Row, held: Known) -> Row:
    return Row(
        place=row.place,
        delivery=row.delivery,
        series_id=row.series_id,
        start_at=held.start_at,
        end_at=held.end_at,
        key=row.key,
        hash=RETRACTED,
        reason=row.reason,
        retracted=True,
    )
