"""The data directory: what `up` keeps between runs, and how commands find a running one.

lock           held (flock) by the supervisor while it lives; holds its process id
secrets.json   passwords and keys, made once                                    0600
state.json     the running service: environment, URLs, child processes          0600
keys.json      keys and pages that were printed, to print them again            0600
logs/          a file per process
beat/          the clock's schedule
metrics/       counts that the processes share (service/telemetry.py)
pgdata/        Postgres (elsewhere where its account cannot get here: programs.relocated)
valkey/        Valkey's append-only file
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from config.embedded.programs import relocated
from config.embedded.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]


def default_place() -> Path:
    """Return the data directory when none is named: LIVING_MAPS_DATA, or .data in the checkout."""
    return Path(os.environ.get("LIVING_MAPS_DATA") or ROOT / ".data")


class DataDirectory:
    """One data directory. Nothing is made before `prepare`."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._lock: int | None = None

    def prepare(self) -> None:
        """Make the directory. Its name may be passed through by Postgres' account (0711); what it
        holds is closed file by file."""
        try:
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            for part in (self.logs, self.path / "beat"):
                part.mkdir(mode=0o700, exist_ok=True)
        except OSError as problem:
            raise Refusal(
                f"Cannot write to the data directory {self.path}: {problem.strerror}. "
                "Name another with --data."
            ) from None

    @property
    def logs(self) -> Path:
        """Return the directory of log files."""
        return self.path / "logs"

    def fresh_log(self, name: str) -> Path:
        """Return a process's log file, empty; the one of the run before is set aside."""
        file = self.log(name)
        if file.exists():
            file.replace(file.with_suffix(".log.1"))
        return file

    def log(self, name: str) -> Path:
        """Return a process's log file."""
        return self.logs / f"{name}.log"

    def fresh_directory(self, name: str) -> Path:
        """Return an empty directory here; what the run before left in it goes."""
        directory = self.path / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
        return directory

    def lock(self) -> bool:
        """Take the directory for this process's life; False when another process has it."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._lock = descriptor
        return True

    def holder(self) -> int | None:
        """Return the process id of the living supervisor of this directory, or None."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            word = os.pread(descriptor, 20, 0)
            return int(word) if word else None
        finally:
            os.close(descriptor)
        return None

    def running(self) -> dict[str, Any]:
        """Return the state of the living supervisor; empty when none lives, or it has told nothing yet."""
        state = self.read("state.json")
        return state if state.get("supervisor") == self.holder() is not None else {}

    def secrets(self) -> dict[str, str]:
        """Return the passwords and keys, made at the first call. URL-safe texts."""
        if kept := self.read("secrets.json"):
            return {str(name): str(value) for name, value in kept.items()}
        if (self.path / "pgdata").exists() or (relocated(self.path) / "pgdata").exists():
            raise Refusal(
                f"{self.path}/secrets.json is gone, and with it the passwords of the data beside it: "
                "put it back, or start afresh with `python3 manage.py reset`."
            )
        made = {name: secrets.token_urlsafe(24) for name in ("superuser", "owner", "app", "valkey")}
        made["SECRET_KEY"] = secrets.token_urlsafe(48)
        made["VAULT_KEYS"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        self.write("secrets.json", made)
        return made

    def read(self, name: str) -> dict[str, Any]:
        """Return a JSON file's object; empty when there is none."""
        try:
            content = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return dict(content)

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file, whole or not at all, readable by us alone."""
        write_privately(self.path / name, content)

    def forget(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self.path / name).unlink(missing_ok=True)

    def erase(self) -> None:
        """Delete everything that `up` put here, and the directory when nothing else is in it."""
        shutil.rmtree(relocated(self.path), ignore_errors=True)
        for name in ("pgdata", "pgdata.new", "valkey", "beat", "metrics", "logs"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in ("secrets.json", "state.json", "keys.json", "lock"):
            self.forget(name)
        if self.path.exists() and not any(self.path.iterdir()):
            self.path.rmdir()


def write_privately(path: Path, content: dict[str, Any]) -> None:
    """Write JSON that appears whole or not at all, with mode 0600, on disk before it is seen."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, (json.dumps(content, indent=2) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.replace(path)
