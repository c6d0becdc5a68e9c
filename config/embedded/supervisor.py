"""Holds the processes of a running service: starts them, waits for them, notices a death, stops all.

One thread and no callbacks: a signal interrupts whatever is waited for by raising `Interrupted`.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType

from config.embedded.children import kill_session, spawn, stop, tied
from config.embedded.data import ROOT, DataDirectory
from config.embedded.logs import Follower
from config.embedded.postgres import tail
from config.embedded.refusal import Refusal

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # nohup ignores the last: it stays so
STOP_WITHIN_S = 20


class Interrupted(Exception):
    """Somebody asked us to stop."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within the block the first signal to stop raises Interrupted; later ones change nothing."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        deaf()
        raise Interrupted

    heard = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def deaf() -> None:
    """Let no signal disturb the stopping."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Supervisor:
    """Children by name, in the order in which they started."""

    def __init__(self, data: DataDirectory) -> None:
        self.data = data
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.started: list[tuple[subprocess.Popen[bytes], list[str]]] = []
        # Servers that somebody else stops: watched all the same.
        self.servers: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a lasting process."""
        child = spawn(argv, log=self.data.fresh_log(name), env=environment, cwd=ROOT)
        self.children[name] = child
        self.started.append((child, list(argv)))

    def run(self, name: str, argv: Sequence[str], environment: Mapping[str, str]) -> str:
        """Run a step to its end; return its stdout, its stderr goes to its log. Raises Refusal
        with the end of that log when it fails."""
        log = self.data.fresh_log(name)
        with log.open("wb") as errors:
            child = subprocess.Popen(
                tied(argv, signal.SIGTERM),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                cwd=ROOT,
                start_new_session=True,
            )
        try:
            output, _ = child.communicate()
        except Interrupted:
            kill_session(child.pid)
            child.wait()
            raise
        if child.returncode:
            said = f"{tail(log)}\n{output.decode(errors='replace')}".strip()
            raise Refusal(f"{name} failed (status {child.returncode}); its last words:\n{said}", status=1)
        return output.decode()

    def wait(self, what: str, done: Callable[[], bool], *, name: str, within_s: float = 90) -> None:
        """Poll until `done()`. Raises Refusal when a process dies meanwhile or the time is over."""
        deadline = time.monotonic() + within_s
        while not done():
            self.check()
            if time.monotonic() > deadline:
                last = tail(self.data.log(name))
                raise Refusal(
                    f"{what} took more than {within_s:.0f} s; {name}'s last words:\n{last}", status=1
                )
            time.sleep(0.05)

    def check(self) -> None:
        """Raise Refusal when a process has ended, with the end of its log."""
        for name, child in (self.servers | self.children).items():
            if (status := child.poll()) is not None:
                last = tail(self.data.log(name))
                raise Refusal(f"{name} ended by itself (status {status}); its last words:\n{last}", status=1)

    def logged(self, name: str, words: str) -> bool:
        """Return whether a process of this run has written `words` to its log."""
        return words.encode() in self.data.log(name).read_bytes()

    def follow(self) -> None:
        """Print the logs until a process dies (Refusal) or we are interrupted."""
        follower = Follower()
        for name in self.servers | self.children:
            follower.add(name, self.data.log(name))
        while True:
            follower.pump()
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask all at once, wait, kill those that stay (a worker without its broker may)."""
        stop(list(self.children.values()), signal.SIGTERM, within_s=STOP_WITHIN_S)
