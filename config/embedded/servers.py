"""Which servers a command runs on: those it was given by URL, or embedded ones, each independently.

The service itself reads only the URLs and never knows. A given Postgres comes with both its URLs:
OWNER_DATABASE_URL (migrates) and DATABASE_URL (the service's role, which owns nothing).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from config.embedded.data import DataDirectory
from config.embedded.postgres import Postgres
from config.embedded.programs import postgres_place, psql
from config.embedded.refusal import Refusal
from config.embedded.valkey import Valkey

ROLES_SQL = Path(__file__).with_name("roles.sql")


class Servers:
    """Postgres and Valkey of one command. `safe` False: throw-away, nothing need survive.

    buffers: of Postgres, as it writes them.
    """

    def __init__(self, data: DataDirectory, *, safe: bool = True, buffers: str | None = None) -> None:
        self.data, self.safe, self.buffers = data, safe, buffers
        self.secrets = data.secrets()
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start(self, database: str) -> dict[str, str]:
        """Start what was not given; return the environment that names all of it.

        `database` is made on an embedded Postgres. Raises Refusal.
        """
        environment = self._keys() | self._postgres(database) | self._redis()
        return environment

    def stop(self) -> None:
        """Stop what was started, Postgres first."""
        for server in (self.postgres, self.valkey):
            if server is not None:
                server.stop()

    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        """Return the started servers' processes by name."""
        started = {"postgres": self.postgres, "valkey": self.valkey}
        return {
            name: one.process for name, one in started.items() if one is not None and one.process is not None
        }

    def _keys(self) -> dict[str, str]:
        return {name: os.environ.get(name, self.secrets[name]) for name in ("SECRET_KEY", "VAULT_KEYS")}

    def _postgres(self, database: str) -> dict[str, str]:
        if given := given_postgres():
            return given
        server = Postgres(
            postgres_place(self.data.path),
            password=self.secrets["superuser"],
            log=self.data.fresh_log("postgres"),
            safe=self.safe,
            buffers=self.buffers,
        )
        self.postgres = server
        server.start()
        define_roles(
            server.url(),
            DATABASE_NAME=database,
            OWNER_PASSWORD=self.secrets["owner"],
            APP_PASSWORD=self.secrets["app"],
        )
        place = f"127.0.0.1:{server.port}/{database}"
        return {
            "DATABASE_URL": f"postgresql://app:{self.secrets['app']}@{place}",
            "OWNER_DATABASE_URL": f"postgresql://owner:{self.secrets['owner']}@{place}",
            "SUPERUSER_DATABASE_URL": server.url(database),
        }

    def _redis(self) -> dict[str, str]:
        if given := os.environ.get("REDIS_URL"):
            return {"REDIS_URL": given}
        self.valkey = Valkey(
            self.data.path, password=self.secrets["valkey"], log=self.data.fresh_log("valkey"), safe=self.safe
        )
        self.valkey.start()
        return {"REDIS_URL": self.valkey.url()}


def given_postgres() -> dict[str, str]:
    """Return the URLs of the Postgres that the environment names; empty when it names none."""
    names = ("DATABASE_URL", "OWNER_DATABASE_URL")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    if len(given) == 1:
        there = next(iter(given))
        missing = next(name for name in names if name != there)
        raise Refusal(
            f"{there} is set and {missing} is not: migrations run as the owner, the service as a role "
            "that owns nothing. Set both, or neither for an embedded Postgres."
        )
    return given


def define_roles(url: str, **variables: str) -> None:
    """Run roles.sql on the server of `url`; its variables go through the environment. Raises Refusal."""
    run_psql(url, "-f", str(ROLES_SQL), environment=variables)


def run_psql(url: str, *args: str, environment: Mapping[str, str] | None = None) -> str:
    """Run psql without start-up file; return what it prints. Raises Refusal."""
    address, password = without_password(url)
    done = subprocess.run(
        [str(psql(given=bool(given_postgres()))), "-X", "-q", "-v", "ON_ERROR_STOP=1", *args, address],
        env=psql_environment(password) | dict(environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(f"psql on {address} failed: {done.stderr.strip()}", status=1)
    return done.stdout


def psql_environment(password: str) -> dict[str, str]:
    """Our environment with this password and no other PG* setting."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"PGPASSWORD": password}


def without_password(url: str) -> tuple[str, str]:
    """Split a URL into one that may stand in argv and its password."""
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}@{place}" if name else place)), unquote(password)
