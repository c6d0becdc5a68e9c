"""What an operator can get wrong, refused with a sentence that says what to do."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Critical, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

from service import vault
from service.outbound.addresses import parse_network
from service.partitions import rooms

log = logging.getLogger(__name__)
OLDEST_POSTGRES = 170000
OPEN_TABLES = frozenset({"workspace", "credential", "due"})


@register(Tags.security)
def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        vault.check_keys(tuple(settings.VAULT_KEYS))
    except ImproperlyConfigured as problem:
        return [Error(str(problem), id="service.E001")]
    return []


@register(Tags.security)
def check_secret(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) < 32:
        return [Error("SECRET_KEY is short.", hint="Set at least 32 random characters.", id="service.E003")]
    return []


@register
def check_fonts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    hint = "Name directories that are there, or leave RENDITION_FONTS empty."
    return [
        Error(f"RENDITION_FONTS: {directory} is no directory.", hint=hint, id="service.E004")
        for directory in settings.RENDITION_FONTS
        if not Path(directory).is_dir()
    ]


@register(Tags.security)
def check_networks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    hint = "Name networks like 10.20.0.0/16 and single addresses, comma separated; see docs/operations.md."
    found: list[CheckMessage] = []
    for text in settings.OUTBOUND_ALLOW_NETWORKS:
        try:
            parse_network(text)
        except ValueError as problem:
            found.append(Error(f"OUTBOUND_ALLOW_NETWORKS: {problem}", hint=hint, id="service.E005"))
    return found


@register(Tags.database)
def check_database(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Hold the database that the service runs on against what it needs; run with --database default."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        return faults(cursor)


def faults(cursor: Any) -> list[CheckMessage]:
    """Return what is wrong with the server, database, role and tables that the cursor reaches."""
    return [*_server(cursor), *_role(cursor), *_row_security(cursor), *_partitions(cursor)]


def _server(cursor: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
    version, encoding = cursor.fetchone()
    if version < OLDEST_POSTGRES:
        hint = "Point DATABASE_URL at PostgreSQL 17 or 18."
        found.append(Critical(f"PostgreSQL {version // 10000} is too old.", hint=hint, id="service.E010"))
    if encoding != "UTF8":
        hint = "Create the database with ENCODING 'UTF8'."
        found.append(Critical(f"The database is encoded in {encoding}.", hint=hint, id="service.E011"))
    cursor.execute("SELECT lower('É') = 'é'")
    if not cursor.fetchone()[0]:
        hint = "Create the database with LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'."
        found.append(Critical("The database's locale knows ASCII only.", hint=hint, id="service.E012"))
    return found


def _role(cursor: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    name, superuser, bypass = cursor.fetchone()
    hint = "Use a role with NOSUPERUSER NOBYPASSRLS that owns nothing; see docs/operations.md, Roles."
    if superuser or bypass:
        found.append(Critical(f"The role {name} passes row level security by.", hint=hint, id="service.E013"))
    cursor.execute(
        """
        SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND pg_has_role(current_user, c.relowner, 'MEMBER') AND NOT %s
        """,
        [superuser],
    )
    if cursor.fetchone()[0]:
        found.append(Critical(f"The role {name} owns tables that it serves.", hint=hint, id="service.E014"))
    return found


def _row_security(cursor: Any) -> list[CheckMessage]:
    cursor.execute(
        """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND c.relname <> ALL(%s) ORDER BY 1
        """,
        [list(OPEN_TABLES)],
    )
    bare = [row[0] for row in cursor.fetchall()]
    if not bare:
        return []
    hint = "Run `manage.py migrate --database=owner`; do not restore single tables without their policies."
    return [Critical(f"No forced row level security on {', '.join(bare)}.", hint=hint, id="service.E015")]


def _partitions(cursor: Any) -> list[CheckMessage]:
    """A warning: the worker that makes partitions must be able to start."""
    hint = "Run `manage.py make_partitions` as the owner; else workers do it once an hour while beat runs."
    return [
        Warning(
            f"Rows of {room.table} have no place "
            + ("now." if room.until is None else f"from {room.until:%Y-%m-%d} on."),
            hint=hint,
            id="service.W016",
        )
        for room in rooms(cursor, at=datetime.now(UTC))
        if not room.ahead
    ]


def refuse_unfit_database() -> None:
    """Refuse to start on a database that breaks a promise; one that is down is /readyz's matter.

    What is no reason not to start is logged. Raises ImproperlyConfigured with every sentence.
    """
    try:
        found = run_checks(databases=["default"], include_deployment_checks=False)
    except OperationalError:
        return
    finally:
        connections["default"].close()
    serious = [message for message in found if message.is_serious()]
    for message in found:
        if message not in serious:
            log.warning("%s %s (%s)", message.msg, message.hint or "", message.id)
    if serious:
        raise ImproperlyConfigured("\n".join(f"{m.msg} {m.hint or ''} ({m.id})" for m in serious))
