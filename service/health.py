"""What readiness and metrics say, read at the time of asking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor

from service.due import backlog
from service.partitions import rooms


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each check by name; the broker is told but does not decide: without it work is only later. Nor does
    partitions: whether each table has one for its coming period."""

    database: bool
    migrations: bool
    broker: bool
    due_lag_s: float | None
    partitions: bool

    @property
    def ready(self) -> bool:
        return self.database and self.migrations

    def as_dict(self) -> dict[str, Any]:
        return {
            "ready": self.ready,
            "checks": {
                "database": self.database,
                "migrations": self.migrations,
                "broker": self.broker,
                "due_lag_s": self.due_lag_s,
                "partitions": self.partitions,
            },
        }


def readiness(*, at: datetime) -> Readiness:
    """Ask the database, the migrations and the broker."""
    lag: float | None = None
    database = migrated = ahead = False
    try:
        with connections["default"].cursor() as cursor:
            ahead = all(room.ahead for room in rooms(cursor, at=at))
        database = True
        migrated = _migrated()
        if migrated:
            lag = max((waited for _, _, waited in backlog(at=at)), default=0.0)
    except Error:
        connections["default"].close()
    return Readiness(database, migrated, _broker(), lag, ahead)


_up_to_date = False


def _migrated() -> bool:
    """Once true it stays true for this process: the code does not grow migrations while it runs."""
    global _up_to_date
    if not _up_to_date:
        executor = MigrationExecutor(connections["default"])
        _up_to_date = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _up_to_date


def _broker() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def measure(*, at: datetime) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield (name, labels, value) of what the database knows at this moment."""
    for kind, rows, waited in backlog(at=at):
        yield "livingmaps_due_rows", {"kind": kind}, float(rows)
        yield "livingmaps_due_oldest_seconds", {"kind": kind}, waited
    with connections["default"].cursor() as cursor:
        for room in rooms(cursor, at=at):
            left = 0.0 if room.until is None else (room.until - at).total_seconds()
            yield "livingmaps_partition_room_seconds", {"table": room.table}, left
