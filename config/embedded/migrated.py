"""Whether the database already has this code's migrations, asked without loading Django.

Loading it to learn that nothing is to be done is the longest step of a warm `up`. So after `migrate` the
database carries a comment: the digest of all migrations and how many were applied then. Whatever changes
one of the two (a pull, a `migrate … zero`, a restored dump) makes `up` migrate again. So does a new year:
partitions are made a few years ahead.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from config.embedded.data import ROOT
from config.embedded.servers import run_psql

_COMMENT = """
SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = current_database()
"""


def is_migrated(owner_url: str) -> bool:
    """Return whether `note_migrated` was told of this very state. Raises Refusal."""
    comment = run_psql(owner_url, "-Atc", _COMMENT).strip()
    return comment.startswith(_digest()) and comment == _state(owner_url)


def note_migrated(owner_url: str) -> None:
    """Remember that every migration of this code is applied. Raises Refusal."""
    comment = f"format('COMMENT ON DATABASE %I IS %L', current_database(), '{_state(owner_url)}')"
    run_psql(owner_url, "-c", f"DO $$ BEGIN EXECUTE {comment}; END $$")


def _state(owner_url: str) -> str:
    applied = run_psql(owner_url, "-Atc", "SELECT count(*) FROM django_migrations").strip()
    return f"{_digest()} {applied}"


def _digest() -> str:
    """Return the digest of our migrations and of the packages that bring others."""
    files = [ROOT / "requirements" / "runtime.lock", *sorted(ROOT.glob("*/migrations/**/*.*"))]
    found = hashlib.sha256(str(datetime.now(UTC).year).encode())
    for file in files:
        if file.is_file() and file.suffix != ".pyc":
            found.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()
