"""Databases that hold so many million readings, side by side on one server, each with nothing else beside it.

Half the readings are hourly figures, of which one in 25 was corrected a day later; half are single events of
the last year, which have rollups of their days. As many series in each store: what grows is the time that
figures go back (8 days at 1M, 400 at 50M) and how dense events are (200 a series and year, 10,000).
They are put in by SQL in the order of time, into the tables and partitions that the service reads. The
smallest store's keys stand while it is filled, as in life; the others' are made again afterwards.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections
from django.db.utils import load_backend

from bench.ground import make_ground
from bench.live import post
from kpis.models.definitions import Series
from kpis.queries.definitions import definition_now
from kpis.queries.definitions import kpi as find_kpi
from kpis.queries.points import SeriesRef
from service.tenancy import workspace_transaction

ALIASES = ("default", "owner")
KPIS, LABELS = 25, 100
SERIES = KPIS * LABELS  # of figures, and as many of events
CORRECTED = 25  # one in so many
YEAR = timedelta(days=365)
HOURS_AT_ONCE, EVENTS_AT_ONCE = 100, 100
KINDS: dict[str, dict[str, str]] = {
    "figures": {"kind": "count", "period": "hour"},
    "events": {"kind": "count", "period": "day", "holds": "events"},
}
_FIGURES = """
INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value)
SELECT %(workspace)s, id, hour, hour + interval '1 hour', '', hour + interval '65 minutes' + %(later)s,
       1000 + (id * 37 + number * 11 + %(more)s) %% 997
FROM generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '1 hour', '1 hour') AS hour
CROSS JOIN LATERAL (SELECT extract(epoch FROM hour)::bigint / 3600 AS number) AS numbered
CROSS JOIN unnest(%(series)s::bigint[]) AS id
WHERE (id + number) %% %(each)s = 0
ORDER BY hour, id
"""
_EVENTS = """
INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value)
SELECT %(workspace)s, id, at, at, 'e-' || number, at + interval '1 minute', 1 + (id + number * 7) %% 5
FROM generate_series(%(first)s::int, %(last)s::int) AS number
CROSS JOIN unnest(%(series)s::bigint[]) AS id
CROSS JOIN LATERAL (SELECT %(since)s + %(step)s * (number + (id %% 97) / 97.0::float8) AS at) AS placed
ORDER BY number, id
"""
_KEYS = """
INSERT INTO reading_key (workspace_id, series_id, external_id, start_at, end_at, payload_hash)
SELECT workspace_id, series_id, key, start_at, end_at, sha256(convert_to(key, 'UTF8'))
FROM reading WHERE key <> '' ORDER BY end_at
"""
_ROLLUPS = """
INSERT INTO rollup_day (workspace_id, series_id, start_at, end_at, n, total, minimum, maximum, observed_at)
SELECT workspace_id, series_id, date_trunc('day', end_at), date_trunc('day', end_at) + interval '1 day',
       sum(value)::bigint, sum(value), min(value), max(value), max(end_at)
FROM reading WHERE key <> '' AND end_at < %(today)s GROUP BY 1, 2, 3
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), conname, pg_get_constraintdef(c.oid)
FROM pg_index LEFT JOIN pg_constraint c ON conindid = indexrelid AND conrelid = indrelid
WHERE indrelid = 'reading'::regclass
"""
_SIZES = """
SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)),
       pg_total_relation_size('reading_key'), pg_total_relation_size('rollup_day')
FROM pg_partition_tree('reading') WHERE isleaf
"""


@dataclass(frozen=True)
class Store:
    """A database with `readings` readings up to `at`; series by kind (KINDS), sizes in bytes."""

    millions: int
    database: str
    workspace_id: uuid.UUID
    at: datetime
    since: datetime
    series: dict[str, list[SeriesRef]]
    readings: int
    table_size: int
    keys_size: int
    external_size: int
    rollups_size: int

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Within this block, the service's connection is one to this database, in the workspace."""
        with _on(self.database), workspace_transaction(self.workspace_id):
            yield


@contextmanager
def filled_stores(sizes: Sequence[int]) -> Iterator[list[Store]]:
    """Yield a store for each size, in millions; they are dropped at the end of the block."""
    template = str(connections["owner"].settings_dict["NAME"])
    names = {millions: f"{template}_{millions}m" for millions in sizes}
    for alias in ALIASES:
        connections[alias].close()
    try:
        for name in names.values():
            _as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield [
            _filled(millions, name, grown=millions == min(sizes), at=datetime.now(UTC))
            for millions, name in names.items()
        ]
    finally:
        for name in names.values():
            for wrapper in _wrappers.pop(name, {}).values():
                wrapper.close()
            _as_owner(f'DROP DATABASE IF EXISTS "{name}"')


_wrappers: dict[str, dict[str, Any]] = {}


@contextmanager
def _on(database: str) -> Iterator[None]:
    """Put connections to another database in the places of this thread's own."""
    own = {alias: connections[alias] for alias in ALIASES}
    if database not in _wrappers:
        _wrappers[database] = {
            alias: load_backend(wrapper.settings_dict["ENGINE"]).DatabaseWrapper(
                {**wrapper.settings_dict, "NAME": database}, alias
            )
            for alias, wrapper in own.items()
        }
    for alias, wrapper in _wrappers[database].items():
        connections[alias] = wrapper
    try:
        yield
    finally:
        for alias, wrapper in own.items():
            connections[alias] = wrapper


def _as_owner(sql: str, values: dict[str, Any] | None = None) -> list[Any]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def _filled(millions: int, database: str, *, grown: bool, at: datetime) -> Store:
    at = at.replace(minute=0, second=0, microsecond=0)
    with _on(database):
        ground = make_ground(f"bench {millions}M")
        series: dict[str, list[SeriesRef]] = {}
        for kind, terms in KINDS.items():
            for number in range(KPIS):
                key = f"{kind}-{number}"
                post(ground, "/v1/kpis", {"key": key, "name": key, **terms})
            series[kind] = _make_series(ground.workspace.id, kind, at)
        each = millions * 500_000 // SERIES
        hours = each * CORRECTED // (CORRECTED + 1)
        _as_owner("SELECT set_config('app.workspace', %(id)s, false)", {"id": str(ground.workspace.id)})
        _as_owner("SET maintenance_work_mem = '512MB'")
        again = [] if grown else _drop_keys()
        _put_figures(ground.workspace.id, series["figures"], at, hours)
        _put_events(ground.workspace.id, series["events"], at, each)
        for definition in again:
            _as_owner(definition)
        if grown:
            _as_owner(_KEYS)
        _as_owner(_ROLLUPS, {"today": at.replace(hour=0)})
        _as_owner("VACUUM ANALYZE reading, reading_key, rollup_day, series")
        ((count,),) = _as_owner("SELECT count(*) FROM reading")
        (sizes,) = _as_owner(_SIZES)
        since = at - timedelta(hours=hours)
        return Store(millions, database, ground.workspace.id, at, since, series, count, *map(int, sizes))


def _make_series(workspace_id: uuid.UUID, kind: str, at: datetime) -> list[SeriesRef]:
    made: list[SeriesRef] = []
    with workspace_transaction(workspace_id):
        for number in range(KPIS):
            row = find_kpi(workspace_id, f"{kind}-{number}")
            definition = definition_now(row)
            rows = Series.objects.bulk_create(
                Series(
                    workspace_id=workspace_id,
                    kpi_id=row.id,
                    revision=row.revision,
                    labels={"segment": f"s-{label}"},
                    labels_key=f'{{"segment":"s-{label}"}}',
                    told_at=at,
                    created_at=at,
                )
                for label in range(LABELS)
            )
            made += [SeriesRef(one.id, one.revision, definition) for one in rows]
    return made


def _drop_keys() -> list[str]:
    """Drop the keys of readings; return the statements that make them again."""
    again = []
    for name, index, constraint, definition in _as_owner(_INDEXES):
        if constraint:
            _as_owner(f'ALTER TABLE reading DROP CONSTRAINT "{constraint}"')
            again.append(f'ALTER TABLE reading ADD CONSTRAINT "{constraint}" {definition}')
        else:
            _as_owner(f"DROP INDEX {name}")
            again.append(index)
    return again


def _put_figures(workspace_id: uuid.UUID, series: Sequence[SeriesRef], at: datetime, hours: int) -> None:
    for ago in range(hours, 0, -HOURS_AT_ONCE):
        values = {
            "workspace": workspace_id,
            "series": [one.id for one in series],
            "since": at - timedelta(hours=ago),
            "until": at - timedelta(hours=max(ago - HOURS_AT_ONCE, 0)),
        }
        _as_owner(_FIGURES, values | {"later": timedelta(), "more": 0, "each": 1})
        _as_owner(_FIGURES, values | {"later": timedelta(days=1), "more": 1, "each": CORRECTED})


def _put_events(workspace_id: uuid.UUID, series: Sequence[SeriesRef], at: datetime, each: int) -> None:
    for first in range(0, each, EVENTS_AT_ONCE):
        values = {
            "workspace": workspace_id,
            "series": [one.id for one in series],
            "first": first,
            "last": min(first + EVENTS_AT_ONCE, each) - 1,
            "since": at - YEAR,
            "step": YEAR / each,
        }
        _as_owner(_EVENTS, values)
