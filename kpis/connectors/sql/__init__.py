"""`sql`: one SELECT on PostgreSQL, MySQL or MariaDB. Each row is a document: mappings need no `items`.

config: {"query": "SELECT day, visits FROM traffic WHERE day >= :start AND day < :end", "max_rows": 5000}; the
secret is the address: postgresql://reader:…@db.example:5432/shop (kpis.connectors.sql.dsn).

That the query only reads is the server's word: a read-only transaction, best with a user who may do nothing
else. The host passes the same checks as every URL, and the connection goes to the address that was checked.

A database is asked in turns, as every host is. One that has no connection left, or is starting, has no word
for how long: all sources of the workspace leave it alone for half a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from rest_framework import serializers

from kpis.connectors.base import Connector, Fetched, PullFailed, Window, not_called
from kpis.connectors.calls import MAX_BYTES, PulledIn
from kpis.connectors.mapping import MAX_ITEMS
from kpis.connectors.sql import mysql, postgres
from kpis.connectors.sql.dsn import BadDsn, Dsn, parse_dsn
from kpis.connectors.sql.statement import bounded
from service.errors import Issue
from service.fields import StrictChar, StrictInteger
from service.outbound import OutboundError, OutboundSession
from service.outbound.addresses import Address

TIMEOUT_S = 15
TOTAL_S = 22.0
_DIALECTS: Mapping[str, Callable[..., Awaitable[list[dict[str, Any]]]]] = {
    "postgresql": postgres.rows,
    "mysql": mysql.rows,
}


class SqlConfigIn(PulledIn):
    """config of the type `sql`; its secret is the address of the database."""

    query = StrictChar(
        max_length=20_000, help_text="One SELECT; :start and :end are the window that is asked about."
    )
    max_rows = StrictInteger(required=False, min_value=1, max_value=MAX_ITEMS)
    timeout_s = StrictInteger(required=False, min_value=1, max_value=TIMEOUT_S)

    def validate_query(self, query: str) -> str:
        if "\0" in query:
            raise serializers.ValidationError("Has no NUL.", code="invalid")
        return query


def check(config: Mapping[str, Any], secret: str | None) -> None:
    """Refuse at once an address that no pull could use."""
    if secret is not None:
        try:
            parse_dsn(secret)
        except BadDsn as error:
            raise serializers.ValidationError({"secret": [str(error)]}, code="bad_dsn") from error


async def fetch(
    config: Mapping[str, Any], secret: str | None, window: Window, outbound: OutboundSession
) -> Fetched:
    """Return the rows as one part."""
    if secret is None:
        raise PullFailed("The secret is missing: it is the address of the database.", permanent=True)
    most = config.get("max_rows", MAX_ITEMS)
    try:
        dsn = parse_dsn(secret)
        async with outbound.turn(dsn.target) as addresses, asyncio.timeout(TOTAL_S):
            try:
                found = await _first(dsn, addresses, config, window, most + 1)
            except PullFailed as failure:
                if failure.retry_after is not None:
                    outbound.pause(dsn.target, float(failure.retry_after))
                raise
    except BadDsn as error:
        raise PullFailed(str(error), permanent=True) from error
    except OutboundError as error:
        raise not_called(error) from error
    except TimeoutError as error:
        raise PullFailed(
            f"The database did not answer in full within {TOTAL_S:g} s.", permanent=False
        ) from error
    if len(found) <= most:
        return Fetched([found], window)
    return Fetched([found[:most]], window, [Issue("", "more_rows", f"Only the first {most} rows are read.")])


async def _first(
    dsn: Dsn, addresses: Sequence[Address], config: Mapping[str, Any], window: Window, most: int
) -> list[dict[str, Any]]:
    """Ask at the first address that takes a connection."""
    ask, timeout_s = _DIALECTS[dsn.dialect], config.get("timeout_s", TIMEOUT_S)
    for address in addresses:
        try:
            return await ask(
                dsn,
                address,
                bounded(config["query"]),
                window,
                most=most,
                timeout_s=timeout_s,
                max_bytes=MAX_BYTES,
            )
        except OSError:
            continue
    raise PullFailed(f"{dsn.host} cannot be connected to.", permanent=False)


def read(config: Mapping[str, Any], fetched: Fetched) -> Sequence[list[Any]]:
    return fetched.parts


CONNECTOR = Connector(SqlConfigIn, fetch, read, check)
