"""Pulling: claim due sources, fetch them side by side, record what came in groups.

1. `claim_due` leases a slice of due sources, workspaces taking turns, and their settings are read.
2. An event loop beside us asks them (kpis.actions.fetching); nothing is held in the database meanwhile.
3. Whatever has come when we are free is read and recorded together (kpis.actions.runs_recorded): readings,
   runs, next slots, one transaction a workspace. Who lost the lease records nothing: readings count once.
   After an hour down a slot runs once, not sixty times, as the next slot comes from the clock, unless the
   source wants each of them (`catch_up`).
4. As soon as there is room for a slice, the next is claimed: a source that hangs takes one place, not all.

A pull ends in time whatever its source does: what has no reply by then is given back untouched. A source
whose worker was lost twice is pulled alone, after the others, and then fails: it takes no other with it.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from kpis.actions.asking import window_before
from kpis.actions.fetching import Came, Fetching, fetching
from kpis.actions.runs import OUR_FAULT, Ended, Pull, due_untried, ended
from kpis.actions.runs_recorded import record_runs
from kpis.actions.sources import DUE_KIND, asked_slot
from kpis.connectors import PullFailed
from kpis.queries.pulled import sources_to_pull
from kpis.queries.stretches import begun_questions
from service.due import Claim, claim_due
from service.due_many import defer_all, finish_all
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
SLICE = 50
# Sources under way at a time, claimed and not yet recorded.
PLACES = 4 * SLICE
# Well inside the task's time limit, so that what came is recorded and the rest given back.
SLICE_S = 30.0
# When the last slice of a task begins: with that slice's time it is well inside the limit, too.
SLICES_S = 15.0
# How long a task that waits for replies leaves what becomes due meanwhile.
LOOK_S = 1.0
# What is recorded in one transaction at most.
GROUP, GROUP_READINGS = 100, 5_000
# Claims without a recorded run in between are workers that were lost: then alone.
ALONE_AFTER = 2


def pull_slices(*, clock: Callable[[], datetime]) -> bool:
    """Pull slice after slice; return True if there is more when the time is up."""
    ends = time.monotonic() + SLICES_S
    return _Pulling(clock, lambda: time.monotonic() <= ends).work()


def pull_due_sources(*, at: datetime) -> int:
    """Pull up to SLICE due sources and return how many were claimed."""
    pulling = _Pulling(lambda: at, lambda: False)
    pulling.work()
    return pulling.claimed


class _Pulling:
    """One task's work. goes_on: whether a slice may follow the first."""

    def __init__(self, clock: Callable[[], datetime], goes_on: Callable[[], bool]) -> None:
        self.clock, self.goes_on = clock, goes_on
        self.claimed = 0
        self.ends = 0.0  # of the monotonic clock: what is not read by then is given back
        self.more = False  # the last slice was full
        self.looks_at = 0.0  # of the monotonic clock: when to claim again though the last slice was not
        self.alone: list[Pull] = []

    def work(self) -> bool:
        """Pull until nothing is due, or may not go on; return whether there is more."""
        self.ends = time.monotonic() + SLICES_S + SLICE_S
        pulls = self.claim()
        if not pulls and not self.alone:
            return self.more
        with fetching() as fetched:
            fetched.begin(pulls, within_s=SLICE_S)
            while fetched.under_way or self.claims(fetched):
                if self.claims(fetched):
                    fetched.begin(self.claim(), within_s=SLICE_S)
                self.record(fetched.take(timeout_s=LOOK_S if fetched.under_way else 0))
            for pull in self.alone:
                fetched.begin([pull], within_s=min(SLICE_S, self.ends - time.monotonic()))
                while fetched.under_way:
                    self.record(fetched.take(timeout_s=LOOK_S))
        return self.more

    def claims(self, fetched: Fetching) -> bool:
        """Whether to claim a slice now."""
        if fetched.under_way > PLACES - SLICE or not self.goes_on():
            return False
        return self.more or (fetched.under_way > 0 and time.monotonic() >= self.looks_at)

    def claim(self) -> list[Pull]:
        """Claim a slice; return what of it may be pulled side by side, and put the rest by."""
        at = self.clock()
        claims = claim_due(kind=DUE_KIND, limit=SLICE, lease=LEASE, at=at)
        self.claimed += len(claims)
        self.more = len(claims) == SLICE
        self.looks_at = time.monotonic() + LOOK_S
        pulls = _load(claims, at)
        self.alone += [pull for pull in pulls if pull.claim.attempts > ALONE_AFTER]
        return [pull for pull in pulls if pull.claim.attempts <= ALONE_AFTER]

    def record(self, came: Sequence[Came]) -> None:
        """Read what came and record it, some at a time; give back what has no reply, or is held back."""
        runs: list[Ended] = []
        later: list[tuple[Claim, datetime]] = []
        readings = 0
        for pull, reply in came:
            due_at = due_untried(pull.claim, reply)
            if reply is None or due_at is not None or time.monotonic() > self.ends:
                later.append((pull.claim, due_at or pull.claim.due_at))
                continue
            try:
                run = ended(pull, reply)
            except Exception:
                log.exception("could not read source %s", pull.source.id)
                run = ended(pull, PullFailed(OUR_FAULT, permanent=False, ours=True))
            runs.append(run)
            readings += 0 if isinstance(run.found, PullFailed) else len(run.found.items)
            if len(runs) == GROUP or readings >= GROUP_READINGS:
                record_runs(runs)
                runs, readings = [], 0
        record_runs(runs)
        defer_all(later)


def _load(claims: Sequence[Claim], at: datetime) -> list[Pull]:
    """Return the sources of claims, read with one statement a workspace; what is gone or off is dropped."""
    of_workspace: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_workspace[claim.workspace_id].append(claim)
    pulls: list[Pull] = []
    for workspace_id, some in of_workspace.items():
        with workspace_transaction(workspace_id):
            sources = sources_to_pull(workspace_id, [claim.row_id for claim in some])
            # One that was enabled or archived meanwhile is somebody else's already.
            finish_all((claim, None) for claim in some if claim.row_id not in sources)
            goes_on = [source.id for source in sources.values() if source.goes_on]
            begun = begun_questions(workspace_id, goes_on, at=at) if goes_on else {}
        for claim in some:
            if (source := sources.get(claim.row_id)) is None:
                continue
            if (question := begun.get(source.id)) is not None:
                pulls.append(Pull(claim, source, question.slot, at, question.window))
            else:
                slot = asked_slot(source, at)
                pulls.append(Pull(claim, source, slot, at, window_before(source, slot)))
    return pulls
