"""PostgreSQL: one query in a transaction that the server keeps read-only, on a connection of its own.

`BEGIN READ ONLY` is the server's word: once a query has run in it, no query can take it back. The extended
protocol, which a parameter makes the driver use, has room for one statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import errors

from kpis.connectors.base import PullFailed, Window
from kpis.connectors.sql.dsn import Dsn, authorities
from kpis.connectors.sql.values import busy, names_of, plain, weight
from service.outbound.addresses import Address

_MODES = {"verify": "verify-full", "require": "require", "off": "disable"}
# How libpq's text begins when somebody answered (its connections carry no SQLSTATE).
_ANSWERED = ("FATAL", "SSL", "server ", "certificate ")
# What it says when it is busy (53300, 57P03), in the texts of its English messages.
_BUSY = re.compile(r"too many (?:clients|connections)|connection slots are reserved|database system is ")
# What trying again soon may heal.
_PASSES = (psycopg.OperationalError, errors.QueryCanceled, errors.LockNotAvailable)


async def rows(
    dsn: Dsn, address: Address, statement: str, window: Window, *, most: int, timeout_s: int, max_bytes: int
) -> list[dict[str, Any]]:
    """Return at most `most` rows by column name. Raises PullFailed; OSError where nobody is."""
    try:
        connection = await psycopg.AsyncConnection.connect(
            host=dsn.host,
            hostaddr=str(address),  # the checked one; the name is for the certificate
            port=dsn.port,
            user=dsn.user,
            password=dsn.password,
            dbname=dsn.database,
            sslmode=_MODES[dsn.tls],
            sslrootcert=authorities() if dsn.tls == "verify" else "",
            gssencmode="disable",
            client_encoding="UTF8",
            connect_timeout=5,
            application_name="living-maps",
            autocommit=True,
        )
    except psycopg.OperationalError as error:
        text = str(error).partition("\n")[0].rpartition("failed: ")[2]
        if not text.startswith(_ANSWERED):
            raise OSError("the database cannot be connected to") from error
        if _BUSY.search(text):
            raise busy(text[:300]) from error
        raise PullFailed(f"The database refuses the connection: {text[:300]}", permanent=True) from error
    async with connection:
        try:
            return await _read(connection, statement, window, most, timeout_s, max_bytes)
        except psycopg.Error as error:
            passes = isinstance(error, _PASSES)
            raise PullFailed(f"The database says: {said(error)}", permanent=not passes) from error


async def _read(
    connection: psycopg.AsyncConnection[Any],
    statement: str,
    window: Window,
    most: int,
    timeout_s: int,
    max_bytes: int,
) -> list[dict[str, Any]]:
    await connection.execute("BEGIN TRANSACTION READ ONLY")
    await connection.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('TimeZone', 'UTC', true)",
        [f"{timeout_s}s"],
    )
    parameters: Mapping[str, Any] = {"start": window.start, "end": window.end, "most": most}
    found: list[dict[str, Any]] = []
    left = max_bytes
    async with connection.cursor() as cursor:
        names: list[str] = []
        async for row in cursor.stream(statement.encode(), parameters):
            names = names or names_of([column.name for column in cursor.description or ()])
            left -= weight(row)
            if left < 0:
                raise PullFailed(f"More than {max_bytes} bytes: ask for less.", permanent=True)
            found.append({name: plain(value) for name, value in zip(names, row, strict=True)})
    return found


def said(error: psycopg.Error) -> str:
    """The first line of what the server says, without what it quotes of the query."""
    return (error.diag.message_primary or str(error).partition("\n")[0])[:300]
