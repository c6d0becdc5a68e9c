"""Recording runs: many of one workspace in one transaction, and in smaller ones where that fails.

A group is recorded with a handful of statements, however many its sources are: readings, runs, sources and
the ends of their claims, one commit. Claims that somebody else holds by now are left out before. Where
anything of the group fails (a defect, a datum that Postgres refuses, a deadlock, a lease lost in the last
moment) all of it is rolled back and its halves are recorded, and theirs, so that one source fails alone.

Locks are taken in one order by all: series, bindings, findings, sources, due rows.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.db import OperationalError

from kpis.actions.readings import Feed
from kpis.actions.recording import Mapped, Recorded, record_mapped
from kpis.actions.runs import OUR_FAULT, Ended, end_runs
from kpis.actions.states import refresh_feed
from kpis.actions.stretches import forget_question, go_on
from kpis.connectors import PullFailed
from service.due import LeaseLost
from service.due_many import finish_all, still_held
from service.tenancy import workspace_transaction

log = logging.getLogger(__name__)
_NOTHING = Recorded({}, [], {})


def record_runs(runs: Sequence[Ended]) -> None:
    """Record the runs. Raises nothing: what fails for one source fails for it alone."""
    of_workspace: dict[uuid.UUID, list[Ended]] = defaultdict(list)
    for run in runs:
        of_workspace[run.pull.claim.workspace_id].append(run)
    for workspace_id, mine in of_workspace.items():
        _record_some(workspace_id, [run for run in mine if not run.turns])
        # What breaks or heals colours all that it feeds, under locks in an order of its own.
        for run in mine:
            if run.turns:
                _record_alone(workspace_id, run)


def _record_some(workspace_id: uuid.UUID, runs: Sequence[Ended]) -> None:
    """Record the runs together; where that fails, each half by itself, down to the one that is at fault."""
    if len(runs) < 2:
        for run in runs:
            _record_alone(workspace_id, run)
        return
    try:
        _record(workspace_id, runs)
    except Exception as failure:
        lost = isinstance(failure, LeaseLost)
        log.log(
            logging.INFO if lost else logging.WARNING,
            "not together: %d sources",
            len(runs),
            exc_info=not lost,
        )
        half = len(runs) // 2
        _record_some(workspace_id, runs[:half])
        _record_some(workspace_id, runs[half:])


def _record_alone(workspace_id: uuid.UUID, run: Ended) -> None:
    source_id = run.pull.source.id
    try:
        _record(workspace_id, [run])
    except LeaseLost:
        log.info("lease of source %s ran out; whoever holds it now records", source_id)
    except OperationalError:
        # The lease ends by itself and the slot is pulled again.
        log.exception("could not record source %s", source_id)
    except Exception:
        log.exception("could not record source %s", source_id)
        if not isinstance(run.found, PullFailed):
            _record_alone(workspace_id, _failed(run))


def _failed(run: Ended) -> Ended:
    return replace(run, found=PullFailed(OUR_FAULT, permanent=False, ours=True), onward=None)


def _record(workspace_id: uuid.UUID, runs: Sequence[Ended]) -> None:
    """Record in one transaction those runs that are still ours. Raises LeaseLost, and whatever goes wrong."""
    with workspace_transaction(workspace_id):
        held = still_held(run.pull.claim for run in runs)
        ours = [run for run in runs if run.pull.claim.due_id in held]
        if lost := len(runs) - len(ours):
            log.info("leases of %d sources ran out; whoever holds them now records", lost)
        if not ours:
            return
        recorded = _record_readings(workspace_id, ours)
        end_runs(zip(ours, recorded, strict=True), workspace_id=workspace_id)
        for run in ours:
            _note(run)
            if run.turns:
                refresh_feed(workspace_id=workspace_id, feed_id=run.pull.source.id, at=run.pull.at)
        ended = finish_all((run.pull.claim, run.next_due_at) for run in ours)
        for run in ours:
            if run.pull.claim.due_id not in ended:
                raise LeaseLost(f"source {run.pull.source.id}")


def _note(run: Ended) -> None:
    """Note where the next pull goes on, or that there is nothing to go on with."""
    pull, source = run.pull, run.pull.source
    if run.onward is not None:
        go_on(
            workspace_id=source.workspace_id,
            source_id=source.id,
            question=source.id,
            window=pull.window,
            slot=pull.slot,
            onward=run.onward,
            at=pull.at,
        )
    elif run.anew:
        forget_question(workspace_id=source.workspace_id, question=source.id)


def _record_readings(workspace_id: uuid.UUID, runs: Sequence[Ended]) -> list[Recorded]:
    """Record what the runs found; return what became of it, run by run."""
    at = max(run.pull.at for run in runs)
    mapped = {
        run.run_id: Mapped.of(run.found, _feed(run), at=run.pull.at)
        for run in runs
        if not isinstance(run.found, PullFailed)
    }
    recorded = record_mapped(list(mapped.values()), workspace_id=workspace_id, at=at)
    by_run = dict(zip(mapped, recorded, strict=True))
    return [by_run.get(run.run_id, _NOTHING) for run in runs]


def _feed(run: Ended) -> Feed:
    source = run.pull.source
    return Feed(id=source.id, cause=run.run_id, name=source.name)
