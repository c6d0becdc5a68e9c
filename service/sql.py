"""SQL of hot paths, run in the current transaction: rows in binary, plans that are kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format


def fetch(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement of a hot path in the current transaction and return its rows. Instants are in UTC.

    Rows travel in binary: psycopg decodes them in C, where Django's loader of timestamps takes ten
    microseconds of Python for each. Parameters go beside the text, so null ones need a cast in it, and
    the connection prepares what it sees often (DATABASES, prepare_threshold). Django's own cursor can do
    neither; its wrapper is kept, so errors, logs and counts of statements are the same.
    """
    with _cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_meanwhile(sql: str, values: Mapping[str, Any], work: Callable[[], object]) -> list[tuple[Any, ...]]:
    """As `fetch`; `work`, which asks nothing of the server, is done while that is at the statement."""
    connection.ensure_connection()
    with connection.connection.pipeline(), _cursor() as cursor:
        cursor.execute(sql, values)
        work()
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def array(values: Iterable[uuid.UUID] | Iterable[int]) -> str:
    """Return ids or whole numbers as the text of an array, to be cast in the statement.

    psycopg writes a list element by element in Python, which takes ten times as long.
    """
    return "{" + ",".join(map(str, values)) + "}"


def execute(sql: str, values: Mapping[str, Any]) -> None:
    """Run a statement of a hot path that answers no rows; its parameters go beside the text."""
    with _cursor() as cursor:
        cursor.execute(sql, values)


def _cursor() -> CursorWrapper:
    wrapper: Any = connections[DEFAULT_DB_ALIAS]  # `connection` would look it up anew for each attribute
    wrapper.ensure_connection()
    raw = psycopg.Cursor(wrapper.connection)
    raw.format = Format.BINARY
    wrapped: CursorWrapper = (
        wrapper.make_debug_cursor(raw) if wrapper.queries_logged else wrapper.make_cursor(raw)
    )
    return wrapped
