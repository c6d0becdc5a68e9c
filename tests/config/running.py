"""Real `manage.py` processes for tests, in an environment of their own, found again when left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
# What the test command sets for its tests, and what would point `up` at the suite's own servers.
_NOT_OURS = {
    *(
        "DATABASE_URL",
        "OWNER_DATABASE_URL",
        "SUPERUSER_DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "VAULT_KEYS",
    ),
    *(
        "DJANGO_SETTINGS_MODULE",
        "LIVING_MAPS_DATA",
        "PUBLIC_URL",
        "OUTBOUND_ALLOW_LOOPBACK",
        "OUTBOUND_ALLOW_HTTP",
    ),
}


def plain_environment(**more: str) -> dict[str, str]:
    """Return the environment of somebody who has just cloned the repository."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_OURS} | more


class Machine:
    """A data directory and the commands that run on it, each marked so that none can hide."""

    def __init__(self, data: Path, argv: Sequence[str] = (sys.executable,), **popen: Any) -> None:
        self.data, self.argv, self.popen = data, list(argv), popen
        self.mark = uuid.uuid4().hex
        self.started: list[subprocess.Popen[str]] = []
        self.environment = plain_environment(LIVING_MAPS_TEST_MARK=self.mark) | popen.pop("env", {})

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `manage.py` with these arguments, output captured together."""
        child = subprocess.Popen(
            [*self.argv, str(ROOT / "manage.py"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            start_new_session=True,
            **self.popen,
        )
        self.started.append(child)
        return child

    def run(self, *arguments: str, within_s: float = 120) -> tuple[int, str]:
        """Run `manage.py` to its end; return (status, output)."""
        child = self.start(*arguments)
        output, _ = child.communicate(timeout=within_s)
        return child.returncode, output

    def up(self, *, demo: bool = False) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        """Start `up` on a free port; return it and its ready file once it is ready."""
        ready = self.data.with_name(f"{self.data.name}.ready.json")
        ready.unlink(missing_ok=True)
        command = ["up", "--port", "0", "--data", str(self.data), "--ready-file", str(ready)]
        child = self.start(*command, *([] if demo else ["--no-demo"]))
        if not until(lambda: ready.exists() or child.poll() is not None, within_s=120) or not ready.exists():
            child.kill()
            raise AssertionError(f"`up` did not become ready:\n{child.communicate()[0]}")
        return child, dict(json.loads(ready.read_text()))

    def processes(self) -> dict[int, str]:
        """Return every living process that a command of this machine started, by id (Linux).

        Servers overwrite their environment with a title: these are known by where they stand.
        """
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                marked = f"LIVING_MAPS_TEST_MARK={self.mark}".encode() in (entry / "environ").read_bytes()
                if marked or self.data in (entry / "cwd").resolve().parents:
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def left(self) -> dict[int, str]:
        """Return which processes stay: one that was killed takes a moment to be gone."""
        until(lambda: not self.processes(), within_s=30)
        return self.processes()

    def end(self) -> None:
        """Kill what a failed test left."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for child in self.started:
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


@contextmanager
def machine(**options: Any) -> Iterator[Machine]:
    """Yield a machine with an empty data directory that any account may pass; its data goes at the end."""
    base = Path(tempfile.mkdtemp(prefix="living-maps-machine-"))
    base.chmod(0o777)
    one = Machine(base / "data", **options)
    try:
        yield one
    finally:
        one.end()
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "reset", "--data", str(one.data)], check=True
        )
        for left in base.iterdir():
            left.unlink()
        base.rmdir()


def row(url: str, query: str) -> tuple[object, ...]:
    """Return the one row of a query."""
    with psycopg.connect(url) as connection:
        found = connection.execute(query).fetchone()
    assert found is not None
    return tuple(found)


def until(done: Callable[[], bool], *, within_s: float) -> bool:
    """Poll until `done()` or the time is over; return whether it was done."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
