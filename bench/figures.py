"""A source of figures on loopback, in a process of its own: `python -m bench.figures LATENCY_MS`.

Prints its port. Every answer comes after the latency; the nth answer to a path is the figure of the nth day,
so that whoever asks again gets something new.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from aiohttp import web

BEGIN = date(2021, 1, 1)
HOSTS = 50


@contextmanager
def running_figures(latency_ms: int) -> Iterator[int]:
    """Serve figures; yield the port. HOSTS addresses reach it, 127.0.0.1 and on, and none beyond loopback."""
    command = [sys.executable, "-m", "bench.figures", str(latency_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


async def _serve(latency_s: float) -> None:
    asked: Counter[str] = Counter()

    async def figure(request: web.Request) -> web.Response:
        number = asked[request.path]
        asked[request.path] += 1
        await asyncio.sleep(latency_s)
        day = BEGIN + timedelta(days=number % 1500)
        return web.json_response({"data": [{"v": 1000 + number % 997, "day": day.isoformat()}]})

    app = web.Application()
    app.router.add_get("/{name}", figure)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    for number in range(2, HOSTS + 1):
        await web.TCPSite(runner, f"127.0.0.{number}", port).start()
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) / 1000))
