"""Runs of sources: what a pull came to, and what follows from it for the source and its next slot."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import msgspec
from django.db import transaction

from kpis.actions.recording import Recorded
from kpis.actions.replies import Reply, read_reply
from kpis.actions.sources import next_slot
from kpis.connectors import Fetched, Onward, PullFailed, Window
from kpis.connectors.mapping import Extract
from kpis.models.sources import SourceRun
from kpis.queries.pulled import Pulled
from kpis.queries.sql import execute, statement
from kpis.series.exact import encode
from kpis.series.told_again import Repeats
from service.backoff import next_attempt_at, parse_retry_after
from service.due import Claim
from service.ids import new_id
from service.telemetry import counter

log = logging.getLogger(__name__)
_END = statement("end_runs")
_pulls = counter("pulls", "Sources pulled.", ("status",))
# So many failed runs in a row make the source, and the figures that it feeds, broken, and open its circuit.
BROKEN_AFTER = 3
# The first wait after a failure, doubled with each: of a source as it is, and of one whose circuit is open.
WAIT_S, OPEN_WAIT_S, LONGEST_WAIT_S = 10, 60, 3600
OUR_FAULT = "The service failed at this run; its log says why."


@dataclass(frozen=True, slots=True)
class Pull:
    """A source claimed at `at`, asked about the time up to `slot`; `began` is of the monotonic clock.

    window: what it is asked about, and where that goes on.
    """

    claim: Claim
    source: Pulled
    slot: datetime
    at: datetime
    window: Window
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Ended:
    """A pull with what was found, or why there is nothing. run_id: of the run that it will be.

    onward: where the next pull goes on, None where nothing is left to read.
    """

    pull: Pull
    found: Extract | PullFailed
    finished_at: datetime
    onward: Onward | None = None
    run_id: uuid.UUID = field(default_factory=new_id)

    @property
    def failures(self) -> int:
        """Failed runs in a row, with this one."""
        return self.pull.source.failures + 1 if isinstance(self.found, PullFailed) else 0

    @property
    def hopeless(self) -> bool:
        """Whether it failed in a way, or so often, that the source is broken."""
        return isinstance(self.found, PullFailed) and (self.found.permanent or self.failures >= BROKEN_AFTER)

    @property
    def broken(self) -> bool:
        """Whether the source is broken now: until a run is good."""
        return isinstance(self.found, PullFailed) and (self.pull.source.broken or self.hopeless)

    @property
    def turns(self) -> bool:
        """Whether the source breaks, or is well again: as it was loaded, as only runs change that."""
        return self.broken != self.pull.source.broken

    @property
    def circuit_opened_at(self) -> datetime | None:
        if not isinstance(self.found, PullFailed):
            return None
        return self.pull.source.circuit_opened_at or (self.pull.at if self.hopeless else None)

    @property
    def anew(self) -> bool:
        """Whether a question that took several pulls is over: answered, or not to be gone on with."""
        hopeless = isinstance(self.found, PullFailed) and (self.found.permanent or self.found.ours)
        return self.pull.source.goes_on and (hopeless or self.answered)

    @property
    def answered(self) -> bool:
        return self.onward is None and not isinstance(self.found, PullFailed)

    @property
    def next_due_at(self) -> datetime:
        source, at = self.pull.source, self.pull.at
        if self.onward is not None:
            return at
        if not isinstance(self.found, PullFailed):
            return next_slot(source, at if source.catch_up == "latest" else self.pull.slot)
        first_s = WAIT_S if self.circuit_opened_at is None else OPEN_WAIT_S
        again = wait_after(self.found, self.failures, seed=str(source.id), first_s=first_s, at=at)
        # What will not heal by itself keeps to its slots.
        return max(again, next_slot(source, at)) if self.found.permanent else again


def ended(pull: Pull, reply: Fetched | PullFailed) -> Ended:
    """Read the reply of a pull."""
    read = read_reply(pull.source, reply)
    took = timedelta(seconds=time.monotonic() - pull.began)
    if isinstance(read, Reply):
        return Ended(pull, read.found, pull.at + took, read.onward)
    return Ended(pull, read, pull.at + took)


def due_untried(claim: Claim, reply: Fetched | PullFailed | None) -> datetime | None:
    """Return when a source is due that was not asked in full: it had no reply in time, or its host a pause.

    None for one that was, well or badly: that is a run.
    """
    if reply is None:
        return claim.due_at
    return reply.held_until if isinstance(reply, PullFailed) else None


def wait_after(
    failure: PullFailed, failures: int, *, seed: str, at: datetime, first_s: int = WAIT_S
) -> datetime:
    """Return when to try again after `failures` in a row: soon and then later, never before Retry-After."""
    wait = parse_retry_after(failure.retry_after, at) if failure.retry_after else None
    return next_attempt_at(at, failures, seed=seed, base_s=first_s, cap_s=LONGEST_WAIT_S, retry_after_s=wait)


class _Row(msgspec.Struct, frozen=True, gc=False):
    """A run, and its source after it, by the columns that the statement unpacks."""

    id: uuid.UUID
    source_id: uuid.UUID
    slot_at: datetime
    created_at: datetime
    finished_at: datetime
    status: str
    error: str
    counts: dict[str, int]
    repeats: Repeats
    issues: list[dict[str, str]]
    failures: int
    circuit_opened_at: datetime | None
    broken: bool
    pulled_to: datetime | None


def end_runs(runs: Iterable[tuple[Ended, Recorded]], *, workspace_id: uuid.UUID) -> None:
    """Store runs of one workspace with one statement, and their sources as they are now; count the runs."""
    rows = [_row(run, recorded) for run, recorded in runs]
    execute(_END, {"workspace": workspace_id, "runs": encode(rows).decode()})
    for row in rows:
        transaction.on_commit(_pulls.labels(row.status).inc)


def _row(run: Ended, recorded: Recorded) -> _Row:
    pull, failed = run.pull, isinstance(run.found, PullFailed)
    return _Row(
        id=run.run_id,
        source_id=pull.source.id,
        slot_at=pull.claim.due_at if pull.source.catch_up == "latest" else pull.slot,
        created_at=pull.at,
        finished_at=run.finished_at,
        status="failed" if failed else "succeeded",
        error=str(run.found)[:1000] if failed else "",
        counts=recorded.counts,
        repeats=recorded.repeats,
        issues=recorded.issues,
        failures=run.failures,
        circuit_opened_at=run.circuit_opened_at,
        broken=run.broken,
        pulled_to=None if failed or run.onward is not None else pull.slot,
    )


def store_run(run: SourceRun) -> None:
    """Store a run of a backfill that came to its end, and count it."""
    run.save(force_insert=True)
    transaction.on_commit(partial(_pulls.labels(run.status).inc))
