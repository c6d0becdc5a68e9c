-- Days whose rollups no longer say what the readings say.
INSERT INTO dirty_day (workspace_id, series_id, start_at, end_at)
SELECT %(workspace)s, series_id, start_at, end_at
FROM unnest(%(series)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
  AS day (series_id, start_at, end_at)
ON CONFLICT DO NOTHING
