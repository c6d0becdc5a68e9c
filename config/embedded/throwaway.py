"""Servers for one run of tests or benchmarks: in a temporary directory, gone afterwards.

A given Postgres keeps everything that it has: the run gets a database of its own there, made by the
owner and dropped at the end. A killed run leaves at most its directory, which the next run sweeps away.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from config.embedded.data import DataDirectory
from config.embedded.servers import Servers, define_roles, given_postgres, run_psql

_PREFIX = "living-maps-run-"
_DATABASE_URLS = ("DATABASE_URL", "OWNER_DATABASE_URL", "SUPERUSER_DATABASE_URL")


@contextmanager
def throwaway_servers(
    database: str, *, safe: bool = False, buffers: str | None = None
) -> Iterator[dict[str, str]]:
    """Yield the environment of servers that end with the block; `database` has roles, no tables.

    `safe` True keeps full durability (benchmarks must pay for their commits); `buffers` as in Postgres.
    Raises Refusal.
    """
    _sweep()
    path = Path(tempfile.mkdtemp(prefix=_PREFIX))
    path.chmod(0o711)
    data = DataDirectory(path)
    data.prepare()
    data.lock()
    servers = Servers(data, safe=safe, buffers=buffers)
    try:
        environment = servers.start(database)
        with _own_database(environment, database) as own:
            yield environment | own
    finally:
        servers.stop()
        data.erase()
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _own_database(environment: dict[str, str], database: str) -> Iterator[dict[str, str]]:
    """On a given Postgres, make a database for this run and drop it at the end."""
    if not given_postgres():
        yield {}
        return
    name = f"run_{secrets.token_hex(4)}_{database}"
    owner, app = environment["OWNER_DATABASE_URL"], environment["DATABASE_URL"]
    define_roles(
        owner,
        DATABASE_NAME=name,
        OWNER_ROLE=urlsplit(owner).username or "owner",
        APP_ROLE=urlsplit(app).username or "app",
    )
    try:
        yield {"OWNER_DATABASE_URL": on_database(owner, name), "DATABASE_URL": on_database(app, name)}
    finally:
        run_psql(owner, "-c", f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def lanes(environment: Mapping[str, str], count: int) -> Iterator[None]:
    """Copy the migrated database once per lane, for the block; `lane` says where each copy is.

    Tests of two lanes share no row and no message. Raises Refusal.
    """
    copies = [lane(environment, number) for number in range(count)]
    _sql(environment, *(statement for copy in copies for statement in _copying(environment, copy)))
    try:
        yield
    finally:
        _sql(environment, *(f'DROP DATABASE "{_name(copy)}" WITH (FORCE)' for copy in copies))


def lane(environment: Mapping[str, str], number: int) -> dict[str, str]:
    """Return the URLs of `environment` that are another in the lane of this number."""
    urls = {name: url for name, url in environment.items() if name in _DATABASE_URLS}
    redis = urlsplit(environment["REDIS_URL"])
    shifted = redis._replace(path=f"/{int(redis.path.strip('/') or 0) + 1 + number}")
    return {name: on_database(url, f"lane{number}_{_name(environment)}") for name, url in urls.items()} | {
        "REDIS_URL": urlunsplit(shifted)
    }


def _copying(environment: Mapping[str, str], copy: Mapping[str, str]) -> list[str]:
    name, app = _name(copy), urlsplit(copy["DATABASE_URL"]).username
    return [
        f'CREATE DATABASE "{name}" TEMPLATE "{_name(environment)}"',
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
        f'GRANT CONNECT ON DATABASE "{name}" TO "{app}"',
    ]


def _name(environment: Mapping[str, str]) -> str:
    return urlsplit(environment["DATABASE_URL"]).path.strip("/")


def _sql(environment: Mapping[str, str], *statements: str) -> None:
    """Run the statements one by one, as the owner."""
    commands = [argument for statement in statements for argument in ("-c", statement)]
    run_psql(environment["OWNER_DATABASE_URL"], *commands)


def on_database(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _sweep() -> None:
    """Delete directories whose run was killed: nobody holds their lock any more."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        data = DataDirectory(path)
        if path.stat().st_uid == os.geteuid() and (path / "lock").exists() and data.holder() is None:
            data.erase()
            shutil.rmtree(path, ignore_errors=True)
