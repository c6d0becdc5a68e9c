"""Embedded Postgres: initdb once, then the server itself in the foreground.

Loopback only, scram passwords, a free port at each start, no Unix socket (their paths are too short for
deep checkouts). Locale and settings are those of docker-compose.yml, so that orders and limits agree.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from config.embedded.children import command_of, spawn, stop
from config.embedded.ports import free_port
from config.embedded.programs import PostgresPlace
from config.embedded.refusal import Refusal

INITDB_ARGS = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
SETTINGS = {"max_connections": "200"}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
START_WITHIN_S = 60


class Postgres:
    """One cluster in `place.base/pgdata`. `safe` False gives up durability for speed (tests).

    buffers: its `shared_buffers`, None = what PostgreSQL comes with.
    """

    def __init__(
        self,
        place: PostgresPlace,
        *,
        password: str,
        log: Path,
        safe: bool = True,
        buffers: str | None = None,
    ) -> None:
        self.place, self.password, self.log, self.safe = place, password, log, safe
        self.buffers = buffers
        self.pgdata = place.base / "pgdata"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """Return the superuser's URL."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Initialise if need be, start, return when it takes connections. Raises Refusal."""
        self._end_orphan()
        self._initialise()
        for _ in range(5):  # a port may be taken between our probe and its bind
            self.port = free_port()
            self.process = spawn(
                [self.place.bin / "postgres", "-D", self.pgdata, *self._flags()],
                log=self.log,
                env=_clean_environment(),
                cwd="/",
                account=self.place.account,
                death=signal.SIGINT,
            )
            if self._ready(time.monotonic() + START_WITHIN_S):
                return
            self.stop()
        raise Refusal(f"Postgres did not start; its last words:\n{tail(self.log)}", status=1)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, what was committed stays."""
        if self.process is not None:
            stop([self.process], signal.SIGINT, within_s=30)

    def _flags(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        settings |= SETTINGS | ({} if self.safe else THROWAWAY_SETTINGS)
        settings |= {"shared_buffers": self.buffers} if self.buffers else {}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _ready(self, deadline: float) -> bool:
        assert self.process is not None
        mine = str(self.process.pid)
        while self.process.poll() is None and time.monotonic() < deadline:
            # The eighth line of postmaster.pid is how pg_ctl learns it, too.
            lines = self._pid_file()
            if len(lines) >= 8 and lines[0].strip() == mine and lines[7].strip() == "ready":
                return True
            time.sleep(0.02)
        return False

    def _pid_file(self) -> list[str]:
        try:
            return (self.pgdata / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end_orphan(self) -> None:
        """End a server that a killed supervisor left: on Linux it is shutting down already,
        elsewhere nothing has told it to. The id may long be another program's."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return
        pid = int(lines[0])
        if "postgres" in command_of(pid):
            self._run("pg_ctl", "stop", "-D", str(self.pgdata), "-m", "fast", "-t", "30")

    def _initialise(self) -> None:
        """Make the cluster beside its final name: a killed initdb leaves no half of one."""
        if (self.pgdata / "PG_VERSION").exists():
            return self._check_version()
        new = self.place.base / "pgdata.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        word = self.place.base / "initdb.password"
        with contextlib.suppress(FileNotFoundError):
            word.unlink()
        descriptor = os.open(word, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, self.password.encode())
        os.close(descriptor)
        try:
            for path in (new, word):
                if self.place.account.uid is not None:
                    os.chown(path, self.place.account.uid, self.place.account.gid or 0)
            self._run(
                "initdb",
                *("-D", str(new), "-U", "postgres", *INITDB_ARGS, "--auth=scram-sha-256"),
                *(f"--pwfile={word}", "--no-instructions", *([] if self.safe else ["--no-sync"])),
            )
        finally:
            word.unlink()
        new.rename(self.pgdata)

    def _check_version(self) -> None:
        stored = (self.pgdata / "PG_VERSION").read_text().strip()
        shipped = self._run("postgres", "--version").split()[-1].split(".")[0]
        if stored != shipped:
            raise Refusal(
                f"The data in {self.pgdata} is of Postgres {stored}, this release ships {shipped}: dump with "
                f"the older release and restore, or start afresh with `python3 manage.py reset`."
            )

    def _run(self, program: str, *args: str) -> str:
        account = self.place.account
        done = subprocess.run(
            [str(self.place.bin / program), *args],
            capture_output=True,
            text=True,
            cwd="/",
            env=_clean_environment(),
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
            check=False,
        )
        if done.returncode:
            raise Refusal(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}", status=1)
        return done.stdout


def _clean_environment() -> Mapping[str, str]:
    """Our environment without what would steer Postgres (PG*, locales, time zone)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def tail(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log file."""
    if not log.exists():
        return "(no output)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) or "(no output)"
