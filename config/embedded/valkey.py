"""Embedded Valkey: broker and locks. Configured on stdin, which keeps the password out of argv."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from config.embedded.children import command_of, spawn, stop, wait_until
from config.embedded.ports import free_port
from config.embedded.postgres import tail
from config.embedded.programs import valkey_server
from config.embedded.refusal import Refusal

# A broker must refuse writes rather than forget messages; the same in docker-compose.yml.
SETTINGS = {"maxmemory-policy": "noeviction", "save": '""'}
START_WITHIN_S = 60


class Valkey:
    """One server over `base/valkey`. `safe` False keeps nothing on disk (tests)."""

    def __init__(self, base: Path, *, password: str, log: Path, safe: bool = True) -> None:
        self.base, self.password, self.log, self.safe = base / "valkey", password, log, safe
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def url(self) -> str:
        """Return the URL, database 0."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and return when it has loaded its data. Raises Refusal."""
        self.base.mkdir(mode=0o700, exist_ok=True)
        self._end_orphan()
        for _ in range(5):  # a port may be taken between our probe and its bind
            self.port = free_port()
            self.process = spawn([valkey_server(), "-"], log=self.log, cwd=self.base, stdin=subprocess.PIPE)
            assert self.process.stdin is not None
            self.process.stdin.write(self._configuration().encode())
            self.process.stdin.close()
            if self._ready(time.monotonic() + START_WITHIN_S):
                return
            self.stop()
        raise Refusal(f"Valkey did not start; its last words:\n{tail(self.log)}", status=1)

    def stop(self) -> None:
        """Shut down; what was written is on disk first."""
        if self.process is not None:
            stop([self.process], signal.SIGTERM, within_s=20)

    def _configuration(self) -> str:
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": f'"{self.base}"',
            "pidfile": f'"{self.base}/valkey.pid"',
            "requirepass": self.password,
            "appendonly": "yes" if self.safe else "no",
        } | SETTINGS
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _ready(self, deadline: float) -> bool:
        assert self.process is not None
        while self.process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.02)
        return False

    def _answers(self) -> bool:
        """Return whether it takes our password (so it is ours) and answers PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := line.recv(256)):
                    answer += part
                return answer == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def _end_orphan(self) -> None:
        """End a server that a killed supervisor left: two over one append-only file would ruin it."""
        file = self.base / "valkey.pid"
        if not file.exists() or not (word := file.read_text().strip()).isdigit():
            return
        pid = int(word)
        if "valkey" not in command_of(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: "valkey" not in command_of(pid), within_s=20):
            raise Refusal(
                f"Another valkey-server (process {pid}) still uses {self.base}: end it first.", status=1
            )
