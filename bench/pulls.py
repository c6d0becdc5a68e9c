"""Pulls: sources that answer a small JSON after 50 ms, on 50 hosts, one new figure of a series each.

Each contender is one process and a sink of its own. Ours is what a worker's task does, from the claim to the
run that is told: fetched, mapped, checked, recorded. The peer is one Celery task per source with a pooled
client, which upserts one row by Django's ORM; the task is run in this process (`apply`), one after the other
as a worker process does, so that the broker and the enqueueing, which are its cost alone, are left out. The
limit is a bare aiohttp fan-out that keeps a hundred in flight and forgets what it is told.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import aiohttp

from bench.figures import HOSTS, running_figures
from bench.ground import Ground, make_ground
from bench.live import post
from bench.measure import Row, interleaved
from bench.peers.models import PeerKpi, PeerMap, PeerStage, PeerTouchpoint
from bench.peers.pulls import pull_one
from kpis.actions import pulling
from kpis.actions.sources import DUE_KIND
from kpis.models.sources import Source, SourceRun
from service.due import set_all_due
from service.ids import new_id
from service.tenancy import workspace_transaction

SOURCES, PEER_SOURCES, KPIS, LATENCY_MS = 500, 20, 50, 50
IN_FLIGHT = 100
# 10,000 sources that are due every minute.
DEMAND_S = 10_000 / 60


def rows() -> Iterator[Row]:
    ground = make_ground("bench pulls")
    with running_figures(LATENCY_MS) as port:
        ids = make_sources(ground, port, SOURCES, {"every": "PT1H"})
        peers = _peer_kpis()
        messages = itertools.count()
        spent = interleaved(
            {
                "ours": lambda: _pull_all(ground, ids, messages),
                "peer": lambda: _pull_one_by_one(port, peers),
                "limit": lambda: asyncio.run(_fetch_all(port)),
            },
            rounds=3,
            repeats=1,
        )
    rate = {name: 1000 / spent[name] for name in spent}
    ours, peer, limit = rate["ours"] * SOURCES, rate["peer"] * PEER_SOURCES, rate["limit"] * SOURCES
    yield Row(
        "pulls a second at 50 ms against one Celery task per source with a pooled client, a process each",
        ours / peer,
        ">= 8",
        f"{ours:.0f}/s ours, {peer:.0f}/s peer",
    )
    yield Row(
        "the same against a bare aiohttp fan-out that records nothing",
        ours / limit,
        ">= 0.4",
        f"{ours:.0f}/s ours, {limit:.0f}/s bare",
    )
    yield Row(
        "what one worker process pulls against 10,000 sources due every minute",
        ours / DEMAND_S,
        ">= 1",
        f"ceiling {ours * 60:.0f} sources a minute; {DEMAND_S:.0f}/s are due",
    )
    with workspace_transaction(ground.workspace.id):
        told = SourceRun.objects.filter(status="succeeded", counts__created=1).count()
    yield Row(
        "broker messages per 1,000 readings of one figure a pull",
        1000 * next(messages) / told,
        "<= 10",
        f"{told} readings",
    )


def make_sources(ground: Ground, port: int, count: int, schedule: dict[str, str]) -> list[uuid.UUID]:
    """Make sources of one figure each, on HOSTS hosts, and the KPIs that they feed; return their ids."""
    for number in range(KPIS):
        key = f"p-{number}"
        post(ground, "/v1/kpis", {"key": key, "name": key, "kind": "count", "period": "day"})
    at = datetime.now(UTC)
    rows = [
        Source(
            id=new_id(),
            workspace_id=ground.workspace.id,
            created_at=at,
            updated_at=at,
            name=f"Source {number}",
            type="http_json",
            config={"url": f"http://127.0.0.{1 + number % HOSTS}:{port}/ours-{number}"},
            mappings=[_mapping(number)],
            schedule=schedule,
        )
        for number in range(count)
    ]
    with workspace_transaction(ground.workspace.id):
        Source.objects.bulk_create(rows)
    return [row.id for row in rows]


def _mapping(number: int) -> dict[str, object]:
    labels = {"source": {"const": str(number // KPIS)}}
    day = {"kpi": f"p-{number % KPIS}", "items": "$.data[*]", "value": "$.v", "period": "$.day"}
    return {**day, "labels": labels}


def _pull_all(ground: Ground, ids: list[uuid.UUID], messages: Iterator[int]) -> None:
    with workspace_transaction(ground.workspace.id):
        set_all_due(workspace_id=ground.workspace.id, kind=DUE_KIND, row_ids=ids, due_at=datetime.now(UTC))
    next(messages)
    while pulling.pull_slices(clock=lambda: datetime.now(UTC)):
        next(messages)


def _pull_one_by_one(port: int, kpis: list[int]) -> None:
    for number, kpi in enumerate(kpis):
        pull_one.apply((f"http://127.0.0.{1 + number % HOSTS}:{port}/peer-{number}", kpi))


async def _fetch_all(port: int) -> None:
    turns = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        async with turns:
            url = f"http://127.0.0.{1 + number % HOSTS}:{port}/bare-{number}"
            async with http.get(url) as response:
                await response.json()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        await asyncio.gather(*(one(number) for number in range(SOURCES)))


def _peer_kpis() -> list[int]:
    stage = PeerStage.objects.create(map=PeerMap.objects.create(name="pulls"), name="s", goal="", place=0)
    point = PeerTouchpoint.objects.create(stage=stage, name="t", content={}, place=0)
    names = [f"p-{n}" for n in range(PEER_SOURCES)]
    return [PeerKpi.objects.create(touchpoint=point, name=name, unit="count").pk for name in names]
