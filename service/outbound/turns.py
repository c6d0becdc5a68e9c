"""Turns to call a host, shared by all processes through Valkey, and pauses that hosts asked for.

A host has so many calls under way at a time and so many a second, however many workers there are. A turn is a
member of a sorted set whose score is when it ends by itself, so a worker that is killed leaves nothing behind
for longer than a pull may last. Who asks and gets nothing is known for a while: while several processes ask,
none holds more than its share; within one, first come is first served. One script decides, by Valkey's clock,
and takes all that calls want and give back in one round trip.

A host that answers 429 or 503 with Retry-After is not called again before, for the same workspace: another
customer's limit is another one. That is told in the clock of those who call, their `Caller`'s.

Somebody who waits for an answer has little patience: then it is NoTurn, and tried again later.

Without Valkey each process keeps these bounds for itself, and asks again after a few seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Self

import redis
from django.conf import settings
from redis.commands.core import Script

from service.ids import new_id
from service.outbound.callers import Caller, current_caller
from service.outbound.errors import NoTurn, PauseAsked

log = logging.getLogger(__name__)
TIMEOUT_S, PAUSE_S = 0.25, 5.0
# A turn outlives every call: pulls end half a minute after their claim.
TURN_S = 30.0
# When to ask again for a host of which others hold all turns.
AGAIN_S = 0.05
MOST_AT_ONCE = 64
# How long calls wait at most to be asked for together.
GATHER_S = 0.01
# When who had no patience may ask again.
ASK_LATER = timedelta(seconds=5)
# A wait that is over to within so much is over.
_NEARLY = timedelta(milliseconds=50)
_SCRIPT = files(__package__).joinpath("turns.lua").read_text("utf-8")


@dataclass(slots=True)
class Wish:
    """A call that wants a turn. asks_at: of the loop's clock."""

    host: str
    caller: Caller | None
    turn: str
    answer: asyncio.Future[None]
    asks_at: float = 0.0


class HostTurns:
    """The turns of one process; for one event loop. patience_s: how long a call waits for one at most."""

    def __init__(self, *, patience_s: float | None = None) -> None:
        self._patience_s = patience_s
        self._prefix = f"{settings.REDIS_PREFIX}host:"
        self._limit, self._rate = settings.OUTBOUND_HOST_CALLS, settings.OUTBOUND_HOST_RATE
        self._process, self._number = new_id().hex, 0
        self._wishes: deque[Wish] = deque()
        self._back: list[tuple[str, str]] = []
        self._holds: Counter[str] = Counter()
        self._pauses: dict[tuple[str, str], datetime] = {}
        self._paces: dict[str, float] = {}
        self._alone_until = 0.0
        self._over = False
        self._wake = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="host-turns")
        self._work = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *error: object) -> None:
        # The round that is under way is waited for: what it grants is given back, too.
        self._over = True
        self._wake.set()
        await self._work
        if self._back:
            await self._ask([])
        self._thread.shutdown()

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block. Raises PauseAsked, NoTurn."""
        caller = current_caller()
        until = self._pauses.get((caller.name, host)) if caller is not None else None
        if until is not None and caller is not None and until > caller.now + _NEARLY:
            raise PauseAsked(host, until)
        self._number += 1
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        wish = Wish(host, caller, f"{self._process}:{self._number}", answer)
        self._wishes.append(wish)
        self._wake.set()
        try:
            await self._granted(wish)
            yield
        finally:
            if answer.done() and not answer.cancelled() and answer.exception() is None:
                self._give_back(wish)

    async def _granted(self, wish: Wish) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                await wish.answer
        except TimeoutError:
            now = datetime.now(UTC) if wish.caller is None else wish.caller.now
            raise NoTurn(wish.host, now + ASK_LATER) from None

    def pause(self, host: str, seconds: float) -> None:
        """The host asked not to be called for so long: that holds for the caller, in all processes."""
        caller = current_caller()
        if caller is None or seconds <= 0:
            return
        until = caller.now + timedelta(seconds=seconds)
        self._pauses[caller.name, host] = until
        self._thread.submit(_store, self._key("pause", host, caller), until, seconds)

    def _give_back(self, wish: Wish) -> None:
        self._holds[wish.host] -= 1
        self._back.append((self._key("turns", wish.host), wish.turn))
        for other in self._wishes:
            if other.host == wish.host:
                other.asks_at = 0.0
        self._wake.set()

    async def _keep(self) -> None:
        """Ask for what is wanted and give back what is not, again and again."""
        clock = asyncio.get_running_loop().time
        while not self._over:
            self._wake.clear()
            self._wishes = deque(wish for wish in self._wishes if not wish.answer.done())
            ready = [wish for wish in self._wishes if wish.asks_at <= clock()][:MOST_AT_ONCE]
            if ready or self._back:
                await self._ask(ready)
                await asyncio.sleep(GATHER_S)
                continue
            first = min((wish.asks_at for wish in self._wishes), default=None)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(first):
                    await self._wake.wait()

    async def _ask(self, wishes: Sequence[Wish]) -> None:
        loop = asyncio.get_running_loop()
        back, self._back = self._back, []
        answers = None
        if loop.time() >= self._alone_until:
            keys, values = self._request(back, wishes)
            try:
                answers = await loop.run_in_executor(self._thread, _run, keys, values)
            except redis.RedisError as failure:
                log.warning("hosts are called by this process's bounds, Valkey does not answer: %s", failure)
                self._alone_until = loop.time() + PAUSE_S
        for number, wish in enumerate(wishes):
            answer = answers[number].decode() if answers is not None else self._alone(wish, loop.time())
            self._answer(wish, answer, loop.time())

    def _answer(self, wish: Wish, answer: str, now: float) -> None:
        if answer == "0":
            self._holds[wish.host] += 1
            if wish.answer.done():  # nobody waits for it any more
                self._give_back(wish)
            else:
                wish.answer.set_result(None)
        elif answer.startswith("w"):
            wish.asks_at = now + float(answer[1:])
        elif not wish.answer.done():
            assert wish.caller is not None
            until = datetime.fromtimestamp(float(answer[1:]), UTC)
            self._pauses[wish.caller.name, wish.host] = until
            wish.answer.set_exception(PauseAsked(wish.host, until))

    def _alone(self, wish: Wish, now: float) -> str:
        """Answer as the script does, for this process alone."""
        gap = 1 / self._rate
        due = max(self._paces.get(wish.host, 0.0), now - 1)
        if due > now:
            return f"w{due - now}"
        if self._holds[wish.host] >= self._limit:
            return f"w{AGAIN_S}"
        self._paces[wish.host] = due + gap
        return "0"

    def _request(
        self, back: Sequence[tuple[str, str]], wishes: Sequence[Wish]
    ) -> tuple[list[str], list[str]]:
        """Return the script's keys and values."""
        keys = [key for key, _ in back]
        bounds = (self._limit, 1 / self._rate, TURN_S, AGAIN_S, self._process, len(back))
        values = [*map(str, bounds), *(turn for _, turn in back)]
        for wish in wishes:
            host, caller = wish.host, wish.caller
            keys += [self._key("turns", host), self._key("askers", host), self._key("pace", host)]
            keys.append(self._key("pause", host, caller))
            at = "0" if caller is None else f"{(caller.now + _NEARLY).timestamp():.3f}"
            values += [wish.turn, str(self._holds[host]), at]
        return keys, values

    def _key(self, what: str, host: str, caller: Caller | None = None) -> str:
        return f"{self._prefix}{what}:{caller.name if caller else ''}:{host}"


def _run(keys: list[str], values: list[str]) -> list[bytes]:
    answers: list[bytes] = _script(settings.REDIS_URL)(keys=keys, args=values)
    return answers


def _store(key: str, until: datetime, seconds: float) -> None:
    try:
        client = _script(settings.REDIS_URL).registered_client
        client.set(key, f"{until.timestamp():.3f}", px=ceil(seconds * 1000))
    except redis.RedisError as failure:
        log.warning("only this process knows that a host asked for a pause: %s", failure)


@cache
def _script(url: str) -> Script:
    """One pool a process; redis-py opens another after a fork."""
    client = redis.Redis.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S)
    return client.register_script(_SCRIPT)
