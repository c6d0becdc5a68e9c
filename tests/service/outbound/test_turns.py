"""Turns of hosts, shared by processes through a real Valkey. Two HostTurns are two processes to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings

from service.ids import new_id
from service.outbound import Caller, HeldBack, HostTurns, NoTurn, OutboundSession, Policy, calling_for
from service.outbound.turns import Wish
from tests.service.outbound.servers import answer, says, serving

DEMO = Policy(allow_loopback=True)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def host() -> str:
    """One that nobody else calls."""
    return f"{new_id().hex}.example"


@pytest.fixture(autouse=True)
def bounds(settings: Any) -> None:
    settings.OUTBOUND_HOST_CALLS, settings.OUTBOUND_HOST_RATE = 3, 1000


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 30))


def kept(host: str) -> dict[bytes, float]:
    """The turns of a host that are taken, with when each ends by itself."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    key = f"{settings.REDIS_PREFIX}host:turns::{host}"
    assert not client.exists(key) or client.pttl(key) > 0
    return dict(client.zrange(key, 0, -1, withscores=True))


def test_processes_share_the_bound_of_a_host_and_all_have_their_turn(host: str) -> None:
    under_way, most, done = 0, 0, [0, 0]

    async def call(turns: HostTurns, number: int) -> None:
        nonlocal under_way, most
        async with turns.turn(host):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            done[number] += 1

    async def story() -> None:
        async with HostTurns() as one, HostTurns() as other:
            await asyncio.gather(*(call(turns, n) for n, turns in enumerate((one, other)) for _ in range(20)))

    run(story())
    assert (most <= 3, done) == (True, [20, 20])
    assert kept(host) == {}


def test_turns_of_a_process_that_is_killed_end_by_themselves(host: str) -> None:
    async def story() -> None:
        killed = HostTurns()
        async with AsyncExitStack() as held, HostTurns() as other:
            await killed.__aenter__()
            for _ in range(3):
                await held.enter_async_context(killed.turn(host))
            killed._work.cancel()  # it gives nothing back from here on
            waits = asyncio.create_task(other.turn(host).__aenter__())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waits), 0.2)
            client = redis.Redis.from_url(settings.REDIS_URL)
            now = client.time()[0]
            assert all(now < ends <= now + 32 for ends in kept(host).values())
            # As if its time had come.
            key = f"{settings.REDIS_PREFIX}host:turns::{host}"
            client.zadd(key, dict.fromkeys(kept(host), now - 1))
            await waits
            assert len(kept(host)) == 1

    run(story())


def test_a_process_that_asks_too_has_its_share(host: str) -> None:
    """Who held all turns gives one back and wants another: it goes to the process that has none."""

    async def story() -> None:
        one, other = HostTurns(), HostTurns()  # asked by hand, so that the order is known
        one._thread = other._thread = ThreadPoolExecutor(1)
        mine = [wish(host) for _ in range(4)]
        theirs = wish(host)
        await one._ask(mine)
        assert [w.answer.done() for w in mine] == [True, True, True, False]
        await other._ask([theirs])
        assert not theirs.answer.done()
        one._give_back(mine[0])
        await one._ask(mine[3:])
        assert not mine[3].answer.done()  # two of three are its own already
        await other._ask([theirs])
        assert theirs.answer.done()
        one._give_back(mine[1])
        await one._ask(mine[3:])
        assert mine[3].answer.done()
        one._thread.shutdown()

    def wish(host: str) -> Wish:
        return Wish(host, None, new_id().hex, asyncio.get_running_loop().create_future())

    run(story())


def test_a_host_is_called_so_many_times_a_second(host: str, settings: Any) -> None:
    settings.OUTBOUND_HOST_CALLS, settings.OUTBOUND_HOST_RATE = 100, 1e-4
    done = []

    async def call(turns: HostTurns) -> None:
        async with turns.turn(host):
            done.append(1)

    async def story() -> None:
        async with HostTurns() as one, HostTurns() as other:
            calls = [asyncio.create_task(call(turns)) for turns in (one, other) for _ in range(3)]
            await asyncio.wait(calls, return_when="FIRST_COMPLETED")
            _, waiting = await asyncio.wait(calls, timeout=0.2)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    run(story())
    assert done == [1]


def test_a_call_that_is_given_up_keeps_no_turn(host: str) -> None:
    async def story() -> None:
        async with HostTurns() as turns:
            for _ in range(20):
                tasks = [asyncio.create_task(turns.turn(host).__aenter__()) for _ in range(5)]
                await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            async with turns.turn(host), turns.turn(host), turns.turn(host):
                assert len(kept(host)) <= 3

    run(story())
    assert kept(host) == {}


def test_who_has_little_patience_is_told_that_there_is_no_turn(host: str) -> None:
    async def story() -> None:
        async with HostTurns() as busy, HostTurns(patience_s=0.05) as hasty:
            async with busy.turn(host), busy.turn(host), busy.turn(host):
                with pytest.raises(NoTurn) as told, calling_for(Caller("x", NOW)):
                    await hasty.turn(host).__aenter__()
                assert NOW < told.value.until < NOW + timedelta(seconds=30)
            async with busy.turn(host):  # what the other wanted is not kept for it
                assert len(kept(host)) == 1

    run(story())
    assert kept(host) == {}


def test_a_pause_holds_for_its_caller_in_all_processes(host: str) -> None:
    ours, theirs, until = new_id().hex, new_id().hex, NOW + timedelta(seconds=60)

    async def held_until(turns: HostTurns, caller: Caller) -> datetime | None:
        with calling_for(caller):
            try:
                async with turns.turn(host):
                    return None
            except HeldBack as held:
                return held.until.replace(microsecond=0)

    async def story() -> None:
        async with HostTurns() as one:
            with calling_for(Caller(ours, NOW)):
                one.pause(host, 60.0)
            assert await held_until(one, Caller(ours, NOW)) == until
        async with HostTurns() as other:
            assert await held_until(other, Caller(theirs, NOW)) is None
            for _ in range(2):
                assert await held_until(other, Caller(ours, NOW + timedelta(seconds=30))) == until
            assert await held_until(other, Caller(ours, NOW + timedelta(seconds=61))) is None

    run(story())


@pytest.mark.parametrize("asked", [{"Retry_After": "100"}, {"X_RateLimit_Reset": "100"}])
def test_what_a_host_answers_pauses_it(host: str, asked: dict[str, str]) -> None:
    busy = says(answer(status="503 Service Unavailable", **asked))

    async def story() -> None:
        async with serving(busy) as served, HostTurns() as turns, OutboundSession(DEMO, turns=turns) as http:
            url = f"http://127.0.0.1:{served.port}/"
            with calling_for(Caller(host, NOW)):
                assert (await http.fetch("GET", url)).status == 503
                with pytest.raises(HeldBack):
                    await http.fetch("GET", url)
            with calling_for(Caller(f"not {host}", NOW)):
                assert (await http.fetch("GET", url)).status == 503

    run(story())


def test_without_valkey_a_process_keeps_the_bounds_for_itself(
    host: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    under_way, most, done = 0, 0, 0

    async def call(turns: HostTurns) -> None:
        nonlocal under_way, most, done
        async with turns.turn(host):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            done += 1

    async def story() -> None:
        async with HostTurns() as turns:
            with calling_for(Caller("x", NOW)):
                turns.pause("another host", 5)
            await asyncio.gather(*(call(turns) for _ in range(20)))

    with caplog.at_level(logging.WARNING, "service.outbound.turns"):
        run(story())
    assert (most <= 3, done) == (True, 20)
    told = [record.message for record in caplog.records]
    assert sum("this process's bounds" in line for line in told) == 1
