"""Fetching: an event loop in a thread of its own asks sources side by side, while its caller records.

What came lies in a queue until it is taken, and may be large: no pull begins while too much lies there.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from kpis.actions.asking import ask_source, asking_session
from kpis.actions.runs import Pull
from kpis.connectors import Fetched, PullFailed
from service.outbound import HostTurns, OutboundSession

# Calls at a time; each may bring a body of 10 MiB.
IN_FLIGHT = 64
# What may wait to be recorded while further pulls begin.
WAITING_BYTES = 64 * 1024 * 1024
# Claims without a recorded run in between are workers that were lost: then a source fails unasked.
FAILED_AFTER = 4
LOST = "The worker was lost each time that it pulled this source."

Came = tuple[Pull, Fetched | PullFailed | None]
"""A pull with its reply; None where there was none in time."""


class Fetching:
    """Pulls under way: one thread begins them and takes what came, the loop's thread does the rest."""

    def __init__(self, session: OutboundSession) -> None:
        self.under_way = 0  # begun and not yet taken
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._came: queue.SimpleQueue[Came] = queue.SimpleQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._room = asyncio.Event()
        self._room.set()
        self._over = asyncio.Event()

    def begin(self, pulls: Sequence[Pull], *, within_s: float) -> None:
        """Ask the sources; each has come, with a reply or without, after `within_s` at the latest."""
        self.under_way += len(pulls)
        self._loop.call_soon_threadsafe(self._begin, pulls, time.monotonic() + within_s)

    def take(self, *, timeout_s: float) -> list[Came]:
        """Return all that came, as soon as something has; nothing when the time is up."""
        came: list[Came] = []
        try:
            came.append(self._came.get(timeout=timeout_s))
            while True:
                came.append(self._came.get_nowait())
        except queue.Empty:
            pass
        self.under_way -= len(came)
        if weight := sum(_weight(reply) for _, reply in came):
            self._loop.call_soon_threadsafe(self._lies_there, -weight)
        return came

    def end(self) -> None:
        """Give up what is under way."""
        self._loop.call_soon_threadsafe(self._over.set)

    async def until_ended(self) -> None:
        await self._over.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, pulls: Sequence[Pull], ends: float) -> None:
        for pull in pulls:
            task = self._loop.create_task(self._one(pull, ends))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _one(self, pull: Pull, ends: float) -> None:
        reply = None
        try:
            async with asyncio.timeout(max(ends - time.monotonic(), 0)):
                await self._room.wait()
                reply = await self._reply(pull)
        except TimeoutError:
            pass  # it is given back
        finally:
            self._lies_there(_weight(reply))
            self._came.put((pull, reply))

    async def _reply(self, pull: Pull) -> Fetched | PullFailed:
        if pull.claim.attempts > FAILED_AFTER:
            return PullFailed(LOST, permanent=True)
        return await ask_source(self._session, pull.source, pull.window, at=pull.at)

    def _lies_there(self, weight: int) -> None:
        self._waiting += weight
        if self._waiting < WAITING_BYTES:
            self._room.set()
        else:
            self._room.clear()


@contextmanager
def fetching() -> Iterator[Fetching]:
    """Run a loop for the block; what is under way at its end is given up."""
    begun: Future[Fetching] = Future()

    async def serve() -> None:
        async with HostTurns() as turns, asking_session(turns, limit=IN_FLIGHT) as session:
            mine = Fetching(session)
            begun.set_result(mine)
            await mine.until_ended()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as failure:
            if begun.done():
                raise
            begun.set_exception(failure)

    thread = threading.Thread(target=run, name="fetching", daemon=True)
    thread.start()
    mine = begun.result()
    try:
        yield mine
    finally:
        mine.end()
        thread.join()


def _weight(reply: Fetched | PullFailed | None) -> int:
    """Return about how many bytes a reply holds."""
    if not isinstance(reply, Fetched):
        return 0
    bodies = (part[1] if isinstance(part, tuple) else part for part in reply.parts)
    return sum(len(body) if isinstance(body, bytes) else 1000 for body in bodies)
