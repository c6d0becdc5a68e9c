"""Become a program that is told to end when its parent dies: `tie.py SIGNAL PARENT UID GID PROGRAM [ARG …]`.

Runs on the bare interpreter between fork and the program. Doing this in a forked copy of the parent
(preexec_fn) would be shorter, but a fork beside threads may deadlock, and Python 3.12 warns of it.
UID -1 keeps the account; signal 0 ties nothing (off Linux there is no such tie: `children` says what then).
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(signal: str, parent: str, uid: str, gid: str, *argv: str) -> None:
    """Change the account first: that would clear the tie."""
    if uid != "-1":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if int(signal):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal))
    if os.getppid() != int(parent):  # it died before we were tied
        sys.exit(1)
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
