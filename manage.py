#!/usr/bin/env python3
"""Living Maps' commands: `up` and `test` first of all, and Django's own.

`up`, `down`, `reset`, `test`, `psql`, `bench` and `lock` are taken before Django loads; this file runs on a
bare Python, makes `.venv` when it is missing or out of date, and continues inside it.
"""

from __future__ import annotations

import sys

OURS = ("up", "down", "reset", "test", "psql", "bench", "lock")


def main() -> int:
    """Run the command of sys.argv; return the exit status."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        here = ".".join(map(str, sys.version_info[:3]))
        return fail(f"Living Maps runs on Python 3.11, 3.12 or 3.13; this is {here}: call one of those.")
    if sys.platform == "win32":
        return fail("Living Maps runs on Linux and macOS; on Windows use WSL or docker compose.")
    from config.embedded.bootstrap import BootstrapFailed, enter

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        if command not in ("down", "reset", "lock"):
            enter("development" if command in ("test", "bench") else "local")
    except BootstrapFailed as problem:
        return fail(str(problem))
    if command in OURS:
        from config.embedded.commands import run

        return run(command, sys.argv[2:])
    from config.embedded.commands import django

    return django(sys.argv)


def fail(sentence: str) -> int:
    """Say why not, and return the status for a machine or arguments that cannot work."""
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
