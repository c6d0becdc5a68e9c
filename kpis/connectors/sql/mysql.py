"""MySQL and MariaDB: one query in a transaction that the server keeps read-only, on a connection of its own.

The driver works in a thread; the socket is opened here, to the checked address, and closed when nobody waits
any more, which ends the thread. LOCAL INFILE and several statements at once are never agreed on.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import SSCursor

from kpis.connectors.base import PullFailed, Window
from kpis.connectors.sql.dsn import Dsn, authorities
from kpis.connectors.sql.values import busy, names_of, plain
from service.outbound.addresses import Address

CONNECT_S = 5
# Access and grammar; what else fails may pass.
_REFUSED = frozenset({1044, 1045, 1049, 1054, 1060, 1064, 1142, 1143, 1146, 1227, 1290, 1370, 1698, 1792})
# No connection left: of the server, of the user, in this hour.
_BUSY = frozenset({1040, 1203, 1226})


class _Capped(Connection):
    """A connection that reads so many bytes and no more, whatever the server sends."""

    left = 0
    _sock: socket.socket | None

    def _read_bytes(self, num_bytes: int) -> bytes:
        self.left -= num_bytes
        if self.left < 0:
            raise PullFailed("The database sends more than is read: ask for less.", permanent=True)
        return bytes(super()._read_bytes(num_bytes))  # type: ignore[misc]


async def rows(
    dsn: Dsn, address: Address, statement: str, window: Window, *, most: int, timeout_s: int, max_bytes: int
) -> list[dict[str, Any]]:
    """Return at most `most` rows by column name. Raises PullFailed; OSError where nobody is."""
    connection = _Capped(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        password=dsn.password,
        database=dsn.database,
        charset="utf8mb4",
        ssl=_context(dsn) if dsn.tls != "off" else None,
        ssl_disabled=dsn.tls == "off",
        local_infile=False,
        read_timeout=timeout_s + 2,
        write_timeout=CONNECT_S,
        cursorclass=SSCursor,
        autocommit=True,
        defer_connect=True,
    )
    connection.left = max_bytes + 65_536  # what the greeting takes
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as held:
        held.settimeout(CONNECT_S)
        place = (str(address), dsn.port)
        try:
            return await asyncio.to_thread(_rows, connection, held, place, statement, window, most, timeout_s)
        finally:
            for one in (connection._sock, held):  # of these one is in use, and its thread is to end
                with suppress(OSError):
                    if one is not None:
                        one.shutdown(socket.SHUT_RDWR)


def _rows(
    connection: _Capped,
    held: socket.socket,
    place: tuple[str, int],
    statement: str,
    window: Window,
    most: int,
    timeout_s: int,
) -> list[dict[str, Any]]:
    held.connect(place)
    try:
        connection.connect(sock=held)
        return _read(connection, statement, window, most, timeout_s)
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args else None
        text = str(error.args[-1])[:300] if error.args else ""
        if code in _BUSY:
            raise busy(text) from error
        raise PullFailed(f"The database says: {text}", permanent=code in _REFUSED) from error
    finally:
        connection._force_close()  # type: ignore[attr-defined]  # rows that were not read are not waited for


def _read(
    connection: _Capped, statement: str, window: Window, most: int, timeout_s: int
) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        mariadb = "MariaDB" in connection.get_server_info()  # type: ignore[no-untyped-call]
        limit = f"max_statement_time = {timeout_s}" if mariadb else f"max_execution_time = {timeout_s * 1000}"
        cursor.execute(f"SET SESSION {limit}, time_zone = '+00:00'")
        cursor.execute("START TRANSACTION READ ONLY")
        cursor.execute(statement, {"start": _utc(window.start), "end": _utc(window.end), "most": most})
        names = names_of([column[0] for column in cursor.description or ()])
        return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in cursor]


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _context(dsn: Dsn) -> ssl.SSLContext:
    if dsn.tls == "verify":
        return ssl.create_default_context(cafile=None if authorities() == "system" else authorities())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
