"""A workspace on its way out: read in one snapshot, by server-side cursors, on a connection of its own.

A streamed answer is read after its view has returned, on whatever thread the server likes: so neither the
request's transaction nor its connection can carry it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connections

from service.bundle.lines import FORMAT, VERSION, Header, NotIncluded, Settings, written
from service.errors import Conflict

_CHUNK = 64 * 1024
# A slow reader holds the snapshot; one that has gone away does not for ever.
_BEGIN = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '10min'"
_ENTER = "SELECT set_config('app.workspace', %s, true), pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
_SETTINGS = "SELECT name, zone, history_from, now() FROM workspace WHERE id = %s"


class ExportUnderWay(Conflict):
    code, title = "export_under_way", "The workspace is being exported already."


@dataclass(frozen=True, slots=True)
class Section:
    """select: returns each row as JSON text; `%(workspace)s` is the workspace. batch: rows held at a time."""

    name: str
    select: str
    batch: int = 200


class Export:
    """The bytes of a bundle, made while they are read. Iterate once; close it when done or not.

    Raises ExportUnderWay: one export a workspace at a time, as each holds a connection.
    """

    def __init__(
        self, workspace_id: uuid.UUID, sections: Sequence[Section], not_included: Sequence[NotIncluded]
    ) -> None:
        wrapper: Any = connections.create_connection("default")
        wrapper.inc_thread_sharing()
        wrapper.connect()
        self._wrapper = wrapper
        raw: psycopg.Connection[Any] = wrapper.connection
        try:
            raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            raw.read_only = True
            raw.autocommit = False
            raw.execute(_BEGIN)
            entered = raw.execute(_ENTER, [str(workspace_id), f"export:{workspace_id}"]).fetchone()
            if entered is None or not entered[1]:
                raise ExportUnderWay(headers={"Retry-After": "10"})
            [(name, zone, history_from, now)] = raw.execute(_SETTINGS, [workspace_id]).fetchall()
        except BaseException:
            wrapper.close()
            raise
        header = Header(
            format=FORMAT,
            version=VERSION,
            exported_at=now,
            workspace=Settings(name, zone, history_from),
            sections=tuple(section.name for section in sections),
            not_included=tuple(not_included),
        )
        self._chunks = _chunked(written(header, _rows(raw, workspace_id, sections)))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        self._wrapper.close()


def _rows(
    raw: psycopg.Connection[Any], workspace_id: uuid.UUID, sections: Sequence[Section]
) -> Iterator[tuple[str, bytes]]:
    for section in sections:
        with raw.cursor(name="bundle") as cursor:
            cursor.itersize = section.batch
            cursor.execute(section.select.encode(), {"workspace": workspace_id})
            for (row,) in cursor:
                yield section.name, row.encode()


def _chunked(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Join short lines: each piece is a call into the server and a frame on the wire."""
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
