"""What a supervisor that was killed outright left behind, ended before the next start.

On Linux children are told at once and are gone in seconds, so this mostly waits. macOS tells them
nothing (not tried there): those that are still ours by their command line get the signal from here.
The servers look after their own (`postgres`, `valkey`).
"""

from __future__ import annotations

import os
import signal

from config.embedded.children import LINUX, command_of, kill_session, wait_until
from config.embedded.data import ROOT, DataDirectory

_GONE_WITHIN_S = 25


def end_orphans(data: DataDirectory) -> None:
    """End the processes in the state of a dead supervisor, then forget that state. Holds the lock."""
    state = data.read("state.json")
    left = [pid for pid in map(int, state.get("processes", {}).values()) if _ours(pid)]
    if left and not LINUX:
        for pid in left:
            os.kill(pid, signal.SIGTERM)
    if left and not wait_until(lambda: not any(map(_ours, left)), within_s=_GONE_WITHIN_S):
        for pid in left:
            kill_session(pid)
    data.forget("state.json")


def _ours(pid: int) -> bool:
    """Return whether this process runs a command of this checkout (ids are used again)."""
    return str(ROOT) in command_of(pid)
