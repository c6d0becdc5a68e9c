"""Readings put in by SQL, in the order of time, into the tables and partitions that the service reads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bench.databases import as_owner
from kpis.queries.points import SeriesRef

CORRECTED = 25
"""One figure in so many."""
YEAR, MONTH = timedelta(days=365), timedelta(days=31)
HOURS_AT_ONCE, EVENTS_AT_ONCE = 100, 100
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
INSERT INTO rollup_day (workspace_id, series_id, start_at, end_at, n, total, observed_at)
SELECT workspace_id, series_id, date_trunc('day', end_at), date_trunc('day', end_at) + interval '1 day',
       sum(value)::bigint, sum(value), max(end_at)
FROM reading WHERE key <> '' AND end_at < %(today)s GROUP BY 1, 2, 3
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), conname, pg_get_constraintdef(c.oid)
FROM pg_index LEFT JOIN pg_constraint c ON conindid = indexrelid AND conrelid = indrelid
WHERE indrelid = 'reading'::regclass
"""
# All figures, and of events the stretch that daily series are read of: from their keys alone.
_WARM = """
SELECT count(*) FROM reading
WHERE workspace_id = %(workspace)s AND series_id = ANY(%(series)s) AND end_at >= %(since)s
"""


def fill(
    *,
    workspace_id: uuid.UUID,
    series: Mapping[str, Sequence[SeriesRef]],
    each: int,
    at: datetime,
    grown: bool,
) -> datetime:
    """Put in so many readings of each series up to `at`, figures by the hour, events over a year with their
    rollups; return where the figures begin.

    grown: the keys stand meanwhile, and external ids are put in, too; else they are made again afterwards.
    """
    hours = each * CORRECTED // (CORRECTED + 1)
    as_owner("SELECT set_config('app.workspace', %(id)s, false)", {"id": str(workspace_id)})
    as_owner("SET maintenance_work_mem = '512MB'")
    again = [] if grown else _drop_keys()
    _put_figures(workspace_id, series["figures"], at, hours)
    _put_events(workspace_id, series["events"], at, each)
    for definition in again:
        as_owner(definition)
    if grown:
        as_owner(_KEYS)
    as_owner(_ROLLUPS, {"today": at.replace(hour=0)})
    as_owner("VACUUM ANALYZE reading, reading_key, rollup_day, series")
    return at - timedelta(hours=hours)


def warm(*, workspace_id: uuid.UUID, series: Mapping[str, Sequence[SeriesRef]], at: datetime) -> None:
    """Bring the keys that are read from into the server's memory: of figures all, of events a month."""
    as_owner("SET enable_seqscan = off")
    as_owner("SET enable_bitmapscan = off")
    since = {"figures": datetime.min.replace(tzinfo=at.tzinfo), "events": at - MONTH}
    for kind, mine in series.items():
        values = {"workspace": workspace_id, "series": [one.id for one in mine], "since": since[kind]}
        as_owner(_WARM, values)


def _drop_keys() -> list[str]:
    """Drop the keys of readings; return the statements that make them again."""
    again = []
    for name, index, constraint, definition in as_owner(_INDEXES):
        if constraint:
            as_owner(f'ALTER TABLE reading DROP CONSTRAINT "{constraint}"')
            again.append(f'ALTER TABLE reading ADD CONSTRAINT "{constraint}" {definition}')
        else:
            as_owner(f"DROP INDEX {name}")
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
        as_owner(_FIGURES, values | {"later": timedelta(), "more": 0, "each": 1})
        as_owner(_FIGURES, values | {"later": timedelta(days=1), "more": 1, "each": CORRECTED})


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
        as_owner(_EVENTS, values)
