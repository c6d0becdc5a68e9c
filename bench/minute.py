"""Ten thousand sources that are due every minute, pulled by workers as they run.

A beat and one Celery worker with its two processes, a source of figures in a process of its own, Postgres and
Valkey share this machine. Five workspaces have two thousand sources each, on fifty hosts. First all of them
are due at once, which gives the ceiling; then their own slots come for a minute, spread over it, and what has
waited longest tells whether the queue grows.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import running_figures
from bench.ground import Ground, make_ground, scalar
from bench.measure import Row
from bench.pulls import LATENCY_MS, make_sources
from config.embedded import processes
from config.embedded.children import spawn, stop
from kpis.actions.sources import DUE_KIND
from kpis.models.sources import SourceRun
from service.due import backlog, set_all_due
from service.tenancy import workspace_transaction

SOURCES, WORKSPACES = 10_000, 5
MEASURED_S, CAUGHT_UP_S, LOOK_S, LONGEST_S = 60, 120, 2.0, 300
# What waits longer than two ticks of the beat, and the slice before it, is a queue.
MOST_WAIT_S = 10
_WAITING = "SELECT count(*) FROM due WHERE kind = %s AND due_at <= %s"


def rows() -> Iterator[Row]:
    grounds = [make_ground(f"bench minute {number}") for number in range(WORKSPACES)]
    with running_figures(LATENCY_MS) as port, _workers():
        ids = {
            ground: make_sources(ground, port, SOURCES // WORKSPACES, {"every": "PT1M"}) for ground in grounds
        }
        _pull_once(ids)  # makes the series
        rate = _pull_once(ids)
        yield Row(
            "10,000 sources due at once against a minute, two worker processes",
            60 * rate / SOURCES,
            ">= 1",
            f"ceiling {60 * rate:.0f} sources a minute; load {os.getloadavg()[0]:.1f}",
        )
        # What came due meanwhile is caught up with first, if it can be.
        until = time.monotonic() + CAUGHT_UP_S
        while time.monotonic() < until and _waited() > MOST_WAIT_S / 2:
            time.sleep(LOOK_S)
        began, worst, until = datetime.now(UTC), 0.0, time.monotonic() + MEASURED_S
        while time.monotonic() < until:
            worst = max(worst, _waited())
            time.sleep(LOOK_S)
        pulled = _runs_since(began, grounds)
    yield Row(
        "seconds that the oldest of 10,000 sources due every minute has waited, over a minute",
        worst,
        f"<= {MOST_WAIT_S}",
        f"{pulled} runs in {MEASURED_S} s",
    )


def _pull_once(ids: dict[Ground, list[uuid.UUID]]) -> float:
    """Make all due at once; return how many a second were pulled until each was."""
    at = datetime.now(UTC)
    for ground, sources in ids.items():
        with workspace_transaction(ground.workspace.id):
            set_all_due(workspace_id=ground.workspace.id, kind=DUE_KIND, row_ids=sources, due_at=at)
    began = time.monotonic()
    _until(lambda: scalar(_WAITING, [DUE_KIND, at]) == 0)
    return _runs_since(at, ids) / (time.monotonic() - began)


def _waited() -> float:
    """Return the seconds that the oldest source has waited."""
    return max((waited for kind, _, waited in backlog(at=datetime.now(UTC)) if kind == DUE_KIND), default=0.0)


def _runs_since(at: datetime, grounds: Iterable[Ground]) -> int:
    found = 0
    for ground in grounds:
        with workspace_transaction(ground.workspace.id):
            found += SourceRun.objects.filter(status="succeeded", created_at__gte=at).count()
    return found


@contextmanager
def _workers() -> Iterator[None]:
    """Run a worker and a beat for the block."""
    with tempfile.TemporaryDirectory() as directory:
        logs = Path(directory)
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
        commands = {"worker": processes.worker("minute"), "beat": processes.beat(logs / "schedule")}
        children = [spawn(argv, log=logs / f"{name}.log", env=environment) for name, argv in commands.items()]
        try:
            _until(lambda: " ready." in (logs / "worker.log").read_text(errors="replace"))
            yield
        finally:
            stop(children, signal.SIGTERM, within_s=60)


def _until(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST_S
    while not seen():
        if time.monotonic() > until:
            raise TimeoutError(f"not seen within {LONGEST_S} s")
        time.sleep(0.2)
