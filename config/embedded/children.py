"""Child processes that never outlive us: spawned into their own session, told to end when we die.

Ctrl-C in a terminal therefore reaches the supervisor alone, which stops its children in order. When the
supervisor is killed outright, Linux sends each child its `death` signal (`tie`). macOS has no such
thing (not tried there): the next start ends what a dead supervisor left, see `orphans`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LINUX = sys.platform.startswith("linux")
TIE = Path(__file__).with_name("tie.py")


@dataclass(frozen=True)
class Account:
    """Whom a server runs as; None leaves the caller's own account."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """Return the supplementary groups to set: none at all for another account."""
        return None if self.uid is None else []


ME = Account()


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    account: Account = ME,
    death: signal.Signals = signal.SIGTERM,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a program whose output is appended to `log`. Call from a thread that lasts: Linux
    sends the death signal when the thread ends that spawned."""
    with log.open("ab") as out:
        return subprocess.Popen(
            tied(argv, death, account),
            stdin=stdin,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )


def tied(argv: Sequence[str | Path], death: signal.Signals, account: Account = ME) -> list[str]:
    """Return the argv that becomes `argv`, of that account, tied to our life: on Linux it gets
    `death` when we die."""
    uid, gid = (-1, -1) if account.uid is None else (account.uid, account.gid)
    signal_number = int(death) if LINUX else 0
    words = [sys.executable, "-P", "-S", "-s", TIE, signal_number, os.getpid(), uid, gid, *argv]
    return [str(word) for word in words]


def stop(children: Sequence[subprocess.Popen[bytes]], how: signal.Signals, *, within_s: float) -> None:
    """Signal every child at once, wait for all together, then kill what is left of their sessions:
    a child that stays, or what one that was killed has itself left behind."""
    for child in children:
        if child.poll() is None:
            child.send_signal(how)
    deadline = time.monotonic() + within_s
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        kill_session(child.pid)
        child.wait()


def kill_session(pid: int) -> None:
    """Kill a child and all that it started (each child leads its own process group)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def command_of(pid: int) -> str:
    """Return a process's command line; empty when there is none, or only its exit status is left."""
    if LINUX:  # a bare machine has no ps
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
                .strip()
            )
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return ""
    ps = ["ps", "-ww", "-p", str(pid), "-o", "command="]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout.strip()


def wait_until(done: Callable[[], bool], *, within_s: float, every_s: float = 0.03) -> bool:
    """Poll until `done()` or the time is over; return whether it was done."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True
