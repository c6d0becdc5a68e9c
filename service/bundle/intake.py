"""A workspace on its way in: all or nothing, into an empty one, with the line of whatever is wrong.

Rows go in by batches. Only where the database refuses a batch are its rows tried one by one, to find which.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from django.db import DatabaseError, DataError, IntegrityError, connection, models, transaction

from service.bundle.lines import InvalidBundle, Line, Reader, issue_of
from service.bundle.tables import Check, Table
from service.errors import Conflict, Issue
from service.renderers import encode
from service.tenancy import advisory_lock

BATCH_ROWS, BATCH_BYTES = 500, 8 * 1024 * 1024
_TAKEN_MAX = 5
# Clocks of two servers may differ a little; what was recorded later than now would never be read as known.
_SKEW = timedelta(seconds=5)
_PAST = frozenset({"created_at", "updated_at", "archived_at", "recorded_at", "published_at"})
_BEGIN = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '2min'"


class NotEmpty(Conflict):
    """409: `there` counts what the workspace holds."""

    code, title = "workspace_not_empty", "A bundle goes into an empty workspace only."


class IdsTaken(Conflict):
    """409: ids of the bundle belong to another workspace of this service; `ids` names the first."""

    code, title = "identity_taken", "An id belongs to something else."


class Taker(Protocol):
    """Takes the rows of a section, batch by batch; `close` when the section is over, or had none."""

    def take(self, lines: Sequence[Line]) -> None: ...

    def close(self) -> None: ...


def begin(*, workspace_id: uuid.UUID, held: Iterable[type[models.Model]]) -> None:
    """Make sure that the workspace is empty, and nobody else fills it by a bundle. Raises NotEmpty.

    Runs in the caller's transaction, which is given the time that it needs.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN)
    advisory_lock("import", workspace_id)
    there = {}
    for model in held:
        count = model._default_manager.filter(workspace_id=workspace_id)[:1000].count()
        if count:
            there[model._meta.db_table] = count
    if there:
        names = ", ".join(f"{count} in {name}" for name, count in there.items())
        raise NotEmpty(f"There are rows already: {names}.", members={"there": there})


def take_in(reader: Reader, takers: Mapping[str, Taker]) -> dict[str, int]:
    """Store all rows of a bundle and return how many of each section there were.

    takers: one per section that the service knows, in its order. Raises InvalidBundle, IdsTaken, TooLarge.
    """
    waiting = iter(takers.items())
    current, taker = next(waiting)
    for batch in _batches(reader.lines()):
        while batch[0].section != current:
            taker.close()
            current, taker = next(waiting)
        taker.take(batch)
    taker.close()
    for _, rest in waiting:
        rest.close()
    return {name: reader.counts[name] for name in takers}


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Join neighbours of one section, as many as go into memory."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        full = len(batch) >= BATCH_ROWS or size + len(line.row) > BATCH_BYTES
        if batch and (full or line.section != batch[0].section):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.row)
    if batch:
        yield batch


class Shaped:
    """Decodes the rows of a section by a shape, and asks what else they must be."""

    def __init__(self, shape: type[msgspec.Struct], *, at: datetime, check: Check | None = None) -> None:
        self._decoder = msgspec.json.Decoder(shape)
        self._instants = [name for name in shape.__struct_fields__ if name in _PAST]
        self._latest, self._check = at + _SKEW, check

    def rows(self, lines: Iterable[Line]) -> list[Any]:
        """Raises InvalidBundle."""
        return [self.row(line) for line in lines]

    def row(self, line: Line) -> Any:
        try:
            row = self._decoder.decode(line.row)
        except msgspec.DecodeError as error:
            raise InvalidBundle(line.number, issue_of(error)) from error
        for name in self._instants:
            instant = getattr(row, name)
            if instant is not None and instant > self._latest:
                detail = "This lies in the future: the clocks of the two servers differ."
                raise InvalidBundle(line.number, Issue(f"/row/{name}", "in_the_future", detail))
        if self._check is not None:
            found = [issue.under("/row") for issue in self._check(msgspec.json.decode(line.row))]
            if found:
                raise InvalidBundle(line.number, *found)
        return row


class TableTaker:
    """Takes the rows of a table as they are."""

    def __init__(
        self, table: Table, *, workspace_id: uuid.UUID, at: datetime, check: Check | None = None
    ) -> None:
        self.table, self.workspace_id = table, workspace_id
        self._shaped = Shaped(table.shape, at=at, check=check)

    def take(self, lines: Sequence[Line]) -> None:
        self.store(lines, self._shaped.rows(lines))

    def store(self, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        """Insert rows, each from the line of its place. Raises InvalidBundle, IdsTaken."""
        insert(self.table.insert, lines, rows, workspace_id=self.workspace_id, table=self.table.table)

    def close(self) -> None:
        pass


def insert(
    sql: str, lines: Sequence[Line], rows: Sequence[Any], *, workspace_id: uuid.UUID, table: str
) -> None:
    """Run an INSERT of `rows` (one JSON text) for lines of a bundle. Raises InvalidBundle, IdsTaken."""
    try:
        _insert(sql, workspace_id, rows)
    except (IntegrityError, DataError):
        taken = []
        for line, row in zip(lines, rows, strict=True):
            try:
                _insert(sql, workspace_id, [row])
            except (IntegrityError, DataError) as error:
                if not _taken_elsewhere(error, table, workspace_id, row):
                    raise InvalidBundle(line.number, _said(error)) from error
                taken.append((line.number, str(row.id)))
                if len(taken) == _TAKEN_MAX:
                    break
        if taken:
            told = ", ".join(f"{own} (line {number})" for number, own in taken)
            raise IdsTaken(
                f"Taken on this server: {told}.", members={"ids": [own for _, own in taken]}
            ) from None


def _insert(sql: str, workspace_id: uuid.UUID, rows: Sequence[Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, {"workspace": workspace_id, "rows": encode(rows).decode()})


def _taken_elsewhere(error: DatabaseError, table: str, workspace_id: uuid.UUID, row: Any) -> bool:
    """Tell whether the row's id is another workspace's, whose rows we cannot see."""
    if _diagnosed(error, "constraint_name") != f"{table}_pkey" or not hasattr(row, "id"):
        return False
    with connection.cursor() as cursor:
        ours = f"SELECT 1 FROM {table} WHERE workspace_id = %s AND id = %s"  # noqa: S608
        cursor.execute(ours, [workspace_id, row.id])
        return cursor.fetchone() is None


_RULES = {
    "23503": ("unknown_reference", "It names what is not in the bundle"),
    "23505": ("duplicate", "The bundle has it already"),
}


def _said(error: DatabaseError) -> Issue:
    """Return what the database objects to, in our words."""
    code = _diagnosed(error, "sqlstate")
    named, told = _RULES.get(code, ("invalid", _diagnosed(error, "message_primary")))
    constraint = _diagnosed(error, "constraint_name")
    return Issue("/row", named, f"{told} ({constraint})." if constraint else f"{told}.")


def _diagnosed(error: DatabaseError, member: str) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), member, None) or "")
