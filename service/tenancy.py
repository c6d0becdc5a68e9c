"""The workspace of a transaction. Without one, row level security shows and accepts nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def enter_workspace(workspace_id: uuid.UUID) -> None:
    """Bind the running transaction to a workspace; it ends with the transaction, never with the session."""
    if not connection.in_atomic_block:
        raise RuntimeError("A workspace is entered inside a transaction: the setting must end with it.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace', %s, true)", [str(workspace_id)])


@contextmanager
def workspace_transaction(workspace_id: uuid.UUID) -> Iterator[None]:
    """Open a transaction that sees one workspace: for workers, commands and streams."""
    with transaction.atomic():
        enter_workspace(workspace_id)
        yield


def advisory_lock(*names: object, wait: bool = True) -> bool:
    """Take a lock that ends with the transaction; return False when `wait` is false and it is held."""
    key = ":".join(str(name) for name in names)
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])
        row = cursor.fetchone()
    return True if wait else bool(row and row[0])
