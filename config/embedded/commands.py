"""The commands that manage.py takes before Django, and the door to Django's own."""

from __future__ import annotations

import argparse
import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from config.embedded.bench import bench
from config.embedded.bootstrap import REQUIREMENTS
from config.embedded.checks import test
from config.embedded.children import wait_until
from config.embedded.data import DataDirectory, default_place
from config.embedded.programs import psql as psql_program
from config.embedded.refusal import GIVE_SERVERS, Refusal
from config.embedded.servers import psql_environment, without_password
from config.embedded.up import up

LOCKS = ("development", "local", "runtime")
# Django's commands that look at the code alone.
WITHOUT_SERVERS = ("help", "--help", "-h", "--version", "version", "check", "makemigrations", "spectacular")
OWN_HELP = """\
Living Maps:
  up      run the whole service here (--port, --data, --no-demo, --ready-file)
  down    stop it            reset  stop it and delete its data
  test    run all checks and tests on throw-away servers; with arguments, pytest on those
  bench   run the benchmarks   psql  open psql on its database   lock  compile the locks
"""


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of ours; a refusal is a sentence on stderr and its status."""
    commands: dict[str, Callable[[Sequence[str]], int]] = {
        "up": up,
        "down": down,
        "reset": reset,
        "test": test,
        "psql": psql,
        "bench": bench,
        "lock": lock,
    }
    try:
        return commands[command](arguments)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.status
    except KeyboardInterrupt:
        return 130


def django(argv: list[str]) -> int:
    """Run Django's command, on the servers of the running `up` unless others are given."""
    command = argv[1] if len(argv) > 1 else "help"
    if not os.environ.get("DATABASE_URL"):
        environment = running_environment(default_place())
        if not environment and command not in WITHOUT_SERVERS:
            print(
                f"`{command}` needs the servers: start `python3 manage.py up`, or name them.", file=sys.stderr
            )
            print(GIVE_SERVERS, file=sys.stderr)
            return 2
        for name, value in (environment or _placeholders()).items():
            os.environ.setdefault(name, value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if command in ("help", "--help", "-h") and len(argv) < 3:
        print(f"{OWN_HELP}\nDjango's commands, run on the servers of the running `up`:\n")
    from django.core.management import execute_from_command_line  # the bare interpreter has no Django

    execute_from_command_line(argv)
    return 0


def _placeholders() -> dict[str, str]:
    """Return settings for commands that look at the code alone; nothing listens at their URLs."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "VAULT_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_URL": "postgresql://app@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }


def running_environment(place: Path) -> dict[str, str]:
    """Return the environment of the `up` that runs on this data directory; empty when none does."""
    return dict(DataDirectory(place).running().get("environment", {}))


def down(arguments: Sequence[str]) -> int:
    """Stop the running `up`, if there is one, and wait until it is gone."""
    data = DataDirectory(_data(arguments, "down", "Stop the running `up`."))
    print("stopped" if _stop(data) else f"Nothing runs on {data.path}.")
    return 0


def reset(arguments: Sequence[str]) -> int:
    """Stop the running `up` and delete its data."""
    data = DataDirectory(_data(arguments, "reset", "Stop the running `up` and delete its data."))
    _stop(data)
    data.erase()
    print(f"{data.path} is empty: the next `up` starts afresh.")
    return 0


def psql(arguments: Sequence[str]) -> int:
    """Open psql on the database of the running `up`, or on the given one; other arguments go to psql."""
    parser = argparse.ArgumentParser(
        prog="manage.py psql", description="Open psql; its own arguments may follow."
    )
    parser.add_argument("--data", type=Path, default=default_place(), metavar="DIR")
    choices = {"superuser": "SUPERUSER_DATABASE_URL", "owner": "OWNER_DATABASE_URL", "app": "DATABASE_URL"}
    parser.add_argument(
        "--role", choices=choices, help="row level security binds owner and app (default superuser)"
    )
    options, rest = parser.parse_known_args(arguments)
    given = bool(os.environ.get("DATABASE_URL"))
    environment = dict(os.environ) if given else running_environment(options.data)
    url = environment.get(choices[options.role or ("app" if given else "superuser")])
    if url is None:
        raise Refusal("There is no such database: start `python3 manage.py up`, or set DATABASE_URL.")
    address, password = without_password(url)
    _become([str(psql_program(given=given)), *rest, address], psql_environment(password))


def lock(arguments: Sequence[str]) -> int:
    """Compile the three locks from their inputs with uv; `--upgrade` and the like go to uv."""
    uv = shutil.which("uv")
    if uv is None:
        raise Refusal("`lock` needs uv on PATH (`pip install uv`).")
    for name in LOCKS:
        # The larger set is compiled first and binds the smaller ones: one version of each package.
        bound = [] if name == LOCKS[0] else ["--constraint", f"{LOCKS[0]}.lock"]
        command = [uv, "pip", "compile", "-q", "--universal", "--python-version", "3.11", "--generate-hashes"]
        command += ["--no-header", "--no-emit-index-url", "--no-annotate", *bound, *arguments]
        done = subprocess.run([*command, f"{name}.in", "-o", f"{name}.lock"], cwd=REQUIREMENTS, check=False)
        if done.returncode:
            return done.returncode
        print(f"requirements/{name}.lock")
    return 0


def _data(arguments: Sequence[str], command: str, description: str) -> Path:
    parser = argparse.ArgumentParser(prog=f"manage.py {command}", description=description)
    parser.add_argument("--data", type=Path, default=default_place(), metavar="DIR")
    return Path(parser.parse_args(arguments).data)


def _stop(data: DataDirectory) -> bool:
    """Return whether something ran; it is gone then. Raises Refusal."""
    pid = data.holder()
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: data.holder() is None, within_s=60, every_s=0.1):
        raise Refusal(
            f"`up` (process {pid}) does not stop: look at its terminal, or end it with `kill -9 {pid}`."
        )
    return True


def _become(argv: list[str], environment: dict[str, str]) -> NoReturn:
    os.execve(argv[0], argv, environment)
