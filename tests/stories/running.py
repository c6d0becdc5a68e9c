"""The service as it runs: granian, a Celery worker and beat as real processes on the test's servers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from config.embedded import processes
from config.embedded.children import spawn, stop
from config.embedded.postgres import free_port


@dataclass
class Answer:
    status: int
    headers: Message  # names in any case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Api:
    """A client of the running service, over HTTP."""

    url: str
    secret: str | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret:
            sent["Authorization"] = f"Bearer {self.secret}"
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        if data is not None:
            sent.setdefault("Content-Type", kind)
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def made(self, path: str, body: Any, **headers: str) -> Any:
        """POST and return the 201's body; anything else fails with what the service said."""
        answer = self.call("POST", path, body, **headers)
        assert answer.status == 201, (path, answer.status, answer.body[:1000])
        return answer.json


def until(what: str, seen: Callable[[], Any], within_s: float = 60) -> Any:
    """Return the first true value of `seen`, asked again and again; fail with `what` after `within_s`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = seen()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not seen within {within_s} s: {what}")


@dataclass
class Running:
    """The running service; `worker` and `beat` can be killed by a test and started again."""

    url: str
    environment: dict[str, str]
    logs: Path
    children: dict[str, subprocess.Popen[bytes]]

    def start(self, name: str, argv: list[str]) -> None:
        self.children[name] = spawn(argv, log=self.logs / f"{name}.log", env=self.environment)

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")


@contextmanager
def running_service(logs: Path) -> Iterator[Running]:
    """Start web, worker and beat; stop them all at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "PUBLIC_URL": url,
        "REDIS_PREFIX": f"story-{uuid.uuid4().hex[:8]}:",  # other tests use the same broker
        "OUTBOUND_ALLOW_LOOPBACK": "1",
        "OUTBOUND_ALLOW_HTTP": "1",
        "OUTBOUND_PORTS": "80,443",
    }
    service = Running(url, environment, logs, {})
    try:
        service.start("web", processes.web("127.0.0.1", port))
        service.start("worker", processes.worker("story"))
        service.start("beat", processes.beat(logs / "beat-schedule"))
        until("web answers", lambda: _ready(url))
        until("the worker is ready", lambda: " ready." in service.log("worker"))
        yield service
    finally:
        stop(list(service.children.values()), signal.SIGTERM, within_s=60)


def _ready(url: str) -> bool:
    try:
        return Api(url).call("GET", "/readyz").status == 200
    except OSError:
        return False
