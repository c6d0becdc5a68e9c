"""The workspace of a transaction. Without one, row level security shows and accepts nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from service.sql import fetch

# `void` has no binary form.
_WAIT = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))::text"
_WAIT_EACH = (
    "SELECT pg_advisory_xact_lock(hashtextextended(key, 0))::text FROM unnest(%(keys)s::text[]) AS key"
)
_SHARE = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%(key)s, 0))::text"
_TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(key)s, 0))"


def enter_workspace(workspace_id: uuid.UUID) -> None:
    """Bind the running transaction to a workspace; it ends with the transaction, never with the session."""
    if not connection.in_atomic_block:
        raise RuntimeError("A workspace is entered inside a transaction: the setting must end with it.")
    fetch("SELECT set_config('app.workspace', %(workspace)s, true)", {"workspace": str(workspace_id)})


@contextmanager
def workspace_transaction(workspace_id: uuid.UUID) -> Iterator[None]:
    """Open a transaction that sees one workspace: for workers, commands and streams."""
    with transaction.atomic():
        enter_workspace(workspace_id)
        yield


def advisory_lock(*names: object, wait: bool = True, shared: bool = False) -> bool:
    """Take a lock that ends with the transaction; return False when `wait` is false and it is held.

    shared: wait for it, and hold it together with others, while nobody holds it alone.
    """
    key = ":".join(str(name) for name in names)
    if shared:
        fetch(_SHARE, {"key": key})
        return True
    rows = fetch(_WAIT if wait else _TRY, {"key": key})
    return True if wait else bool(rows[0][0])


def advisory_locks(names: Sequence[Sequence[object]]) -> None:
    """Take locks that end with the transaction, one after the other in the order given. One statement.

    Whoever takes several takes them in one order, else they may wait for each other in a circle.
    """
    if names:
        fetch(_WAIT_EACH, {"keys": [":".join(map(str, each)) for each in names]})
