"""Headless Chromium, driven over its own pipe (the DevTools protocol), with no library in between."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FOUND = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)


class Page:
    """One tab. `complaints` collects what the console, the policy and uncaught errors said."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """Send one command and return its result; events that come in between are looked at on the way."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._hear(answer)

    def open(self, address: str, *, width: int, height: int = 900) -> None:
        """Load an address in a window of that size and wait until it has loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.complaints.clear()
        self.call("Page.navigate", url=address)
        self.run("new Promise(done => document.readyState === 'complete' ? done() : onload = done)")

    def run(self, script: str) -> Any:
        """Return the value of an expression; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, condition: str, *, seconds: float = 10) -> None:
        """Wait until an expression is true in the page."""
        until = f"Date.now() + {seconds * 1000}"
        happened = self.run(
            f"(async () => {{ const end = {until}; while (Date.now() < end) {{ if ({condition}) return true;"
            " await new Promise(next => setTimeout(next, 50)); } return false; })()"
        )
        assert happened, f"waited {seconds} s for {condition}"

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            more = os.read(self._read, 1 << 16)
            if not more:
                raise RuntimeError("the browser has gone")
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found

    def _hear(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        if event.get("method") == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.complaints.append(str(params["args"]))


@contextmanager
def chromium() -> Iterator[Page]:
    """Start a browser with a profile of its own, give its page, and end it.

    Spawned, not forked: other tests have threads. The browser listens on descriptor 3, answers on 4.
    """
    assert FOUND is not None
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()
    ears, mouth = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, to_us))
    os.close(to_browser)
    os.close(to_us)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        places = [
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, ears, 3),
            (os.POSIX_SPAWN_DUP2, mouth, 4),
        ]
        command = [FOUND, *_FLAGS, f"--user-data-dir={profile}"]
        process = os.posix_spawn(FOUND, command, os.environ, file_actions=places)
        os.close(ears)
        os.close(mouth)
        try:
            yield Page(from_us, from_browser)
        finally:
            os.kill(process, signal.SIGTERM)
            _bury(process)
            os.close(from_us)
            os.close(from_browser)


def _bury(process: int, seconds: float = 10) -> None:
    """Wait until the browser is gone; after a while make it go."""
    for _ in range(int(seconds * 20)):
        if os.waitpid(process, os.WNOHANG)[0]:
            return
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
