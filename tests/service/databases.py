"""Databases that are not as they should be: made by the owner on the tests' server, gone afterwards."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.throwaway import on_database

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def database(options: str = "") -> Iterator[tuple[str, str]]:
    """Yield the owner's and the app's URL of a new, empty database; `options` of CREATE DATABASE."""
    owner, app = os.environ["OWNER_DATABASE_URL"], os.environ["DATABASE_URL"]
    name = f"unfit_{secrets.token_hex(4)}"
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(sql.SQL(f"CREATE DATABASE {{}} {options}").format(sql.Identifier(name)))  # type: ignore[arg-type]
        try:
            yield on_database(owner, name), on_database(app, name)
        finally:
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def run(*argv: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of ours with another environment; wait for its end."""
    return subprocess.run(
        [sys.executable, *argv],
        cwd=ROOT,
        env=dict(os.environ) | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
