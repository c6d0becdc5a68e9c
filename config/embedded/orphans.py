"""What a supervisor that was killed outright left behind, ended before the next start.

On Linux children are told at once and are gone in seconds, so this mostly waits. macOS tells them
nothing (not tried there): those that are still ours by their command line get the signal from here.
The servers look after their own (`postgres`, `valkey`).
"""

from __future__ import annotations

import os
import signal

from config.embedded.children import LINUX, command_of, kill_session, wait_until
from config.embedded.data import DataDirectory

_GONE_WITHIN_S = 25


def end_orphans(data: DataDirectory) -> None:
    """End the processes in the state of a dead supervisor, then forget that state. Holds the lock."""
    noted = {int(pid): str(command) for pid, command in data.read("state.json").get("processes", {}).items()}

    def left() -> list[int]:
        # Ids are used again: a process is ours only with our command line.
        return [pid for pid, command in noted.items() if command_of(pid).endswith(command)]

    if not LINUX:
        for pid in left():
            os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: not left(), within_s=_GONE_WITHIN_S):
        for pid in left():
            kill_session(pid)
    data.forget("state.json")
