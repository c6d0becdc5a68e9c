-- What was made of readings goes with them: rollups, marks of days to be rebuilt, external ids.
WITH horizon AS MATERIALIZED (
  SELECT readings_from AS at FROM workspace WHERE id = %(workspace)s
), hours AS (
  DELETE FROM rollup_hour USING horizon
  WHERE workspace_id = %(workspace)s AND series_id = ANY(%(series)s::bigint[]) AND end_at <= horizon.at
), days AS (
  DELETE FROM rollup_day USING horizon
  WHERE workspace_id = %(workspace)s AND series_id = ANY(%(series)s::bigint[]) AND end_at <= horizon.at
), restated AS (
  DELETE FROM restatement USING horizon
  WHERE workspace_id = %(workspace)s AND series_id = ANY(%(series)s::bigint[]) AND end_at <= horizon.at
), marks AS (
  DELETE FROM dirty_day USING horizon
  WHERE workspace_id = %(workspace)s AND series_id = ANY(%(series)s::bigint[]) AND end_at <= horizon.at
)
DELETE FROM reading_key USING horizon
WHERE workspace_id = %(workspace)s AND series_id = ANY(%(series)s::bigint[]) AND end_at < horizon.at
