"""Two beats and three workers, real processes on the test's servers: no slot of a source is pulled twice."""

from __future__ import annotations

import os
import signal
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.embedded import processes
from config.embedded.children import spawn, stop
from kpis.actions.sources import DUE_KIND
from kpis.models.sources import Source, SourceRun
from service.due import set_all_due
from service.ids import new_id
from tests.conftest import Tenant
from tests.kpis.peers import Peer
from tests.kpis.test_sources import body_of, kpi, peer
from tests.stories.running import until

__all__ = ["kpi", "peer"]  # fixtures
pytestmark = pytest.mark.story

SOURCES, RUNS = 12, 72


def make_sources(tenant: Tenant, peer: Peer) -> None:
    """Sources of a slot each second, that want each of them and tell which it is."""
    at = datetime.now(UTC)
    told = body_of(peer.url)
    rows = [
        Source(
            id=new_id(),
            workspace_id=tenant.workspace.id,
            created_at=at,
            updated_at=at,
            name=f"Source {number}",
            type=told["type"],
            config={"url": f"{peer.base}/{number}?until={{end_epoch}}"},
            mappings=[
                {**mapping, "labels": {"source": {"const": str(number)}}} for mapping in told["mappings"]
            ],
            schedule={"every": "PT1S"},
            catch_up="all",
        )
        for number in range(SOURCES)
    ]
    with tenant.enter():
        Source.objects.bulk_create(rows)
    set_all_due(workspace_id=tenant.workspace.id, kind=DUE_KIND, row_ids=[row.id for row in rows], due_at=at)


def test_two_beats_and_three_workers_never_pull_a_slot_twice(
    tenant: Tenant, peer: Peer, kpi: str, tmp_path: Path
) -> None:
    make_sources(tenant, peer)
    # Unbuffered, as beat prints that it has started.
    own = {"REDIS_PREFIX": f"workers-{uuid.uuid4().hex[:8]}:", "PYTHONUNBUFFERED": "1"}
    environment = {**os.environ, **own}
    commands = {f"worker-{number}": processes.worker(f"w{number}") for number in range(3)}
    commands |= {f"beat-{number}": processes.beat(tmp_path / f"beat-{number}") for number in range(2)}
    children = {
        name: spawn(argv, log=tmp_path / f"{name}.log", env=environment) for name, argv in commands.items()
    }

    def runs() -> list[SourceRun]:
        with tenant.enter():
            return list(SourceRun.objects.all())

    def log(name: str) -> str:
        return (tmp_path / f"{name}.log").read_text(errors="replace")

    try:
        for name in commands:
            sign = " ready." if name.startswith("worker") else "is starting."
            until(f"{name} has started", lambda name=name, sign=sign: sign in log(name), 120)
        until(f"{RUNS} runs", lambda: len(runs()) >= RUNS, 120)
    finally:
        stop(list(children.values()), signal.SIGTERM, within_s=60)
    found = runs()
    slots = Counter((run.source_id, run.slot_at) for run in found)
    assert max(slots.values()) == 1
    assert Counter(run.status for run in found) == {"succeeded": len(found)}
    # Nor was one asked for twice: each run is one call.
    asked = Counter(asked["path"] for asked in peer.asked)
    assert (max(asked.values()), len(asked)) == (1, len(found))
    assert {run.source_id for run in found} == {
        run.source_id for run in found if run.counts == {"created": 1}
    }
